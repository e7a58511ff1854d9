package dev.jdist.client.toolchain;

import dev.jdist.client.compiler.Compiler;
import java.io.IOException;
import java.nio.file.Path;

/** Decides whether an archive may be used. */
@FunctionalInterface
public interface ToolchainProof {
    /**
     * Tries an archive that was just packed.
     *
     * @throws IOException if the compiler does not compile from it; the message says what is missing
     */
    void check(Compiler compiler, Path archive) throws IOException, InterruptedException;
}
