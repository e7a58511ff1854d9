package dev.jdist.protocol.spool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes come out as they went in, within the bounds, wherever they were meanwhile, and nothing of them stays. */
class SpoolTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    private final AtomicInteger files = new AtomicInteger();
    private final Spools spools = new Spools(
            () -> directory.resolve("spool-" + files.incrementAndGet()), new Spools.Limits(MIB, 4 * MIB, 3 * MIB));

    @AfterEach
    void nothingIsLeft() {
        assertEquals(List.of(), List.of(directory.toFile().list()));
        assertEquals(0, spools.used());
        assertEquals(0, spools.memoryUsed());
        spools.close();
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16 << 10, (16 << 10) + 1, Spool.MOST_IN_MEMORY, Spool.MOST_IN_MEMORY + 1, MIB})
    void append_inPieces_comesOutWholeAndInParts(int length) throws IOException {
        byte[] bytes = noise(length);
        try (Spool spool = spools.create()) {
            for (int from = 0; from < length; from += 7000) {
                spool.append(ByteBuffer.wrap(bytes, from, Math.min(7000, length - from)));
            }
            assertEquals(length, spool.length());
            assertEquals(length <= Spool.MOST_IN_MEMORY, spool.isInMemory());
            assertEquals(spool.isInMemory() ? 0 : length, spools.used());
            for (int round = 0; round < 2; round++) {
                assertArrayEquals(bytes, spool.toInputStream().readAllBytes());
            }
            int from = length / 3;
            int count = length / 2;
            assertArrayEquals(
                    Arrays.copyOfRange(bytes, from, from + count),
                    spool.part(from, count).part(0, count).toInputStream().readAllBytes());
            assertThrows(IndexOutOfBoundsException.class, () -> spool.part(1, length));
            try (InputStream in = spool.toInputStream()) {
                in.skipNBytes(from);
                assertEquals(length - from, in.readAllBytes().length);
                assertEquals(-1, in.read());
                assertEquals(0, in.read(new byte[0]));
            }
        }
    }

    @Test
    void append_withoutMemoryLeft_takesAFile() throws IOException {
        try (Spool first = spools.create();
                Spool second = spools.create();
                Spool third = spools.create();
                Spool fourth = spools.create()) {
            for (Spool spool : List.of(first, second, third)) {
                spool.append(ByteBuffer.wrap(noise(Spool.MOST_IN_MEMORY)));
                assertTrue(spool.isInMemory());
            }
            assertTrue(fourth.appendInMemory(ByteBuffer.wrap(noise(200_000))));
            try (Spool fifth = spools.create()) {
                ByteBuffer more = ByteBuffer.wrap(noise(100));
                assertFalse(fifth.appendInMemory(more));
                assertEquals(100, more.remaining());

                fifth.append(more);

                assertFalse(fifth.isInMemory());
                assertArrayEquals(noise(100), fifth.toInputStream().readAllBytes());
            }
            first.close();
            try (Spool sixth = spools.create()) {
                assertTrue(sixth.appendInMemory(ByteBuffer.wrap(noise(100))));
            }
        }
    }

    @Test
    void append_moreThanAnOwnerMayHave_isRefusedToItAlone() throws IOException {
        try (Spool first = spools.create("one");
                Spool second = spools.create("one");
                Spool other = spools.create("other")) {
            first.append(ByteBuffer.wrap(noise(2 * MIB)));

            IOException e =
                    assertThrows(SpoolFullException.class, () -> second.append(ByteBuffer.wrap(noise(MIB + 1))));

            assertTrue(e.getMessage().contains("3.0 MiB"), e.getMessage());
            other.append(ByteBuffer.wrap(noise(MIB)));
            assertEquals(2 * MIB, spools.used("one"));
        }
        assertEquals(0, spools.used("one"));
    }

    @Test
    void append_moreThanAllMayHave_isRefused() throws IOException {
        try (Spool first = spools.create("one");
                Spool second = spools.create("other")) {
            first.append(ByteBuffer.wrap(noise(3 * MIB)));

            IOException e =
                    assertThrows(SpoolFullException.class, () -> second.append(ByteBuffer.wrap(noise(MIB + 1))));

            assertTrue(e.getMessage().contains("4.0 MiB"), e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, MIB})
    void close_whileSomebodyReadsOrWrites_endsThat(int length) throws IOException {
        Spool spool = spools.create();
        spool.append(ByteBuffer.wrap(noise(length)));
        try (InputStream in = spool.toInputStream()) {
            in.read();
            spool.close();
            spool.close();
            assertThrows(ClosedChannelException.class, in::readAllBytes);
            assertThrows(ClosedChannelException.class, () -> spool.append(ByteBuffer.wrap(noise(10))));
        }
    }
}
