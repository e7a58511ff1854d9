package dev.jdist.protocol.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Turns TOML into {@link ConfigValue}s. */
public final class TomlSource {
    private TomlSource() {}

    /** @param file its name, for messages */
    static ConfigValue.Table parse(String file, String text) throws ConfigException {
        TomlParseResult result = Toml.parse(text);
        if (result.hasErrors()) {
            TomlParseError first = result.errors().get(0);
            throw new ConfigException(file + ":" + first.position().line() + ": not valid TOML: " + first.getMessage());
        }
        return table(result, 1);
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
