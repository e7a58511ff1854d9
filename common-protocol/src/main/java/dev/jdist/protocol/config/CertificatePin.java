package dev.jdist.protocol.config;

import dev.jdist.protocol.wire.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Which key a server must have: the SHA-256 of the certificate's public key (its SubjectPublicKeyInfo in DER, as in RFC
 * 7469). The certificate around the key may be renewed and name other addresses.
 *
 * @param source where it is written, for messages: {@code scheduler_pin in server.conf:9}; empty if it was computed
 */
public record CertificatePin(Bytes sha256, String source) {
    private static final String SCHEME = "sha256:";
    private static final Pattern FORM = Pattern.compile(SCHEME + "[0-9a-fA-F]{64}");

    /**
     * @param text {@code sha256:} and 64 hexadecimal digits
     * @throws IllegalArgumentException with a message for the person who wrote it
     */
    public static CertificatePin parse(String text, String source) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not " + SCHEME
                    + " and 64 hexadecimal digits; `jdist doctor` on the scheduler's machine shows the pin");
        }
        byte[] digest = HexFormat.of().parseHex(text.substring(SCHEME.length()));
        return new CertificatePin(Bytes.wrap(digest), source);
    }

    /** The pin that this certificate satisfies. */
    public static CertificatePin of(X509Certificate certificate) {
        try {
            byte[] key = certificate.getPublicKey().getEncoded();
            return new CertificatePin(
                    Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(key)), "");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    public boolean accepts(X509Certificate certificate) {
        return of(certificate).sha256.equals(sha256);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return SCHEME + sha256.toHex();
    }
}
