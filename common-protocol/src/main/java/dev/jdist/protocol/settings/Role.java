package dev.jdist.protocol.settings;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.Variable.Reader;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What a machine is in a farm, which decides what its settings file may say and which variables it heeds. */
public enum Role {
    CLIENT(ClientSettings.FILE, EnumSet.allOf(Reader.class)),
    SCHEDULER(SchedulerSettings.FILE, EnumSet.of(Reader.EVERY_ROLE, Reader.BACKGROUND_ROLE, Reader.SYSTEM)),
    BUILDER(ServerSettings.FILE, EnumSet.of(Reader.EVERY_ROLE, Reader.SYSTEM));

    private final SettingsFile settings;
    private final Set<Reader> readers;

    Role(SettingsFile settings, Set<Reader> readers) {
        this.settings = settings;
        this.readers = readers;
    }

    /**
     * Whose settings these are, by the keys that only one of the three has.
     *
     * @throws ConfigException if the file cannot be read
     */
    public static Role of(Path file) throws ConfigException {
        ConfigTable root = ConfigTable.read(file);
        // With a file of named tokens, a scheduler needs neither of the two tables.
        if (root.has("client_auth")
                || root.has("server_auth")
                || root.table("jdist").has(SchedulerSettings.TOKENS.key())) {
            return SCHEDULER;
        }
        return root.has("public_addr") || root.has("builder") || root.has("scheduler_auth") ? BUILDER : CLIENT;
    }

    /** What its settings file may say. */
    public SettingsFile settings() {
        return settings;
    }

    /** Whether it heeds variables with these readers. */
    boolean reads(Reader reader) {
        return readers.contains(reader);
    }

    /** The file that is meant where none is named; the client's need not be there. */
    public Path usualFile(Environment environment) {
        return switch (this) {
            case CLIENT -> environment.clientConfigFile();
            case SCHEDULER -> Path.of("/etc/jdist/scheduler.conf");
            case BUILDER -> Path.of("/etc/jdist/server.conf");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
