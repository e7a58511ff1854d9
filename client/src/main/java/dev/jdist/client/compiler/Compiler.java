package dev.jdist.client.compiler;

import java.nio.file.Path;

/**
 * A compiler that was identified.
 *
 * @param family that knows how to call it
 * @param path the program as callers reach it, links and all: gcc and clang behave by the name they are called
 * @param plusplus whether it takes {@code .c} for C++
 * @param version what {@code __VERSION__} expands to
 * @param stamp identifies the program's file and its configuration: changes when one of them is replaced
 * @param configuration what it reads before each command line
 */
public record Compiler(
        CompilerFamily family,
        CompilerKind kind,
        Path path,
        boolean plusplus,
        String version,
        String stamp,
        ConfigurationFiles configuration) {
    /** The same with a configuration. */
    public Compiler with(ConfigurationFiles files, String newStamp) {
        return new Compiler(family, kind, path, plusplus, version, newStamp, files);
    }

    /** One that reads no configuration. */
    public Compiler(
            CompilerFamily family, CompilerKind kind, Path path, boolean plusplus, String version, String stamp) {
        this(family, kind, path, plusplus, version, stamp, ConfigurationFiles.NONE);
    }
}
