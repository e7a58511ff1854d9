package dev.jdist.client.compiler;

/**
 * A file that a compile writes besides the dependency file.
 *
 * @param kind as sccache calls it: {@code obj}, {@code dwo}, {@code gcno}
 * @param path as the command line has it: relative to the working directory, or absolute
 * @param optional whether the compiler may leave it out
 * @param manner what becomes of a file that is there already
 */
public record CompileOutput(String kind, String path, boolean optional, OutputManner manner) {}
