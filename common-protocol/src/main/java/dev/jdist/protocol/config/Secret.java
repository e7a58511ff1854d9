package dev.jdist.protocol.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A token or key from a settings file. It prints as nothing; ask for {@link #value()} where it is really needed. */
public record Secret(String value) {
    /** What is shown in place of a secret. */
    public static final String REDACTED = "[secret]";

    /** Compares in a time that does not depend on where the two differ. */
    public boolean matches(String candidate) {
        return MessageDigest.isEqual(
                value.getBytes(StandardCharsets.UTF_8), candidate.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return REDACTED;
    }
}
