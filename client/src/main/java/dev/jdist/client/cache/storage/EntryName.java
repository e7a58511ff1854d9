package dev.jdist.client.cache.storage;

import dev.jdist.client.files.Digest;
import java.util.Locale;

/** Under what an entry is kept: its key, and what it is. */
public record EntryName(Digest key, Kind kind) {
    /** What an entry is. */
    public enum Kind {
        RESULT,
        MANIFEST;

        private final String suffix = "." + name().toLowerCase(Locale.ROOT);

        /** The end of an entry's name. */
        String suffix() {
            return suffix;
        }
    }

    /** The key's 64 hexadecimal digits, a dot and the kind. */
    @Override
    public String toString() {
        return key.hex() + kind.suffix;
    }
}
