package dev.jdist.protocol.doctor;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import java.nio.file.Path;
import java.util.Locale;

/** What a machine is in a farm. */
public enum Role {
    CLIENT,
    SCHEDULER,
    BUILDER;

    /**
     * Whose settings these are, by the keys that only one of the three has.
     *
     * @throws ConfigException if the file cannot be read
     */
    public static Role of(Path file) throws ConfigException {
        ConfigTable root = ConfigTable.read(file);
        if (root.has("client_auth") || root.has("server_auth")) {
            return SCHEDULER;
        }
        return root.has("public_addr") || root.has("builder") || root.has("scheduler_auth") ? BUILDER : CLIENT;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
