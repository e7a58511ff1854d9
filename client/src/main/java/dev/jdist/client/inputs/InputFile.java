package dev.jdist.client.inputs;

import java.nio.file.Path;

/**
 * A file that a command reads.
 *
 * @param path under which the command finds it, absolute
 * @param content a file of this machine that has its content
 */
public record InputFile(Path path, Path content) {}
