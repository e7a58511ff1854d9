package dev.jdist.protocol.message;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bouncycastle.crypto.digests.Blake3Digest;

/**
 * Computes the id of a toolchain archive: BLAKE3 of its bytes, 256 bits, as 64 hex digits with the low digit of each byte
 * first. That is how sccache prints digests, and so what the name is on the wire.
 */
public final class ArchiveDigest {
    private static final int BYTES = 32;
    private static final int BUFFER = 64 << 10;

    private final Blake3Digest hash = new Blake3Digest();

    public static Toolchain of(Path archive) throws IOException {
        ArchiveDigest digest = new ArchiveDigest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Files.newInputStream(archive)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, count);
            }
        }
        return digest.finish();
    }

    /** Takes the first {@code count} bytes of {@code buffer} in. */
    public void update(byte[] buffer, int count) {
        hash.update(buffer, 0, count);
    }

    public Toolchain finish() {
        StringBuilder digits = new StringBuilder(2 * BYTES);
        byte[] bytes = new byte[BYTES];
        hash.doFinal(bytes, 0);
        for (byte next : bytes) {
            digits.append(Character.forDigit(next & 0xf, 16));
            digits.append(Character.forDigit(next >> 4 & 0xf, 16));
        }
        return new Toolchain(digits.toString());
    }
}
