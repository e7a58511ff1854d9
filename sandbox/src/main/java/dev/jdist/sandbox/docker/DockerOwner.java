package dev.jdist.sandbox.docker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Whose containers and images these are.
 *
 * @param name tells the builders of one engine apart, and is the same after a restart
 */
public record DockerOwner(String name) {
    static final String LABEL = "dev.jdist.builder";
    private static final int PREFIX_BYTES = 6;

    String label() {
        return LABEL + "=" + name;
    }

    /** With what the names of containers and images begin: names may have hardly any punctuation. */
    String prefix() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return "jdist-" + HexFormat.of().formatHex(digest, 0, PREFIX_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
