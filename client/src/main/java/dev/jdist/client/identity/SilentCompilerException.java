package dev.jdist.client.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A program that should be a compiler does not answer a question of jdist's in time. */
public final class SilentCompilerException extends IOException {
    private static final long serialVersionUID = 1;

    SilentCompilerException(Path program, List<String> options) {
        super(program + " " + String.join(" ", options) + " does not end; what it compiles is left to it");
    }
}
