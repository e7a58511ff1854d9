package dev.jdist.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Known digests are those of Rust's blake3, which gives af1349b9… for no bytes; on the wire the digits swap. */
class ArchiveDigestTest {
    /** BLAKE3's own test pattern, over more than one buffer: bc3e3d41… before the swap. */
    private static final int LONG = 102_400;

    private static final String LONG_DIGEST = "cbe3d3141a41b660a9fbaf3d0c4d8406fc663409faecd469167f09e297340e58";

    @TempDir
    Path directory;

    @Test
    void finish_nothing_isTheKnownDigest() {
        assertEquals(
                "fa31949b5f9f1a6a0a04d4ae63cd9c94b9bc529cda1c217bcca939ac4ef12326",
                new ArchiveDigest().finish().archiveId());
    }

    @Test
    void update_inPieces_isTheDigestOfTheWhole() {
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(new byte[] {'a', 'b', 'x'}, 2);
        digest.update(new byte[] {'x'}, 0);
        digest.update(new byte[] {'c'}, 1);

        assertEquals(
                "46733bca83641533ff6bb35772a3d85b845c8564d597bd30df53c9c65ddbd958",
                digest.finish().archiveId());
        assertTrue(new ArchiveDigest().finish().isWellFormed());
    }

    @Test
    void of_fileLongerThanTheBuffer_isTheKnownDigest() throws IOException {
        byte[] pattern = new byte[LONG];
        for (int i = 0; i < LONG; i++) {
            pattern[i] = (byte) (i % 251);
        }
        Path archive = Files.write(directory.resolve("archive"), pattern);

        assertEquals(LONG_DIGEST, ArchiveDigest.of(archive).archiveId());
    }

    @Test
    void of_missingFile_fails() {
        assertThrows(NoSuchFileException.class, () -> ArchiveDigest.of(directory.resolve("none")));
    }
}
