package dev.jdist.scheduler.auth;

import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the scheduler knows of one token that it gave out: everything but the token itself.
 *
 * @param address the only builder that may show it, if not any
 * @param made when, to the second
 * @param expires from when on it is no longer good, if ever
 * @param digest SHA-256 of the token. It has 256 random bits, so nobody finds it by guessing, and no salt is needed
 */
public record NamedToken(
        String name, Kind kind, Optional<ServerId> address, Instant made, Optional<Instant> expires, Bytes digest) {
    static final int DIGEST_BYTES = 32;

    private static final int TOKEN_BYTES = 32;
    private static final int LONGEST_NAME = 64;
    /** What can stand in a log, a file and on a command line without quotes. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    /** Who shows it. */
    public enum Kind {
        CLIENT,
        BUILDER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @throws IllegalArgumentException if it cannot be so; the message says why */
    public NamedToken {
        checkName(name);
        if (kind == Kind.CLIENT && address.isPresent()) {
            throw new IllegalArgumentException("only the token of a builder can have an address");
        }
        if (digest.size() != DIGEST_BYTES) {
            throw new IllegalArgumentException("a SHA-256 digest has " + DIGEST_BYTES + " bytes");
        }
    }

    /** @throws IllegalArgumentException if no token can have that name */
    public static void checkName(String name) {
        if (name.length() > LONGEST_NAME || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("\"" + name + "\" is not a valid name of a token: at most "
                    + LONGEST_NAME + " letters, digits, dots, dashes and underscores, the first one a letter or digit");
        }
    }

    boolean hasExpired(Instant now) {
        return expires.map(end -> !now.isBefore(end)).orElse(false);
    }

    /** A token that nobody had before. */
    public static Secret draw() {
        return RandomKey.base64Url(TOKEN_BYTES);
    }

    public static Bytes digestOf(String token) {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
