package dev.jdist.client.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.bouncycastle.crypto.digests.Blake3Digest;

/**
 * 256 bits that stand for some content: BLAKE3, of which Java makes more bytes a second than of SHA-256 unless its slow
 * compiler has been at work, and a build is mostly over by then.
 */
public record Digest(long first, long second, long third, long fourth) {
    public static final int BYTES = 4 * Long.BYTES;

    private static final int BUFFER = 1 << 16;

    public static Digest of(byte[] content) {
        Blake3Digest digest = new Blake3Digest();
        digest.update(content, 0, content.length);
        return finish(digest);
    }

    /** Of all that can be read. */
    public static Digest of(InputStream content) throws IOException {
        Blake3Digest digest = new Blake3Digest();
        byte[] buffer = new byte[BUFFER];
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            digest.update(buffer, 0, count);
        }
        return finish(digest);
    }

    /** Of what was given to {@code digest} so far. */
    public static Digest finish(Blake3Digest digest) {
        byte[] bytes = new byte[BYTES];
        digest.doFinal(bytes, 0);
        return read(ByteBuffer.wrap(bytes));
    }

    public static Digest read(ByteBuffer in) {
        return new Digest(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    public void write(ByteBuffer out) {
        out.putLong(first).putLong(second).putLong(third).putLong(fourth);
    }

    /** 64 hexadecimal digits. */
    public String hex() {
        HexFormat digits = HexFormat.of();
        return digits.toHexDigits(first)
                + digits.toHexDigits(second)
                + digits.toHexDigits(third)
                + digits.toHexDigits(fourth);
    }

    @Override
    public String toString() {
        return hex();
    }
}
