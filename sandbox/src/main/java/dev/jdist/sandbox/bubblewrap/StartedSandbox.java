package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.helper.ServeRequests;
import dev.jdist.sandbox.helper.ViewConversation;
import dev.jdist.sandbox.view.FileView;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sandbox that waits for its command, or runs it, or ran it: processes, mounts, a cgroup and a directory. {@code
 * jdist-sandbox await} is the first process in it. It runs one command, ever.
 *
 * <p>The kernel ends it with the thread that started it. Except for {@link #kill()}, only one thread at a time uses it.
 */
public final class StartedSandbox implements SandboxPool.Waiting, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StartedSandbox.class);
    /** Processes die at once, unless one hangs in the kernel. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static final int MAX_COMPLAINT = 4096;

    private final Process helper;
    private final JobCgroups.Group group;
    private JobDirectory directory;

    private StartedSandbox(Process helper, JobCgroups.Group group, JobDirectory directory) {
        this.helper = helper;
        this.group = group;
        this.directory = directory;
    }

    /**
     * Starts one; it is being made while this returns.
     *
     * @param number of its cgroup
     * @param directory may hold what the command is to find; from now on, only processes in the sandbox may change it
     */
    static StartedSandbox start(
            BubblewrapSandbox sandbox, long number, Path lower, JobDirectory directory, JobLimits limits)
            throws IOException {
        directory.renewWork();
        for (Path empty : List.of(directory.stdout(), directory.stderr(), directory.status())) {
            Files.write(empty, new byte[0]);
        }
        // Commands open them by name, too: /dev/stdout.
        sandbox.owner().own(directory.stdout());
        sandbox.owner().own(directory.stderr());
        JobCgroups.Group group = sandbox.cgroups().create(number, limits);
        try {
            // Where there are views, the standard output of the helper is the pipe in which they are asked for.
            Redirect output = sandbox.contents().isPresent()
                    ? Redirect.PIPE
                    : Redirect.appendTo(directory.stdout().toFile());
            ProcessBuilder builder = new ProcessBuilder(commandLine(sandbox, lower, directory, limits, group))
                    .redirectOutput(output)
                    .redirectError(directory.stderr().toFile());
            builder.environment().clear();
            return new StartedSandbox(builder.start(), group, directory);
        } catch (IOException e) {
            group.close();
            throw e;
        }
    }

    private static List<String> commandLine(
            BubblewrapSandbox sandbox, Path lower, JobDirectory directory, JobLimits limits, JobCgroups.Group group)
            throws IOException {
        List<String> binds = sandbox.strategy() == SandboxStrategy.DIRECTORY
                ? LowerBinds.prepare(lower, directory.upper(), directory.tree())
                : List.of();
        List<String> line = HelperArguments.of(
                sandbox.strategy(),
                sandbox.devices(),
                sandbox.owner().user(),
                sandbox.helper(),
                sandbox.bubblewrap(),
                ProcessHandle.current().pid(),
                lower,
                directory.path(),
                binds,
                sandbox.contents().isPresent());
        return confined(line, sandbox, limits, group, directory);
    }

    /** Has the helper, before it becomes bubblewrap, see to the limits that a process sets itself, and to the filter. */
    private static List<String> confined(
            List<String> line,
            BubblewrapSandbox sandbox,
            JobLimits limits,
            JobCgroups.Group group,
            JobDirectory directory) {
        List<String> confined = new ArrayList<>(line);
        List<String> words = new ArrayList<>(List.of(sandbox.helper().toString(), "confine"));
        words.addAll(group.options());
        words.addAll(List.of("--file-size", Long.toString(limits.scratchBytes())));
        words.addAll(List.of("--nice", Integer.toString(limits.nice())));
        words.addAll(List.of("--status", directory.status().toString()));
        sandbox.contents()
                .ifPresent(contents -> words.addAll(List.of(
                        "--view", contents.toString(), directory.stdout().toString())));
        if (sandbox.filtersCalls()) {
            words.addAll(List.of("--filter", "--seccomp")); // the latter is bubblewrap's
        }
        sandbox.owner()
                .user()
                .ifPresent(user -> words.addAll(List.of("--users", Integer.toString(user), "--userns"))); // likewise
        words.add("--");
        confined.addAll(line.indexOf("--") + 1, words);
        return confined;
    }

    @Override
    public boolean isAlive() {
        return helper.isAlive();
    }

    /** Gives its directory another name. Nothing may run in it any more, nor wait. */
    JobDirectory rename(Path name) throws IOException {
        directory = directory.renamed(name);
        return directory;
    }

    /**
     * Whether these files can be put in here: not if that takes other mounts, which is so where there is no overlay and
     * they lie in directories of the toolchain.
     *
     * @param content relative to the root
     */
    boolean takes(List<Path> content) {
        return content.stream().noneMatch(path -> directory.tree().isPlaceholder(components(path)));
    }

    private static List<String> components(Path path) {
        return StreamSupport.stream(path.spliterator(), false)
                .map(Path::toString)
                .toList();
    }

    /**
     * Has the first process put files where the command is to find them. That may yet fail when this has returned: no
     * command begins then.
     *
     * @param content of {@code upper}
     * @throws IOException if it has ended
     */
    static void fill(ServeRequests requests, Path upper, List<Path> content) throws IOException {
        for (Path path : content) {
            Path file = upper.resolve(path);
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                requests.createDirectories("/" + path);
            } else {
                try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                    requests.writeFile("/" + path, Files.isExecutable(file), in);
                }
            }
        }
    }

    /** For what is to be put in, and then the command, which is the last that can be asked for. */
    ServeRequests requests() {
        return new ServeRequests(helper.getOutputStream(), e -> e);
    }

    /** Has a thread answer what is asked about the view of the command. */
    ViewThread show(FileView view) {
        return ViewThread.start(
                new ViewConversation(view, helper.getInputStream(), helper.getOutputStream()), this::kill);
    }

    /** @param exceedsQuota whether so many bytes in files are too much beside those of all other commands */
    LimitMonitor watch(JobLimits limits, LongPredicate exceedsQuota) {
        return new LimitMonitor(
                helper,
                limits,
                group,
                directory.upper(),
                List.of(directory.stdout(), directory.stderr()),
                exceedsQuota);
    }

    /** Whether the command began; to be asked when all is over. If it did not, {@link #complaint()} says why. */
    boolean hasBegun() throws IOException {
        return Files.size(directory.status()) > 0;
    }

    String complaint() throws IOException {
        String said = new String(head(directory.stderr(), MAX_COMPLAINT), StandardCharsets.UTF_8).strip();
        return said.isEmpty() ? "a sandbox ended with " + helper.exitValue() + " before its command began" : said;
    }

    /** What came of the command; to be asked when that is over, but before this is closed. @throws LimitExceededException if a limit was the reason */
    SandboxResult result(JobLimits limits, LongPredicate exceedsQuota) throws IOException {
        watch(limits, exceedsQuota).checkAfterwards();
        int most = limits.printedBytes();
        return new SandboxResult(helper.exitValue(), head(directory.stdout(), most), head(directory.stderr(), most));
    }

    private static byte[] head(Path file, int most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(most);
        }
    }

    @Override
    public void kill() {
        helper.destroy();
    }

    /**
     * Kills what is left. The helper ends after the last of the processes, so that none
     * is left to change files under the hands of whoever reads or removes them.
     */
    void end() {
        helper.destroy();
        if (!hasEndedWithin(TIMEOUT)) {
            log.warn("a job's processes did not end within {} s of being killed", TIMEOUT.toSeconds());
            helper.destroyForcibly();
            hasEndedWithin(TIMEOUT);
        }
    }

    /** Interrupts come later: what was begun here has to be ended. */
    private boolean hasEndedWithin(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return helper.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends it, and leaves nothing but the directory. */
    @Override
    public void close() {
        end();
        group.close();
    }

    @Override
    public void discard() {
        close();
        directory.remove();
    }
}
