package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The SHA-256 of some content, which is its name. Sorted as its bytes are. */
public final class Sha256 implements Comparable<Sha256> {
    public static final int BYTES = 32;

    private static final int BUFFER = 64 << 10;

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private Sha256(ByteBuffer bytes) {
        first = bytes.getLong();
        second = bytes.getLong();
        third = bytes.getLong();
        fourth = bytes.getLong();
    }

    /**
     * The digest that has these bytes.
     *
     * @throws IllegalArgumentException if they are not 32
     */
    public static Sha256 of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("a SHA-256 has " + BYTES + " bytes, not " + digest.length);
        }
        return new Sha256(ByteBuffer.wrap(digest));
    }

    /** The digest of a content. */
    public static Sha256 ofContent(byte[] content) {
        return of(newMessageDigest().digest(content));
    }

    /** The digest of a content that may be large. */
    public static Sha256 ofContent(PrimitiveBytes content) throws IOException {
        MessageDigest digest = newMessageDigest();
        byte[] buffer = new byte[(int) Math.min(BUFFER, content.length() + 1)];
        try (InputStream in = content.toInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        }
        return of(digest.digest());
    }

    /** What computes such digests, for a content that is on its way elsewhere at the same time. */
    public static MessageDigest newMessageDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /**
     * The digest with these hex digits.
     *
     * @throws IllegalArgumentException if they are not 64 digits, of which the letters are small
     */
    public static Sha256 parse(String hex) {
        if (hex.length() != 2 * BYTES || !hex.equals(hex.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("a SHA-256 has " + 2 * BYTES + " hex digits");
        }
        return of(HexFormat.of().parseHex(hex));
    }

    /** 64 digits; the letters are small. */
    public String hex() {
        return HexFormat.of().formatHex(toByteArray());
    }

    public byte[] toByteArray() {
        byte[] bytes = new byte[BYTES];
        writeTo(ByteBuffer.wrap(bytes));
        return bytes;
    }

    public Bytes toBytes() {
        return Bytes.wrap(toByteArray());
    }

    void writeTo(ByteBuffer out) {
        out.putLong(first).putLong(second).putLong(third).putLong(fourth);
    }

    static Sha256 read(ByteBuffer in) {
        return new Sha256(in);
    }

    @Override
    public int compareTo(Sha256 other) {
        int order = Long.compareUnsigned(first, other.first);
        if (order == 0) {
            order = Long.compareUnsigned(second, other.second);
        }
        if (order == 0) {
            order = Long.compareUnsigned(third, other.third);
        }
        return order != 0 ? order : Long.compareUnsigned(fourth, other.fourth);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that
                && first == that.first
                && second == that.second
                && third == that.third
                && fourth == that.fourth;
    }

    /** Any part of a digest is as good as all of it, unless somebody sends chosen ones: then the maps' trees help. */
    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }

    @Override
    public String toString() {
        return hex();
    }
}
