package dev.jdist.client.toolchain;

import dev.jdist.client.compiler.Compiler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Decides whether an archive may be used. */
@FunctionalInterface
public interface ToolchainProof {
    /**
     * Tries an archive that was just packed.
     *
     * @param libraryPath the {@code LD_LIBRARY_PATH} that the compiler will have on builders
     * @throws IOException if the compiler does not compile from it; the message says what is missing
     */
    void check(Compiler compiler, Optional<String> libraryPath, Path archive) throws IOException, InterruptedException;
}
