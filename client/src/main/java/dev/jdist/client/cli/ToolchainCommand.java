package dev.jdist.client.cli;

import dev.jdist.client.compiler.Compiler;
import dev.jdist.client.toolchain.PackingProgress;
import dev.jdist.client.toolchain.ToolchainPackager;
import dev.jdist.client.toolchain.TrialCompile;
import dev.jdist.protocol.daemon.StartupException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** {@code --package-toolchain}: packs a compiler into a file that the caller names, where somebody may be watching. */
public final class ToolchainCommand {
    private static final String UNFINISHED = ".unfinished";

    private ToolchainCommand() {}

    /**
     * Packs the compiler. What there was under the archive's name stays until the new one is whole and has compiled
     * something.
     */
    @SuppressWarnings("ClosingStandardOutputStreams") // A progress line ends, its stream stays open.
    static void run(String name, Path archive) throws StartupException, IOException, InterruptedException {
        Compiler compiler = NamedCompiler.identify(name);
        if (Files.exists(archive) && !Files.isRegularFile(archive)) {
            // A pipe or a device takes what comes, and cannot be replaced.
            try (OutputStream out = Files.newOutputStream(archive)) {
                ToolchainPackager.write(compiler, out, PackingProgress.UNSEEN);
            }
            return;
        }
        Path target = Files.exists(archive) ? archive.toRealPath() : archive.toAbsolutePath();
        Path fresh = target.resolveSibling(
                target.getFileName() + UNFINISHED + ProcessHandle.current().pid());
        try (ProgressLine progress = ProgressLine.onTerminal(System.err)) {
            try (OutputStream out = Files.newOutputStream(fresh)) {
                ToolchainPackager.write(compiler, out, progress);
            }
            progress.say("trying it");
            try {
                new TrialCompile().check(compiler, Optional.empty(), fresh);
            } catch (IOException e) {
                throw new IOException(compiler.path() + " cannot be packaged: " + e.getMessage(), e);
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
