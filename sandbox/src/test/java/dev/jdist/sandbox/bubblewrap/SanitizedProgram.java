package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Programs in C that end at once, with a report, when they do what C leaves undefined: see scripts/compile-native. */
final class SanitizedProgram {
    /** Of a program that a sanitizer ended. */
    static final int FAULT = 99;

    private static final Path DRIVER = Path.of("../sandbox/src/test/c/fuzz-main.c");

    private SanitizedProgram() {}

    /** Compiles this module's program. */
    static Path ofModule(Path directory) throws IOException, InterruptedException {
        try (Stream<Path> files = Files.list(Path.of("src/main/c"))) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".c"))
                    .sorted()
                    .toList();
            return compile(directory.resolve("jdist-sandbox"), sources);
        }
    }

    private static Path compile(Path program, List<Path> sources) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("../scripts/compile-native", "0", program.toString()));
        sources.forEach(source -> command.add(source.toString()));
        assertEquals("", run(command, Path.of(""), Map.of("JDIST_SANITIZE", "1")), "the compiler has nothing to say");
        return program;
    }

    /**
     * Has a fuzz target take its corpus and so many changes of it, and as many more as {@code -Djdist.fuzz.seconds} allows.
     * Each run of a test does the same.
     */
    static void fuzz(String target, int runs, Path directory) throws IOException, InterruptedException {
        Path program = compile(directory.resolve(target), List.of(Path.of("src/test/c/fuzz-" + target + ".c"), DRIVER));
        List<String> command = List.of(
                program.toString(),
                "-runs=" + runs,
                "-max_total_time=" + Long.getLong("jdist.fuzz.seconds", 0),
                "-seed=1",
                Path.of("src/test/c/corpus", target).toAbsolutePath().toString());
        run(command, directory, Map.of());
    }

    private static String run(List<String> command, Path directory, Map<String, String> variables)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toAbsolutePath().toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(variables);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> command + " said:\n" + output);
        return output;
    }
}
