package dev.jdist.client.cache.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.CountingListener;
import dev.jdist.client.cache.storage.DiskStore.Kind;
import dev.jdist.client.files.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {
    private static final int ENTRY = 10_000;

    @TempDir
    Path directory;

    private final CountingListener listener = new CountingListener();

    private DiskStore open(long limit) throws IOException {
        return DiskStore.open(directory, limit, 3, true, listener);
    }

    private static Digest key(int number) {
        return new Digest(number, 0, 0, 0);
    }

    /** Does not get smaller. */
    private static byte[] noise(int seed) {
        byte[] bytes = new byte[ENTRY];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private List<Path> entries() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".result")).toList();
        }
    }

    /** In blocks, as {@code du} counts. */
    private long bytesOnDisk() throws IOException {
        return entries().stream()
                .mapToLong(file -> (file.toFile().length() + 4095) / 4096 * 4096)
                .sum();
    }

    @Test
    void entry_justWritten_isReadAtOnce() throws IOException {
        try (DiskStore store = open(1 << 20)) {
            store.write(key(1), Kind.RESULT, noise(1));
            assertArrayEquals(noise(1), store.read(key(1), Kind.RESULT).orElseThrow());
            assertTrue(store.read(key(1), Kind.MANIFEST).isEmpty());
            assertTrue(store.read(key(2), Kind.RESULT).isEmpty());
        }
    }

    @Test
    void entry_ofAStoreThatWasClosed_isRead() throws IOException {
        try (DiskStore store = open(1 << 20)) {
            store.write(key(1), Kind.RESULT, noise(1));
        }
        try (DiskStore store = open(1 << 20)) {
            assertArrayEquals(noise(1), store.read(key(1), Kind.RESULT).orElseThrow());
        }
        assertEquals(1, listener.written.get());
    }

    @Test
    void entry_writtenAgain_isReplacedAndCountedOnce() throws IOException {
        DiskStore store = open(1 << 20);
        store.write(key(1), Kind.RESULT, noise(1));
        store.write(key(1), Kind.RESULT, noise(2));
        store.close();
        assertEquals(bytesOnDisk(), store.size());
        try (DiskStore again = open(1 << 20)) {
            assertArrayEquals(noise(2), again.read(key(1), Kind.RESULT).orElseThrow());
        }
    }

    @Test
    void use_whileTheStoreIsBusy_isNotedForSoManyEntriesAtMost() throws Exception {
        int entries = DiskStore.MAX_PENDING_TOUCHES + 10;
        try (DiskStore store = open(1 << 30)) {
            for (int i = 0; i < entries; i++) {
                store.write(key(i), Kind.MANIFEST, new byte[] {1});
            }
        }
        CountDownLatch isBusy = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountingListener busy = new CountingListener() {
            @Override
            public void written(Duration time) {
                isBusy.countDown();
                awaitUninterruptibly(goOn);
            }
        };
        try (DiskStore store = DiskStore.open(directory, 1 << 30, 3, true, busy)) {
            store.write(key(entries), Kind.MANIFEST, new byte[] {1});
            isBusy.await();
            for (int turn = 0; turn < 2; turn++) {
                for (int i = 0; i < entries; i++) {
                    assertTrue(store.read(key(i), Kind.MANIFEST).isPresent());
                }
            }
            assertEquals(DiskStore.MAX_PENDING_TOUCHES, store.pendingTouches());
            goOn.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fullStore_evictsWhatWasUsedLongestAgo() throws IOException {
        try (DiskStore store = open(200 * ENTRY)) {
            for (int i = 0; i < 90; i++) {
                store.write(key(i), Kind.RESULT, noise(i));
            }
        }
        age(key(7), Duration.ofDays(3));
        age(key(3), Duration.ofDays(2));
        try (DiskStore store = open(200 * ENTRY)) {
            assertTrue(store.read(key(3), Kind.RESULT).isPresent());
        }
        try (DiskStore store = open(120 * ENTRY)) {
            store.write(key(100), Kind.RESULT, noise(100));
        }
        try (DiskStore store = open(200 * ENTRY)) {
            assertTrue(store.read(key(7), Kind.RESULT).isEmpty(), "not used for three days");
            assertTrue(store.read(key(3), Kind.RESULT).isPresent(), "as old, but used just now");
            assertTrue(store.read(key(100), Kind.RESULT).isPresent());
        }
    }

    /** Uses are noted down together, after a while. */
    @Test
    void useJustNow_countsWhenRoomIsMade() throws IOException {
        try (DiskStore store = open(200 * ENTRY)) {
            for (int i = 0; i < 90; i++) {
                store.write(key(i), Kind.RESULT, noise(i));
            }
        }
        age(key(3), Duration.ofDays(2));
        // All of them fit, so that nothing is evicted before the use.
        try (DiskStore store = open(150 * ENTRY)) {
            assertTrue(store.read(key(3), Kind.RESULT).isPresent());
            for (int i = 100; i < 140; i++) {
                store.write(key(i), Kind.RESULT, noise(i));
            }
        }
        try (DiskStore store = open(200 * ENTRY)) {
            assertTrue(store.read(key(3), Kind.RESULT).isPresent());
            assertTrue(store.read(key(139), Kind.RESULT).isPresent());
        }
    }

    private void age(Digest key, Duration age) throws IOException {
        try (var files = Files.walk(directory)) {
            Path file = files.filter(path -> path.toString().endsWith(key.hex().substring(2) + ".result"))
                    .findFirst()
                    .orElseThrow();
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
        }
    }

    @Test
    void store_neverExceedsItsLimit() throws IOException {
        long limit = 20 * ENTRY;
        for (int round = 0; round < 5; round++) {
            try (DiskStore store = open(limit)) {
                for (int i = 0; i < 30; i++) {
                    store.write(key(100 * round + i), Kind.RESULT, noise(i));
                }
            }
            assertTrue(bytesOnDisk() <= limit, "round " + round + ": " + bytesOnDisk());
        }
    }

    @Test
    void storesThatShareADirectory_keepTheLimitTogether() throws IOException {
        long limit = 20 * ENTRY;
        try (DiskStore one = open(limit);
                DiskStore other = open(limit)) {
            for (int i = 0; i < 30; i++) {
                one.write(key(2 * i), Kind.RESULT, noise(2 * i));
                other.write(key(2 * i + 1), Kind.RESULT, noise(2 * i + 1));
            }
        }
        assertTrue(bytesOnDisk() <= limit, () -> "more than " + limit);
        try (DiskStore third = open(limit)) {
            assertTrue(third.size() >= bytesOnDisk(), () -> third.size() + " is too little");
        }
    }

    @Test
    void storeThatSomebodyEmptied_isCountedAnew() throws IOException {
        DiskStore store = open(1 << 20);
        store.write(key(1), Kind.RESULT, noise(1));
        store.close();
        try (var all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        store = open(1 << 20);
        store.write(key(2), Kind.RESULT, noise(2));
        store.close();
        assertEquals(bytesOnDisk(), store.size());
    }

    @Test
    void entry_largerThanTheLimit_isNotStored() throws IOException {
        try (DiskStore store = open(ENTRY / 2)) {
            store.write(key(1), Kind.RESULT, noise(1));
        }
        assertEquals(0, bytesOnDisk());
    }

    @Test
    void unfinishedFile_ofADaemonThatWasKilledLongAgo_isRemoved() throws IOException {
        Path unfinished = Files.createDirectories(directory.resolve("unfinished"));
        Path old = Files.write(unfinished.resolve("1-1"), noise(1));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        Path fresh = Files.write(unfinished.resolve("1-2"), noise(2));
        open(1 << 20).close();
        assertTrue(Files.notExists(old));
        assertTrue(Files.exists(fresh), "another daemon may be writing it");
    }

    @Test
    void damagedEntry_ofAnyKind_isNoEntryAndIsRemoved() throws IOException {
        for (int position = 0; position < 40; position++) {
            try (DiskStore store = open(1 << 20)) {
                store.write(key(1), Kind.RESULT, new byte[ENTRY]);
            }
            Path file = entries().get(0);
            byte[] bytes = Files.readAllBytes(file);
            bytes[position % bytes.length] ^= (byte) (1 << position % 8);
            Files.write(file, position % 3 == 0 ? java.util.Arrays.copyOf(bytes, bytes.length / 2) : bytes);
            try (DiskStore store = open(1 << 20)) {
                Optional<byte[]> read = store.read(key(1), Kind.RESULT);
                assertTrue(read.isEmpty() || java.util.Arrays.equals(new byte[ENTRY], read.get()), "octet " + position);
            }
        }
    }

    @Test
    void storeThatCannotBeWrittenTo_losesEntriesAndNothingElse() throws IOException {
        try (DiskStore store = open(1 << 20)) {
            // A file where a directory has to be.
            Files.write(directory.resolve("unfinished"), noise(1));
            store.write(key(1), Kind.RESULT, noise(1));
        }
        assertEquals(1, listener.writeFailures.get());
    }
}
