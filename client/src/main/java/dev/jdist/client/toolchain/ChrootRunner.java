package dev.jdist.client.toolchain;

import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A way to run a program with a directory as its root, so that it finds nothing else of this machine. None of these is
 * here to keep a hostile program in: what they run is the user's own compiler.
 */
public final class ChrootRunner {
    private static final Logger log = LoggerFactory.getLogger(ChrootRunner.class);

    private static final int MAX_PRINTED = 64 << 10;
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final String ROOT = "{root}";

    /** The nearest to what a builder does goes first. bubblewrap brings /proc and /dev along, the others do without. */
    private static final List<List<String>> WAYS = List.of(
            List.of(
                    "bwrap",
                    "--unshare-all",
                    "--die-with-parent",
                    "--bind",
                    ROOT,
                    "/",
                    "--proc",
                    "/proc",
                    "--dev",
                    "/dev",
                    "--"),
            List.of("unshare", "--user", "--map-root-user", "chroot", ROOT),
            List.of("chroot", ROOT));

    /**
     * Runs what follows behind all else: with the lowest priority, which counts only within a session, and in a session of its own,
     * whose priority is the lowest as well.
     */
    private static final List<String> BEHIND_OTHERS = List.of(
            "setsid", "nice", "-n", "19", "sh", "-c", "echo 19 2>/dev/null >/proc/self/autogroup; exec \"$@\"", "sh");

    private static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    private final List<String> arguments;

    private ChrootRunner(List<String> arguments) {
        this.arguments = arguments;
    }

    /** What a program printed, on both streams, and its exit code; 127 if it could not be started. */
    record Result(int code, String printed) {}

    /** A way that works on this machine, if there is one. Tried with what does nothing, on this machine's own root. */
    static Optional<ChrootRunner> find() throws InterruptedException {
        return find(WAYS);
    }

    /** bubblewrap, if it works on this machine. */
    static Optional<ChrootRunner> bubblewrap() throws InterruptedException {
        return find(WAYS.subList(0, 1));
    }

    private static Optional<ChrootRunner> find(List<List<String>> ways) throws InterruptedException {
        Optional<Path> harmless = ToolchainPackager.onPath(Path.of("true"), "/usr/bin:/bin");
        if (harmless.isEmpty()) {
            return Optional.empty();
        }
        for (List<String> way : ways) {
            Optional<Path> program =
                    ToolchainPackager.onPath(Path.of(way.get(0)), "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
            if (program.isPresent()) {
                List<String> arguments = new ArrayList<>(way);
                arguments.set(0, program.get().toString());
                ChrootRunner root = new ChrootRunner(arguments);
                Result tried = root.run(Path.of("/"), List.of(harmless.get().toString()), Map.of());
                if (tried.code == 0) {
                    return Optional.of(root);
                }
                log.debug("{} does not work here: {}", way.get(0), tried.printed.strip());
            }
        }
        return Optional.empty();
    }

    /** Whether programs in this directory may be executed at all: a mount option may forbid it. */
    static boolean isExecutable(Path directory) throws IOException, InterruptedException {
        Optional<Path> harmless = ToolchainPackager.onPath(Path.of("true"), "/usr/bin:/bin");
        if (harmless.isEmpty()) {
            return false;
        }
        Path copy = directory.resolve("true");
        try {
            Files.copy(harmless.get(), copy);
            return copy.toFile().setExecutable(true) && run(List.of(copy.toString()), Map.of()).code == 0;
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** Runs a program of a root, with this environment and no other. */
    Result run(Path root, List<String> command, Map<String, String> environment) throws InterruptedException {
        List<String> all = new ArrayList<>();
        arguments.forEach(word -> all.add(word.equals(ROOT) ? root.toString() : word));
        all.addAll(command);
        return run(all, environment);
    }

    /**
     * Runs a program of a root, with this environment and no other, while nobody else needs the processor. By bubblewrap alone.
     *
     * @param directory in which it runs, as seen from inside
     */
    Result runBehindOthers(Path root, String directory, List<String> command, Map<String, String> environment)
            throws InterruptedException {
        List<String> all = new ArrayList<>(BEHIND_OTHERS);
        arguments.stream()
                .filter(word -> !word.equals("--"))
                .forEach(word -> all.add(word.equals(ROOT) ? root.toString() : word));
        all.addAll(List.of("--chdir", directory));
        environment.forEach((name, value) -> all.addAll(List.of("--setenv", name, value)));
        all.add("--");
        all.addAll(command);
        return run(all, Map.of("PATH", PATH));
    }

    /** Runs a program, here and now. */
    static Result run(List<String> command, Map<String, String> environment) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process;
        try {
            process = builder.start();
            process.getOutputStream().close();
        } catch (IOException e) {
            return new Result(127, Reason.of(e));
        }
        try {
            CompletableFuture<String> printed = CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
            if (!ProcessEnd.await(process, IDLE)) {
                return new Result(127, "it does not end, and did nothing for " + IDLE.toSeconds() + " seconds");
            }
            // What it has called may have its stream open for longer than it lives.
            return new Result(
                    process.exitValue(),
                    printed.completeOnTimeout("", IDLE.toSeconds(), TimeUnit.SECONDS)
                            .join());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String read(InputStream in) {
        try {
            String printed = new String(in.readNBytes(MAX_PRINTED), StandardCharsets.UTF_8);
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return printed;
        } catch (IOException e) {
            return "";
        }
    }
}
