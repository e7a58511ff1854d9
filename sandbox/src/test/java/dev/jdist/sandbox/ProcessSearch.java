package dev.jdist.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds processes in {@code /proc}, where those of jobs are too. */
public final class ProcessSearch {
    private ProcessSearch() {}

    /** Those whose command line has {@code text} in it: their directories in {@code /proc}. */
    public static List<Path> naming(String text) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .filter(path -> commandLine(path).contains(text))
                    .toList();
        }
    }

    /** Of the process with this directory; empty if it has ended. */
    public static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }
}
