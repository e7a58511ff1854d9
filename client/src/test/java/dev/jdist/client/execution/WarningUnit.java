package dev.jdist.client.execution;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A unit that provokes warnings, from a file in {@code warnings/}.
 *
 * @param at file and line of where it is
 * @param names of the warnings; or {@code none}, or {@code default-on} for one that no option controls
 * @param language {@code c} or {@code c++}
 * @param families of the compilers that know the warnings
 * @param onByDefault whether it takes no option to be warned
 * @param files the sources by name
 */
record WarningUnit(
        String at,
        List<String> names,
        String language,
        List<String> families,
        boolean onByDefault,
        List<String> options,
        Map<String, String> files) {
    private static final String HEAD = "=== ";
    private static final String FILE = "--- ";
    private static final String BY_DEFAULT = "default";

    /** All units of a file. */
    static List<WarningUnit> read(String name) throws IOException {
        List<WarningUnit> units = new ArrayList<>();
        String current = "";
        int number = 0;
        for (String line : text(name).split("\n")) {
            number++;
            if (line.startsWith(HEAD)) {
                units.add(head(name + ":" + number, line.substring(HEAD.length())));
                current = units.get(units.size() - 1).source();
            } else if (line.startsWith(FILE)) {
                current = line.substring(FILE.length());
            } else {
                units.get(units.size() - 1).files.merge(current, line + "\n", String::concat);
            }
        }
        return units;
    }

    private static String text(String name) throws IOException {
        try (InputStream file =
                Objects.requireNonNull(WarningUnit.class.getResourceAsStream("warnings/" + name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static WarningUnit head(String at, String line) {
        String[] parts = line.split("\\|", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException(at + " is not \"=== NAMES | LANGUAGE | COMPILERS | OPTIONS\"");
        }
        List<String> options = new ArrayList<>(words(parts[3]));
        boolean onByDefault = options.remove(BY_DEFAULT);
        return new WarningUnit(
                at,
                words(parts[0]),
                parts[1].strip(),
                List.of(parts[2].strip().split(",")),
                onByDefault,
                options,
                new LinkedHashMap<>());
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.strip().split(" +"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    String source() {
        return language.equals("c") ? "unit.c" : "unit.cpp";
    }

    /** The options that ask for the warnings; {@code -W#warnings} and its like are in no command line. */
    List<String> warningOptions() {
        return names.stream()
                .filter(name -> name.startsWith("-W") && !name.startsWith("-W#"))
                .toList();
    }

    /** Whether a compiler has said what this is for. */
    boolean isProvoked(String stderr) {
        return switch (names.get(0)) {
            case "none" -> stderr.isEmpty();
            case "default-on" ->
                Pattern.compile("(warning|note): ").matcher(stderr).find();
            default -> names.stream().allMatch(name -> isNamed(name, stderr));
        };
    }

    /** In brackets behind a message: {@code [-Wformat=]}. */
    private static boolean isNamed(String name, String stderr) {
        String option = Pattern.quote(name.replaceFirst("=.*", ""));
        return Pattern.compile("\\[" + option + "[]=,]").matcher(stderr).find();
    }

    void writeTo(Path place) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = place.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            // One byte of another encoding.
            Files.write(path, bytes(file.getValue()));
        }
    }

    private static byte[] bytes(String text) {
        return text.contains("@LATIN1@")
                ? text.replace("@LATIN1@", "\u00e4").getBytes(StandardCharsets.ISO_8859_1)
                : text.getBytes(StandardCharsets.UTF_8);
    }
}
