package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What defaults depend on: who runs this program, and with which variables. */
public record Machine(boolean isRoot, Environment environment) {
    /** That of this process. */
    public static Machine ofThisProcess() {
        try {
            boolean isRoot =
                    Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
            return new Machine(isRoot, Environment.ofProcess());
        } catch (IOException e) {
            throw new UncheckedIOException("is /proc mounted?", e);
        }
    }
}
