package dev.jdist.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A root in which bubblewrap runs the command: an overlay, or what does for one. */
public final class SandboxRoot implements IsolatedRoot {
    private static final Logger log = LoggerFactory.getLogger(SandboxRoot.class);

    /** Exit status of {@code jdist-sandbox} when it, and not the command, failed. */
    private static final int HELPER_FAILED = 125;
    /** Processes die at once, unless one hangs in the kernel. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final OpenOption[] READ_NO_LINK = {StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS};
    private static final OpenOption[] CREATE = {StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW};

    private final Sandbox sandbox;
    private final Path lower;
    private final Path directory;
    private final RootedTree tree;

    /** Guarded by this: the process that {@link #kill()} may have to end, and whether it was called. */
    private Process running;

    private boolean killed;

    SandboxRoot(Sandbox sandbox, Path lower, Path directory) throws IOException {
        this.sandbox = sandbox;
        this.lower = lower;
        this.directory = directory;
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (String name : List.of("upper", "target")) {
            makeDirectory(name);
        }
        this.tree = new RootedTree(directory.resolve("upper"), Optional.of(lower));
    }

    private void makeDirectory(String name) throws IOException {
        Files.createDirectory(
                directory.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    @Override
    public void createDirectories(String path) throws IOException {
        tree.createDirectories(path);
    }

    @Override
    public void writeFile(String path, boolean executable, InputStream content) throws IOException {
        Path file = tree.prepareFile(path);
        try (OutputStream out = Files.newOutputStream(file, CREATE)) {
            content.transferTo(out);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    @Override
    public SandboxResult run(SandboxCommand command, JobLimits limits) throws IOException, InterruptedException {
        // An overlay that was not synchronised, as ours are, leaves a mark that forbids the next to work here.
        TreeRemoval.remove(directory.resolve("work"));
        makeDirectory("work");
        // Not /dev/null: a job of root owns that of the machine, and could change its mode by its open file.
        Path stdin = emptyFile();
        Path stdout = directory.resolve("stdout");
        Path stderr = directory.resolve("stderr");
        try (JobCgroups.Group group = sandbox.cgroups().create(limits)) {
            ProcessBuilder builder = new ProcessBuilder(confined(commandLine(command), limits, group))
                    .redirectInput(stdin.toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile());
            builder.environment().clear();
            Process process = start(builder);
            JobWatch watch = new JobWatch(process, limits, group, directory.resolve("upper"), List.of(stdout, stderr));
            try {
                watch.awaitEnd();
            } finally {
                end(process);
            }
            synchronized (this) {
                running = null;
                if (killed) {
                    throw new CommandKilledException("the command was cancelled");
                }
            }
            watch.checkAfterwards();
            SandboxResult result = new SandboxResult(
                    process.exitValue(), head(stdout, limits.printedBytes()), head(stderr, limits.printedBytes()));
            Optional<String> failure = sandboxFailure(result);
            if (failure.isPresent()) {
                throw new SandboxException(failure.get());
            }
            return result;
        }
    }

    private Path emptyFile() throws IOException {
        Path file = directory.resolve("stdin");
        Files.deleteIfExists(file);
        return Files.createFile(file);
    }

    private synchronized Process start(ProcessBuilder builder) throws IOException {
        if (killed) {
            throw new CommandKilledException("the command was cancelled");
        }
        running = builder.start();
        return running;
    }

    /**
     * Kills what is left of the job. The helper ends after the last of its processes, so that none is left to change
     * files under the hands of whoever reads or removes them.
     */
    private static void end(Process helper) throws InterruptedException {
        helper.destroy();
        if (!helper.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            log.warn("a job's processes did not end within {} s of being killed", PATIENCE.toSeconds());
            helper.destroyForcibly().waitFor();
        }
    }

    private List<String> commandLine(SandboxCommand command) throws IOException {
        List<String> binds = sandbox.strategy() == SandboxStrategy.DIRECTORY
                ? LowerBinds.prepare(lower, directory.resolve("upper"), tree)
                : List.of();
        return HelperArguments.of(
                sandbox.strategy(),
                sandbox.helper(),
                sandbox.bubblewrap(),
                ProcessHandle.current().pid(),
                lower,
                directory,
                binds,
                command);
    }

    /** Has the helper, before it becomes bubblewrap, see to the limits that a process sets itself, and to the filter. */
    private List<String> confined(List<String> line, JobLimits limits, JobCgroups.Group group) {
        List<String> confined = new ArrayList<>(line);
        List<String> words = new ArrayList<>(List.of(sandbox.helper().toString(), "confine"));
        words.addAll(group.options());
        words.addAll(List.of("--file-size", Long.toString(limits.scratchBytes())));
        words.addAll(List.of("--nice", Integer.toString(limits.nice())));
        if (sandbox.filtersCalls()) {
            words.addAll(List.of("--filter", "--seccomp")); // the latter is bubblewrap's
        }
        words.add("--");
        confined.addAll(line.indexOf("--") + 1, words);
        return confined;
    }

    /** What the helper or bubblewrap complained of, if the command was never reached. */
    private static Optional<String> sandboxFailure(SandboxResult result) {
        String complaint = new String(result.stderr(), StandardCharsets.UTF_8).strip();
        boolean fromHelper = result.exitCode() == HELPER_FAILED && complaint.startsWith("jdist-sandbox: ");
        boolean fromBubblewrap = result.exitCode() == 1 && complaint.startsWith("bwrap: ");
        return fromHelper || fromBubblewrap ? Optional.of(complaint) : Optional.empty();
    }

    private static byte[] head(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(most);
        }
    }

    @Override
    public synchronized void kill() {
        killed = true;
        if (running != null) {
            running.destroy();
        }
    }

    @Override
    public Optional<InputStream> openFile(String path) throws IOException {
        Optional<Path> file = tree.findFile(path);
        try {
            return file.isPresent() ? Optional.of(Files.newInputStream(file.get(), READ_NO_LINK)) : Optional.empty();
        } catch (AccessDeniedException e) {
            return Optional.empty(); // the command took away the right to read it
        }
    }

    @Override
    public void close() {
        try {
            TreeRemoval.remove(directory);
        } catch (IOException e) {
            log.warn("cannot remove {}; the next start of this builder will: {}", directory, e.toString());
        }
    }
}
