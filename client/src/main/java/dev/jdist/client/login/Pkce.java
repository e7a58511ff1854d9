package dev.jdist.client.login;

import dev.jdist.protocol.auth.RandomKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The proof that whoever redeems a code is who asked for it: RFC 7636, method S256. */
public record Pkce(String verifier) {
    private static final int VERIFIER_BYTES = 32;

    static Pkce fresh() {
        return new Pkce(RandomKey.base64Url(VERIFIER_BYTES).value());
    }

    String challenge() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "[secret]";
    }
}
