package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Variable;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One key of a settings file: all that jdist knows of it. A declaration begins with {@link SettingsTable#key}, may say
 * when the key is there, and ends with what holds where nobody writes it.
 *
 * @param <T> what {@link SettingValues#get} answers
 */
public final class Setting<T> {
    private final Draft<?> draft;
    private final SettingType<T> type;
    private final Optional<Overriding<T>> override;
    private final Fallback<T> fallback;
    /** A default that is the same everywhere. */
    private final Optional<T> fixed;

    private final String defaultText;
    private final String help;

    /** A variable that goes before the key. */
    private record Overriding<T>(Variable variable, TextReader<T> reader) {}

    /** What a variable's text means. */
    public interface TextReader<T> {
        T read(String text) throws ConfigException;
    }

    /** What holds where neither a variable nor the file says anything; nothing if something has to be said. */
    private interface Fallback<T> {
        Optional<T> of(Machine machine, boolean tableIsThere);
    }

    /** When a key is there: with these values of another one. */
    private record Condition(Setting<?> other, List<?> values, boolean isVariant) {}

    private Setting(
            Draft<?> draft,
            SettingType<T> type,
            Optional<Overriding<T>> override,
            Fallback<T> fallback,
            Optional<T> fixed,
            String defaultText,
            String help) {
        this.draft = draft;
        this.type = type;
        this.override = override;
        this.fallback = fallback;
        this.fixed = fixed;
        this.defaultText = defaultText;
        this.help = help;
    }

    /** A key whose declaration is not complete. */
    public static final class Draft<T> {
        private final SettingsTable table;
        private final String key;
        private final SettingType<T> type;
        private Optional<Condition> condition = Optional.empty();
        private Optional<Overriding<T>> override = Optional.empty();
        private boolean unique;
        private boolean ignored;
        private boolean required;

        Draft(SettingsTable table, String key, SettingType<T> type) {
            this.table = table;
            this.key = key;
            this.type = type;
        }

        /** The table has the key only if {@code choice}, in the same table, has one of these values. */
        public Draft<T> inVariant(Setting<String> choice, String... values) {
            condition = Optional.of(new Condition(choice, List.of(values), true));
            return this;
        }

        /** The key may be written only if {@code other} has this value. */
        public <V> Draft<T> onlyWith(Setting<V> other, V value) {
            condition = Optional.of(new Condition(other, List.of(value), false));
            return this;
        }

        public Draft<T> overriddenBy(Variable variable, TextReader<T> reader) {
            override = Optional.of(new Overriding<>(variable, reader));
            return this;
        }

        /** Two rows of a repeated table cannot have the same value. */
        public Draft<T> unique() {
            unique = true;
            return this;
        }

        /** It must be written, if its table is. */
        public Setting<T> required(String help) {
            required = true;
            return declare((machine, tableIsThere) -> Optional.empty(), "", help);
        }

        /** It must be written if its table is; without the table, a value holds which {@code text} describes in Markdown. */
        public Setting<T> requiredInTable(String text, T withoutTable, String help) {
            required = true;
            return declare(
                    (machine, tableIsThere) -> tableIsThere ? Optional.empty() : Optional.of(withoutTable), text, help);
        }

        public Setting<T> byDefault(T value, String help) {
            return declare((machine, tableIsThere) -> Optional.of(value), Optional.of(value), "", help);
        }

        /** @param text says in Markdown what the default is */
        public Setting<T> byDefault(String text, Function<Machine, T> value, String help) {
            return declare((machine, tableIsThere) -> Optional.of(value.apply(machine)), text, help);
        }

        /** A default that depends on whether the table is there. */
        public Setting<T> byTable(T withoutTable, T inTable, String text, String help) {
            return declare((machine, tableIsThere) -> Optional.of(tableIsThere ? inTable : withoutTable), text, help);
        }

        /** It need not be written. @param absence what holds then, in Markdown */
        public Setting<Optional<T>> optional(String absence, String help) {
            SettingType<Optional<T>> optional = type.then(
                    type.name(),
                    (in, k, value) -> Optional.of(value),
                    value -> value.map(type::write).orElse(""));
            Setting<Optional<T>> setting = new Setting<>(
                    this,
                    optional,
                    override.map(
                            before -> new Overriding<>(before.variable, text -> Optional.of(before.reader.read(text)))),
                    (machine, tableIsThere) -> Optional.of(Optional.empty()),
                    Optional.empty(),
                    absence,
                    help);
            table.file().add(setting);
            return setting;
        }

        /** It is accepted as sccache's, and has no effect. */
        public Setting<Optional<T>> ignored() {
            ignored = true;
            return optional("", "accepted, without effect");
        }

        private Setting<T> declare(Fallback<T> fallback, String defaultText, String help) {
            return declare(fallback, Optional.empty(), defaultText, help);
        }

        private Setting<T> declare(Fallback<T> fallback, Optional<T> fixed, String defaultText, String help) {
            Setting<T> setting = new Setting<>(this, type, override, fallback, fixed, defaultText, help);
            table.file().add(setting);
            return setting;
        }
    }

    public SettingsTable table() {
        return draft.table;
    }

    public String key() {
        return draft.key;
    }

    public SettingType<T> type() {
        return type;
    }

    /** What may be written, in Markdown. */
    public String describeType() {
        return draft.type.describe();
    }

    /** The variable that goes before the key. */
    public Optional<Variable> variable() {
        return override.map(Overriding::variable);
    }

    /** In Markdown: what holds where nobody writes the key, or nothing where it must be written. */
    public String defaultText() {
        return fixed.map(value -> "`" + type.write(value) + "`").orElse(defaultText);
    }

    /** One line of Markdown. */
    public String help() {
        return help;
    }

    /** Whether only jdist has it. */
    public boolean isOwn() {
        return draft.table.isOwn();
    }

    /** Whether it must be written if its table is there. */
    public boolean isRequired() {
        return draft.required;
    }

    /** Whether it is accepted and has no effect. */
    public boolean isIgnored() {
        return draft.ignored;
    }

    /** Whether its value is shown to nobody. */
    public boolean isSecret() {
        return draft.type.isSecret();
    }

    /** The other key that decides whether this one may be written. */
    public Optional<Setting<?>> decidedBy() {
        return draft.condition.map(Condition::other);
    }

    /** The values of {@link #decidedBy} with which this key may be written, as they would stand in a file. */
    public List<String> decidingValues() {
        return draft.condition.stream()
                .flatMap(condition -> condition.values.stream().map(condition.other::write))
                .toList();
    }

    /** {@code [dist] scheduler_url}. */
    public String label() {
        return draft.table.isTop() ? draft.key : draft.table.header() + " " + draft.key;
    }

    @Override
    public String toString() {
        return draft.table.qualify(draft.key);
    }

    /** As it would stand in a TOML file, or redacted. Empty for an optional value that is not there. */
    String write(Object value) {
        @SuppressWarnings("unchecked")
        T typed = (T) value;
        return type.write(typed);
    }

    /** Whether the table has the key at all, with the values that were read before it. */
    boolean isKnown(SettingValues before) {
        return isMet(before) || !draft.condition.get().isVariant;
    }

    private boolean isMet(SettingValues before) {
        return draft.condition.isEmpty()
                || before.find(draft.condition.get().other)
                        .filter(draft.condition.get().values::contains)
                        .isPresent();
    }

    /**
     * Reads the value.
     *
     * @param in the table, which may be one that is not there
     * @param before what was read before
     * @return nothing if there is none, as the table is not there or another key rules this one out
     */
    Optional<SettingValues.Entry> read(ConfigTable in, boolean tableIsThere, Machine machine, SettingValues before)
            throws ConfigException {
        Optional<T> written = type.read(in, draft.key);
        if (!isMet(before)) {
            if (written.isPresent()) {
                throw in.problem(draft.key, "is for " + condition() + " only");
            }
            return Optional.empty();
        }
        Optional<String> variable = override.flatMap(o -> machine.environment().get(o.variable));
        if (variable.isPresent()) {
            T value = override.get().reader.read(variable.get());
            return Optional.of(new SettingValues.Entry(value, new Origin.FromVariable(override.get().variable)));
        }
        if (written.isPresent()) {
            return Optional.of(new SettingValues.Entry(written.get(), new Origin.File(in.file(), in.line(draft.key))));
        }
        Optional<T> fallback = this.fallback.of(machine, tableIsThere);
        if (tableIsThere && fallback.isEmpty()) {
            in.required(draft.key, fallback);
        }
        return fallback.map(value -> new SettingValues.Entry(value, new Origin.Default()));
    }

    /** Refuses a row that has the same value as an earlier one, where rows must differ in it. */
    void rejectRepetition(ConfigTable in, SettingValues row, List<SettingValues> earlier) throws ConfigException {
        Optional<T> value = row.find(this);
        if (draft.unique && earlier.stream().anyMatch(other -> other.find(this).equals(value))) {
            throw in.problem(draft.key, "= " + type.write(value.get()) + " stands in two entries; keep one of them");
        }
    }

    private String condition() {
        Setting<?> other = draft.condition.get().other;
        String name = other.table() == draft.table ? other.key() : other.toString();
        return name + " = " + String.join(" or ", decidingValues());
    }
}
