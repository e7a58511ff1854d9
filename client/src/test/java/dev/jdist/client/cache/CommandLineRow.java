package dev.jdist.client.cache;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A row of {@code command-lines.txt}, for one compiler.
 *
 * @param decisions of the first and the second run
 * @param compiler its name
 * @param command for the shell
 * @param ofSccache what the real sccache decides the first and the second time
 * @param why it decides otherwise; empty if it does not
 */
public record CommandLineRow(
        List<String> decisions, String compiler, String command, List<String> ofSccache, String why) {
    static final String RESOURCE = "command-lines.txt";

    @Override
    public String toString() {
        return compiler + ": " + command;
    }

    /** All rows. A row for several compilers counts several times. */
    public static Stream<CommandLineRow> all() {
        return all("");
    }

    /**
     * The same.
     *
     * @param sccache the version whose decisions are wanted, such as 0.16; without one, those that hold for most versions
     */
    static Stream<CommandLineRow> all(String sccache) {
        List<CommandLineRow> rows = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(CommandLineRow.class.getResourceAsStream(RESOURCE)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    rows.addAll(parse(line, sccache));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows.stream();
    }

    private static List<CommandLineRow> parse(String line, String sccache) {
        List<String> cells = Stream.of(line.split(" \\| ")).map(String::strip).toList();
        if (cells.size() != 3 && cells.size() != 5) {
            throw new IllegalArgumentException(
                    RESOURCE + ": a row has 3 or 5 cells, not " + cells.size() + ": " + line);
        }
        List<String> decisions = decisions(cells.get(0));
        boolean differs = cells.size() == 5;
        List<String> ofSccache = differs ? decisions(of(sccache, cells.get(3))) : decisions;
        List<String> compilers = switch (cells.get(1)) {
            case "c" -> List.of("gcc", "clang");
            case "c++" -> List.of("g++", "clang++");
            default -> List.of(cells.get(1).split(" "));
        };
        return compilers.stream()
                .map(compiler ->
                        new CommandLineRow(decisions, compiler, cells.get(2), ofSccache, differs ? cells.get(4) : ""))
                .toList();
    }

    /** The part of a cell that holds for a version: {@code hit; 0.16: miss} is {@code miss} for 0.16, else {@code hit}. */
    private static String of(String sccache, String cell) {
        List<String> parts = List.of(cell.split("; "));
        return parts.stream()
                .skip(1)
                .filter(part -> part.startsWith(sccache + ": "))
                .map(part -> part.substring(sccache.length() + 2))
                .findFirst()
                .orElse(parts.get(0));
    }

    private static List<String> decisions(String cell) {
        if (cell.equals("hit")) {
            return List.of("miss", "hit");
        }
        List<String> both = List.of(cell.split(" then "));
        return both.size() == 2 ? both : List.of(cell, cell);
    }
}
