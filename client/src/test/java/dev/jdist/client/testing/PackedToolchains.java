package dev.jdist.client.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Where the farms of a run of tests keep the compilers that they packed: that takes seconds each time, and is the same each
 * time. It is gone when the run is over. A test of packing itself has a directory of its own.
 */
public final class PackedToolchains {
    private static final Path DIRECTORY = create();

    private PackedToolchains() {}

    /** A value for {@code XDG_CACHE_HOME}. */
    public static Path directory() {
        return DIRECTORY;
    }

    private static Path create() {
        try {
            Path directory = Files.createTempDirectory("jdist-packed");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }
}
