package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes small real programs and libraries for tests. */
public final class Gcc {
    private Gcc() {}

    static void run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("gcc"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
    }

    /** A library without code, which needs the C library and what the options say. */
    static Path library(Path directory, String name, String... options) throws IOException, InterruptedException {
        Path library = directory.resolve(name);
        List<String> arguments =
                new ArrayList<>(List.of("-shared", "-x", "c", "/dev/null", "-x", "none", "-o", library.toString()));
        arguments.addAll(List.of(options));
        run(arguments.toArray(String[]::new));
        return library;
    }

    /** A program that does nothing, linked as the options say. */
    static Path program(Path directory, String name, String... options) throws IOException, InterruptedException {
        Path source = Files.writeString(directory.resolve(name + ".c"), "int main(void) { return 0; }\n");
        Path program = directory.resolve(name);
        List<String> arguments = new ArrayList<>(List.of(source.toString(), "-o", program.toString()));
        arguments.addAll(List.of(options));
        run(arguments.toArray(String[]::new));
        return program;
    }
}
