package dev.jdist.client.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Writes files and links as a text describes them: {@code --- NAME} is a file with the lines behind it, {@code --> NAME TARGET} a
 * link, {@code ==> NAME OTHER} another name of a file, {@code --/ NAME} a directory.
 */
public final class SourceTree {
    private static final String FILE = "--- ";
    private static final String LINK = "--> ";
    private static final String HARD_LINK = "==> ";
    private static final String DIRECTORY = "--/ ";

    private SourceTree() {}

    /** The text of a resource beside a class. */
    public static String text(Class<?> beside, String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Writes what the text describes. What was there stays, unless the text has it. */
    public static void write(Path directory, String text) throws IOException {
        Files.createDirectories(directory);
        String name = "";
        StringBuilder content = new StringBuilder();
        for (String line : text.split("\n")) {
            if (!line.startsWith(FILE)
                    && !line.startsWith(LINK)
                    && !line.startsWith(HARD_LINK)
                    && !line.startsWith(DIRECTORY)) {
                content.append(line).append('\n');
                continue;
            }
            writeFile(directory, name, content);
            name = "";
            content.setLength(0);
            String rest = line.substring(FILE.length());
            if (line.startsWith(FILE)) {
                name = rest;
            } else if (line.startsWith(DIRECTORY)) {
                Files.createDirectories(directory.resolve(rest));
            } else {
                int blank = rest.indexOf(' ');
                Path made = directory.resolve(rest.substring(0, blank));
                String target = rest.substring(blank + 1);
                Files.createDirectories(made.getParent());
                if (line.startsWith(LINK)) {
                    Files.createSymbolicLink(made, Path.of(target));
                } else {
                    Files.createLink(made, directory.resolve(target));
                }
            }
        }
        writeFile(directory, name, content);
    }

    private static void writeFile(Path directory, String name, CharSequence content) throws IOException {
        if (!name.isEmpty()) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        }
    }
}
