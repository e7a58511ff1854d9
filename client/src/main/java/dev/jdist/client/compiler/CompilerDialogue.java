package dev.jdist.client.compiler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs a program that may be a compiler, where its caller is, for {@link CompilerFamily#identify}.
 *
 * @param <E> what may go wrong there
 */
public interface CompilerDialogue<E extends Exception> {
    /** What the program said, the beginning of it at least: what is asked may be no compiler, and print whatever it likes. */
    record Answer(int code, String stdout, String stderr) {}

    Answer run(List<String> options) throws E, IOException, InterruptedException;

    /**
     * The same with a source behind the options.
     *
     * @param suffix of the source's name, with its dot
     */
    Answer run(List<String> options, String source, String suffix) throws E, IOException, InterruptedException;

    /** Changes whenever a file is replaced or rewritten. */
    String stamp(Path file) throws IOException;
}
