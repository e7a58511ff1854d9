package dev.jdist.client.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Which processor this machine has: what {@code -march=native} stands for. */
public final class HostProcessor {
    private static final String NAME = read();

    private HostProcessor() {}

    public static String ofThisMachine() {
        return NAME;
    }

    private static String read() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.matches(
                            "(model|model name|stepping|flags|cpu family|CPU (part|variant)|Features)\\s*:.*"))
                    .distinct()
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot identify the processor without /proc/cpuinfo", e);
        }
    }
}
