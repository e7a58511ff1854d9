package dev.jdist.protocol.config;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Turns TOML into {@link ConfigValue}s. */
public final class TomlSource {
    /** What the parser says of a number that a {@code long} does not hold. */
    private static final String TOO_LARGE = "Integer is too large";

    /** In one statement, of which the parser tells the first one only. */
    private static final int MOST_LARGE_NUMBERS = 8;

    private static final Pattern NUMBER = Pattern.compile("[+]?([0-9][0-9_]*)(?![0-9A-Za-z_.])");

    private TomlSource() {}

    /** @param file its name, for messages */
    static ConfigValue.Table parse(String file, String text) throws ConfigException {
        TomlParseResult result = Toml.parse(text);
        String shortened = text;
        for (int i = 0; i < MOST_LARGE_NUMBERS && result.errors().stream().anyMatch(TomlSource::isTooLarge); i++) {
            shortened = withinLong(shortened, result.errors());
            result = Toml.parse(shortened);
        }
        if (result.hasErrors()) {
            TomlParseError first = result.errors().get(0);
            throw new ConfigException(file + ":" + first.position().line() + ": not valid TOML: " + first.getMessage());
        }
        return table(result, 1);
    }

    private static boolean isTooLarge(TomlParseError error) {
        return TOO_LARGE.equals(error.getMessage());
    }

    /** {@code text} with the largest {@code long} in place of each number from 2^63 to 2^64 - 1, as in JSON. */
    private static String withinLong(String text, List<TomlParseError> errors) {
        String[] lines = text.split("\n", -1);
        // From the last one on, as the places of those before it in its line stay what they are.
        for (int i = errors.size() - 1; i >= 0; i--) {
            TomlPosition position = errors.get(i).position();
            String line = lines[position.line() - 1];
            int start = position.column() - 1;
            Matcher number = NUMBER.matcher(line);
            if (isTooLarge(errors.get(i))
                    && start <= line.length()
                    && number.region(start, line.length()).lookingAt()
                    && ConfigValue.isUnsigned(new BigInteger(number.group(1).replace("_", "")))) {
                lines[position.line() - 1] = line.substring(0, start) + Long.MAX_VALUE + line.substring(number.end());
            }
        }
        return String.join("\n", lines);
    }

    private static ConfigValue.Table table(TomlTable table, int line) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        for (String key : table.keySet()) {
            List<String> path = List.of(key);
            values.put(key, value(table.get(path), line(table.inputPositionOf(path))));
        }
        return new ConfigValue.Table(values, line);
    }

    private static ConfigValue value(Object value, int line) {
        if (value instanceof TomlTable table) {
            return table(table, line);
        } else if (value instanceof TomlArray array) {
            List<ConfigValue> values = new ArrayList<>();
            for (int i = 0; i < array.size(); i++) {
                values.add(value(array.get(i), line(array.inputPositionOf(i))));
            }
            return new ConfigValue.Listing(values, line);
        } else if (value instanceof String text) {
            return new ConfigValue.Text(text, line);
        } else if (value instanceof Long whole) {
            return new ConfigValue.Whole(whole, line);
        } else if (value instanceof Boolean flag) {
            return new ConfigValue.Flag(flag, line);
        }
        return new ConfigValue.Other(value instanceof Double ? "a fraction" : "a date or time", line);
    }

    private static int line(TomlPosition position) {
        return position == null ? 0 : position.line();
    }
}
