package dev.jdist.client.compiler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compilers that are called alike. All that jdist knows of their options, of what they print and of what they consist of is
 * behind this door: to know compilers of another kind is to write another family, and to name it where the daemon is put
 * together.
 */
public interface CompilerFamily {
    /** Whether a program of this name may be one of the family. Others are not even asked: who knows what they would do. */
    boolean claims(String program);

    /**
     * Finds out which compiler a program is.
     *
     * @param <E> what may go wrong where the program is run
     */
    <E extends Exception> Identification identify(Path program, CompilerDialogue<E> dialogue)
            throws E, IOException, InterruptedException;

    /**
     * Understands a command line.
     *
     * @param arguments without the compiler itself
     */
    ParsedCommand parse(Compiler compiler, List<String> arguments, Path cwd, Map<String, String> environment);

    /**
     * Names under which the programs of one compiler lie beside each other, one for each language or habit.
     *
     * @param program the name of one of them
     * @return with that one; that one alone if it is called in its own way
     */
    List<String> namesBeside(String program);

    /** What a compiler of the family consists of. */
    ToolchainParts toolchain(Compiler compiler);

    /**
     * What a program turned out to be.
     *
     * @param isWrapper whether it only calls that compiler: what it adds to a command line, and what that depends on, nobody
     *     knows
     * @param watched files and directories that decide about its configuration; it is to be asked again when one changes
     */
    record Identification(Optional<Compiler> compiler, boolean isWrapper, Set<Path> watched) {}
}
