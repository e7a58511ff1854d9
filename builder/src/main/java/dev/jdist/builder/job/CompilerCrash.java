package dev.jdist.builder.job;

import dev.jdist.protocol.message.ProcessOutput;
import java.util.List;

/**
 * Tells a compiler that died from one that found fault with its input. A stock client takes any exit code for the
 * compiler's verdict and fails the build; what is the machine's fault must therefore not reach it as an exit code.
 */
public final class CompilerCrash {
    /** The first exit code that stands for a signal. */
    private static final int FIRST_SIGNAL = 128;

    private static final List<String> SIGNS = List.of(
            "Killed signal terminated program",
            "internal compiler error",
            "out of memory",
            "virtual memory exhausted",
            "No space left on device",
            "Cannot allocate memory",
            "PLEASE submit a bug report");

    private CompilerCrash() {}

    public static boolean explains(ProcessOutput output) {
        if (output.code() == 0) {
            return false;
        }
        String stderr = output.stderr().toUtf8();
        return output.code() >= FIRST_SIGNAL || SIGNS.stream().anyMatch(stderr::contains);
    }
}
