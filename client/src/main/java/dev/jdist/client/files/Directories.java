package dev.jdist.client.files;

import java.nio.file.Path;
import java.util.Objects;

/** The directories that files are in. */
public final class Directories {
    private Directories() {}

    /** @param file absolute, and no directory: it is in one then */
    public static Path of(Path file) {
        return Objects.requireNonNull(file.getParent(), () -> "\"" + file + "\" is in no directory");
    }
}
