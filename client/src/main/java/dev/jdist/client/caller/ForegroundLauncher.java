package dev.jdist.client.caller;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.Scratch;
import dev.jdist.client.identity.CompilerRegistry;
import dev.jdist.client.identity.CompilerRegistry.Identified;
import dev.jdist.client.identity.CompilerWrappers;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.launcher.LauncherOffer;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.Bytes;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Stands in for a launcher where a command works on a compiler without the daemon: runs commands as its own children. */
public final class ForegroundLauncher implements Launcher {
    /**
     * The compiler that a person names.
     *
     * @param name a path, or a name to be looked for in PATH
     */
    public static Compiler identify(String name) throws StartupException, IOException, InterruptedException {
        Path program = find(name).orElseThrow(() -> new StartupException("there is no program " + name));
        Path directory = Files.createTempDirectory("jdist-");
        try (Scratch scratch = Scratch.open(directory)) {
            CallerRequest request = new CallerRequest(
                    false,
                    false,
                    022,
                    Path.of("").toAbsolutePath(),
                    program.toString(),
                    List.of(name),
                    System.getenv());
            return new CompilerRegistry(scratch)
                    .identify(new CompilerWrappers().seeThrough(request), new ForegroundLauncher())
                    .map(Identified::compiler)
                    .orElseThrow(
                            () -> new StartupException(name + " is no compiler that jdist can package: gcc or clang"));
        } catch (CallerGoneException e) {
            throw new AssertionError("it is this process", e);
        }
    }

    private static Optional<Path> find(String name) {
        if (name.contains("/")) {
            return Optional.of(Path.of(name).toAbsolutePath()).filter(Files::isExecutable);
        }
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path candidate = Path.of(directory).resolve(name);
            if (candidate.isAbsolute() && Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    @Override
    public int run(RunCommand order) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(order.arguments()).redirectInput(ProcessBuilder.Redirect.INHERIT);
        order.stdout().ifPresent(file -> builder.redirectOutput(file.toFile()));
        order.stderr().ifPresent(file -> builder.redirectError(file.toFile()));
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            return 127;
        }
    }

    @Override
    public void compare(FileFingerprints files) {
        throw new UnsupportedOperationException("nothing is offered to it");
    }

    @Override
    public BitSet offer(LauncherOffer offer, Runnable taken) {
        throw new UnsupportedOperationException("nothing is offered to it");
    }

    @Override
    public void exit(int code, Bytes stdout, Bytes stderr) {
        throw new UnsupportedOperationException("nobody waits for an answer");
    }

    @Override
    public void become() {
        throw new UnsupportedOperationException("nobody waits for an answer");
    }

    @Override
    public CompletionStage<Void> gone() {
        return new CompletableFuture<>();
    }
}
