package dev.jdist.protocol.settings;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a settings file, the variables and the defaults come to: a value for each setting that is in force, and where it
 * comes from. Two of these are equal if the same values are in force, wherever they come from. It prints itself without
 * its secrets.
 */
public final class SettingValues {
    private final Map<Setting<?>, Entry> entries = new LinkedHashMap<>();
    private final Map<SettingsTable, List<SettingValues>> rows = new LinkedHashMap<>();
    private final Set<SettingsTable> tables = new LinkedHashSet<>();

    /** @param value a {@code T} if it belongs to a {@code Setting<T>} */
    record Entry(Object value, Origin origin) {}

    SettingValues() {}

    void put(Setting<?> setting, Optional<Entry> entry) {
        entry.ifPresent(there -> entries.put(setting, there));
    }

    void add(SettingsTable table) {
        tables.add(table);
    }

    void add(SettingsTable table, SettingValues row) {
        rows.computeIfAbsent(table, key -> new ArrayList<>()).add(row);
    }

    /** The value that is in force. It is a mistake to ask for that of a key which the rest of the file rules out. */
    public <T> T get(Setting<T> setting) {
        return find(setting).orElseThrow(() -> new IllegalStateException(setting + " is not in force"));
    }

    /** The value, unless its table is not there or has no such key, with what else the file says. */
    @SuppressWarnings("unchecked")
    public <T> Optional<T> find(Setting<T> setting) {
        return Optional.ofNullable(entries.get(setting)).map(entry -> (T) entry.value());
    }

    /** The rows of a repeated table, in the order of the file. */
    public List<SettingValues> rows(SettingsTable table) {
        return Collections.unmodifiableList(rows.getOrDefault(table, List.of()));
    }

    /** The tables that the file has, without those that repeat. */
    public Set<SettingsTable> tables() {
        return Collections.unmodifiableSet(tables);
    }

    /** The settings that are in force, in the order of their declarations. */
    public List<Setting<?>> settings() {
        return List.copyOf(entries.keySet());
    }

    /** As it would stand in a TOML file, or redacted; nothing for an optional value that is not there. */
    public Optional<String> written(Setting<?> setting) {
        return Optional.of(setting.write(inForce(setting).value())).filter(text -> !text.isEmpty());
    }

    /** Where the value comes from. */
    public Origin origin(Setting<?> setting) {
        return inForce(setting).origin();
    }

    private Entry inForce(Setting<?> setting) {
        Entry entry = entries.get(setting);
        if (entry == null) {
            throw new IllegalStateException(setting + " is not in force");
        }
        return entry;
    }

    private Map<Setting<?>, Object> values() {
        Map<Setting<?>, Object> values = new HashMap<>();
        entries.forEach((setting, entry) -> values.put(setting, entry.value()));
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SettingValues that
                && values().equals(that.values())
                && rows.equals(that.rows)
                && tables.equals(that.tables);
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        String own = entries.keySet().stream()
                .filter(setting -> written(setting).isPresent())
                .map(setting -> setting + " = " + written(setting).get())
                .collect(Collectors.joining(", "));
        return rows.values().stream()
                .flatMap(List::stream)
                .map(row -> ", {" + row + "}")
                .collect(Collectors.joining("", own, ""));
    }
}
