package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A moment by the clock of a file system, in nanoseconds since 1970. */
public record Moment(long nanos) {
    /** Now, by the clock of the file system on which {@code file} is made. */
    public static Moment ofNewFile(Path file) throws IOException {
        Files.write(file, new byte[0]);
        return new Moment(FileStat.of(file).orElseThrow().changed());
    }
}
