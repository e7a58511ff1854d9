package dev.jdist.client.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A program, and a library, that try what no job may do: {@code intruder.c} and {@code harm.c} among the resources. */
public final class Intruder {
    private static final String SOURCES = "intruder.h intruder.c harm.c";
    private static final List<String> FLAGS = List.of("-std=gnu11", "-D_GNU_SOURCE", "-O1");

    private final Path directory;

    /** @param directory for the sources and what is made of them */
    public Intruder(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        for (String source : SOURCES.split(" ")) {
            try (InputStream in = Intruder.class.getResourceAsStream(source)) {
                Files.write(directory.resolve(source), in.readAllBytes());
            }
        }
    }

    /** A line of a table of the resources: what is tried, and what is to come of it. */
    record Row(String attempt, String outcome) {
        @Override
        public String toString() {
            return attempt;
        }

        /** Whether this is what came of it. Another word for no is that of a filter of system calls. */
        boolean isOutcome(String line) {
            return line.matches(
                    Pattern.quote(attempt + ": ") + "(refused (" + outcome + "|ENOSYS|EPERM)|killed SIGSYS)");
        }
    }

    /** @param section of {@code hostile-jobs.txt} */
    static List<Row> rows(String section) {
        List<Row> rows = new ArrayList<>();
        String current = "";
        for (String line : table().split("\n")) {
            if (line.startsWith("[")) {
                current = line.substring(1, line.indexOf(']'));
            } else if (current.equals(section) && line.contains(" | ")) {
                String[] columns = line.split(" +\\| ", 2);
                rows.add(new Row(columns[0], columns[1].strip()));
            }
        }
        return rows;
    }

    private static String table() {
        try (InputStream in = Intruder.class.getResourceAsStream("hostile-jobs.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a program that needs nothing. */
    public Path program() throws IOException, InterruptedException {
        return compile("intruder", "intruder.c", "harm.c", "-static");
    }

    /** As a plugin of gcc, or a library that is loaded before all others. */
    Path library() throws IOException, InterruptedException {
        return compile("intruder.so", "intruder.c", "-DPLUGIN", "-shared", "-fPIC");
    }

    private Path compile(String name, String... more) throws IOException, InterruptedException {
        Path made = directory.resolve(name);
        if (!Files.exists(made)) {
            List<String> command = new ArrayList<>(List.of("gcc", "-o", made.toString()));
            command.addAll(FLAGS);
            command.addAll(List.of(more));
            Process gcc = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .inheritIO()
                    .start();
            assertEquals(0, gcc.waitFor(), "gcc and a static C library are needed");
        }
        return made;
    }
}
