package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The declarations of one settings file, in the order in which they are read and shown. */
public final class SettingsFile {
    private final SettingsTable top = SettingsTable.top(this);
    private final List<SettingsTable> tables = new ArrayList<>();
    private final List<Setting<?>> settings = new ArrayList<>();

    public SettingsTable top() {
        return top;
    }

    void add(SettingsTable table) {
        tables.add(table);
    }

    void add(Setting<?> setting) {
        settings.add(setting);
    }

    public List<Setting<?>> settings() {
        return Collections.unmodifiableList(settings);
    }

    List<SettingsTable> tables() {
        return Collections.unmodifiableList(tables);
    }

    /** Whether the variable goes before one of the keys. */
    boolean isOverriddenBy(Variable variable) {
        return settings.stream().anyMatch(setting -> setting.variable().equals(Optional.of(variable)));
    }

    /**
     * Reads a file.
     *
     * @param machine what variables and defaults are taken from
     * @throws ConfigException for the first mistake in it, or in a variable that goes before a key
     */
    public SettingValues read(ConfigTable root, Machine machine) throws ConfigException {
        return new Run(root, machine).read();
    }

    /** Reading one file once. */
    private final class Run {
        private final Machine machine;
        private final Map<SettingsTable, ConfigTable> open = new HashMap<>();
        private final SettingValues values = new SettingValues();

        Run(ConfigTable root, Machine machine) {
            this.machine = machine;
            open.put(top, root);
            values.add(top);
        }

        SettingValues read() throws ConfigException {
            Set<SettingsTable> repeated = new HashSet<>();
            for (Setting<?> setting : settings) {
                SettingsTable table = setting.table();
                if (table.isRepeated()) {
                    if (repeated.add(table)) {
                        readRows(table);
                    }
                } else if (setting.isKnown(values)) {
                    ConfigTable in = open(table);
                    values.put(setting, setting.read(in, values.tables().contains(table), machine, values));
                }
            }
            for (SettingsTable table : tables) {
                if (!table.isRepeated()) {
                    open(table).rejectUnknownKeys();
                }
            }
            open(top).rejectUnknownKeys();
            return values;
        }

        private void readRows(SettingsTable table) throws ConfigException {
            for (ConfigTable in : open(table.parent().get()).tables(table.name())) {
                SettingValues row = new SettingValues();
                for (Setting<?> setting : settings) {
                    if (setting.table() == table && setting.isKnown(row)) {
                        row.put(setting, setting.read(in, true, machine, row));
                        setting.rejectRepetition(in, row, values.rows(table));
                    }
                }
                in.rejectUnknownKeys();
                values.add(table, row);
            }
        }

        private ConfigTable open(SettingsTable table) throws ConfigException {
            ConfigTable known = open.get(table);
            if (known != null) {
                return known;
            }
            ConfigTable parent = open(table.parent().get());
            ConfigTable opened =
                    table.isRequired(values) ? parent.requiredTable(table.name()) : parent.table(table.name());
            if (parent.has(table.name())) {
                values.add(table);
            }
            open.put(table, opened);
            return opened;
        }
    }
}
