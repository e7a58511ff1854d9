package dev.jdist.protocol.settings;

import java.util.Optional;

/** A table of a settings file, in which keys are declared. */
public final class SettingsTable {
    private final SettingsFile file;
    private final Optional<SettingsTable> parent;
    private final String name;
    private final Presence presence;
    /** With this key, a required table need not be there. */
    private final Optional<Setting<? extends Optional<?>>> instead;

    private enum Presence {
        OPTIONAL,
        REQUIRED,
        REPEATED
    }

    private SettingsTable(
            SettingsFile file,
            Optional<SettingsTable> parent,
            String name,
            Presence presence,
            Optional<Setting<? extends Optional<?>>> instead) {
        this.file = file;
        this.parent = parent;
        this.name = name;
        this.presence = presence;
        this.instead = instead;
    }

    /** What stands before the first header. */
    static SettingsTable top(SettingsFile file) {
        return new SettingsTable(file, Optional.empty(), "", Presence.OPTIONAL, Optional.empty());
    }

    /** A table that need not be there. */
    public SettingsTable table(String inner) {
        return inner(inner, Presence.OPTIONAL, Optional.empty());
    }

    public SettingsTable requiredTable(String inner) {
        return inner(inner, Presence.REQUIRED, Optional.empty());
    }

    /** A table that must be there if {@code instead} is not. */
    public SettingsTable requiredTableUnless(Setting<? extends Optional<?>> instead, String inner) {
        return inner(inner, Presence.REQUIRED, Optional.of(instead));
    }

    /** A table that may be there more than once. */
    public SettingsTable rows(String inner) {
        return inner(inner, Presence.REPEATED, Optional.empty());
    }

    private SettingsTable inner(String inner, Presence how, Optional<Setting<? extends Optional<?>>> unless) {
        SettingsTable table = new SettingsTable(file, Optional.of(this), inner, how, unless);
        file.add(table);
        return table;
    }

    /** Begins the declaration of a key. */
    public <T> Setting.Draft<T> key(String key, SettingType<T> type) {
        return new Setting.Draft<>(this, key, type);
    }

    SettingsFile file() {
        return file;
    }

    Optional<SettingsTable> parent() {
        return parent;
    }

    String name() {
        return name;
    }

    boolean isRequired(SettingValues before) {
        return presence == Presence.REQUIRED
                && instead.flatMap(before::find).flatMap(value -> value).isEmpty();
    }

    public boolean isRepeated() {
        return presence == Presence.REPEATED;
    }

    public boolean isTop() {
        return parent.isEmpty();
    }

    /** Whether only jdist has it. */
    boolean isOwn() {
        return path().equals("jdist");
    }

    /** {@code dist.auth}. */
    public String path() {
        return parent.map(table -> table.qualify(name)).orElse("");
    }

    /** As its header stands in a file: {@code [dist.auth]}. */
    public String header() {
        return isRepeated() ? "[[" + path() + "]]" : "[" + path() + "]";
    }

    String qualify(String key) {
        return isTop() ? key : path() + "." + key;
    }
}
