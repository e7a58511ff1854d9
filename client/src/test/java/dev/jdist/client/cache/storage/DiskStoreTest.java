package dev.jdist.client.cache.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.EntryName.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest extends StorageContract {
    private static final int ENTRY = 10_000;

    @TempDir
    Path directory;

    @Override
    Storage open() throws IOException {
        return open(1 << 30);
    }

    private DiskStore open(long limit) throws IOException {
        return DiskStore.open(directory, limit, true);
    }

    private static EntryName result(int number) {
        return name(number, Kind.RESULT);
    }

    private static byte[] noise(int seed) {
        return noise(seed, ENTRY);
    }

    private static boolean has(Storage storage, EntryName name) throws Exception {
        return get(storage.read(name)).isPresent();
    }

    private Path entriesDirectory() {
        return directory.resolve("jdist-1");
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
    void entry_onTheDisk_isReadWithoutAnotherThread() throws Exception {
        try (DiskStore store = open(1 << 20)) {
            get(store.write(result(1), noise(1)));
            assertTrue(store.read(result(1)).isDone());
            assertTrue(store.read(result(2)).isDone());
        }
    }

    @Test
    void entry_writtenAgain_isCountedOnce() throws Exception {
        try (DiskStore store = open(1 << 20)) {
            get(store.write(result(1), noise(1)));
            get(store.write(result(1), noise(2)));
            assertEquals(OptionalLong.of(bytesOnDisk()), store.size());
        }
    }

    @Test
    void store_tellsItsLimitAndDirectoryAsTheyWereSet() throws Exception {
        try (DiskStore store = open(1 << 20)) {
            assertEquals(OptionalLong.of(1 << 20), store.limit());
            assertEquals("Local disk: \"" + directory + "\"", store.location());
        }
    }

    @Test
    void readOnlyStore_makesNothing() throws Exception {
        Path place = directory.resolve("not-there");
        try (DiskStore store = DiskStore.open(place, 1 << 20, false)) {
            assertFalse(store.isWritable());
            assertFalse(has(store, result(1)));
            assertEquals(OptionalLong.of(0), store.size());
        }
        assertTrue(Files.notExists(place));
    }

    @Test
    void use_whileTheStoreIsBusy_isNotedForSoManyEntriesAtMost() throws Exception {
        Files.createDirectories(entriesDirectory());
        DiskStore store;
        try (SharedSize busy = SharedSize.hold(entriesDirectory())) {
            store = open(1 << 30);
            for (int turn = 0; turn < 2; turn++) {
                for (int i = 0; i < DiskStore.MAX_PENDING_TOUCHES + 10; i++) {
                    store.touch(result(i));
                }
            }
            assertEquals(DiskStore.MAX_PENDING_TOUCHES, store.pendingTouches());
            assertEquals(0, busy.size());
        }
        store.close();
    }

    @Test
    void entryThatCannotBeRead_failsAndIsRemoved() throws Exception {
        Path place = Files.createDirectories(file(result(1)));
        try (DiskStore store = open(1 << 20)) {
            CompletableFuture<Optional<byte[]>> read = store.read(result(1));
            assertThrows(ExecutionException.class, read::get);
            get(store.write(result(1), noise(1)));
            assertArrayEquals(noise(1), get(store.read(result(1))).orElseThrow());
        }
        assertTrue(Files.isRegularFile(place));
    }

    private Path file(EntryName name) {
        String text = name.toString();
        return entriesDirectory().resolve(text.substring(0, 2)).resolve(text.substring(2));
    }

    @Test
    void fullStore_evictsWhatWasUsedLongestAgo() throws Exception {
        try (DiskStore store = open(200 * ENTRY)) {
            for (int i = 0; i < 90; i++) {
                get(store.write(result(i), noise(i)));
            }
        }
        age(result(7), Duration.ofDays(3));
        age(result(3), Duration.ofDays(2));
        try (DiskStore store = open(200 * ENTRY)) {
            store.touch(result(3));
        }
        try (DiskStore store = open(120 * ENTRY)) {
            get(store.write(result(100), noise(100)));
        }
        try (DiskStore store = open(200 * ENTRY)) {
            assertFalse(has(store, result(7)), "not used for three days");
            assertTrue(has(store, result(3)), "as old, but used just now");
            assertTrue(has(store, result(100)));
        }
    }

    /** Uses are noted down together, after a while. */
    @Test
    void useJustNow_countsWhenRoomIsMade() throws Exception {
        try (DiskStore store = open(200 * ENTRY)) {
            for (int i = 0; i < 90; i++) {
                get(store.write(result(i), noise(i)));
            }
        }
        age(result(3), Duration.ofDays(2));
        // All of them fit, so that nothing is evicted before the use.
        try (DiskStore store = open(150 * ENTRY)) {
            store.touch(result(3));
            for (int i = 100; i < 140; i++) {
                get(store.write(result(i), noise(i)));
            }
        }
        try (DiskStore store = open(200 * ENTRY)) {
            assertTrue(has(store, result(3)));
            assertTrue(has(store, result(139)));
        }
    }

    private void age(EntryName name, Duration age) throws IOException {
        Files.setLastModifiedTime(file(name), FileTime.from(Instant.now().minus(age)));
    }

    @Test
    void store_neverExceedsItsLimit() throws Exception {
        long limit = 20 * ENTRY;
        for (int round = 0; round < 5; round++) {
            try (DiskStore store = open(limit)) {
                for (int i = 0; i < 30; i++) {
                    get(store.write(result(100 * round + i), noise(i)));
                }
            }
            assertTrue(bytesOnDisk() <= limit, "round " + round + ": " + bytesOnDisk());
        }
    }

    @Test
    void storesThatShareADirectory_keepTheLimitTogether() throws Exception {
        long limit = 20 * ENTRY;
        try (DiskStore one = open(limit);
                DiskStore other = open(limit)) {
            for (int i = 0; i < 30; i++) {
                CompletableFuture<?> ofOne = one.write(result(2 * i), noise(2 * i));
                get(other.write(result(2 * i + 1), noise(2 * i + 1)));
                get(ofOne);
            }
        }
        assertTrue(bytesOnDisk() <= limit, () -> "more than " + limit);
        try (DiskStore third = open(limit)) {
            long size = third.size().orElseThrow();
            assertTrue(size >= bytesOnDisk(), () -> size + " is too little");
        }
    }

    @Test
    void storeThatSomebodyEmptied_isCountedAnew() throws Exception {
        DiskStore store = open(1 << 20);
        get(store.write(result(1), noise(1)));
        store.close();
        try (var all = Files.walk(directory)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        store = open(1 << 20);
        get(store.write(result(2), noise(2)));
        store.close();
        assertEquals(OptionalLong.of(bytesOnDisk()), store.size());
    }

    @Test
    void entry_largerThanTheLimit_isNotStored() throws Exception {
        try (DiskStore store = open(ENTRY / 2)) {
            assertEquals(Optional.empty(), get(store.write(result(1), noise(1))));
        }
        assertEquals(0, bytesOnDisk());
    }

    @Test
    void unfinishedFile_ofADaemonThatWasKilledLongAgo_isRemoved() throws Exception {
        Path unfinished = Files.createDirectories(entriesDirectory().resolve("unfinished"));
        Path old = Files.write(unfinished.resolve("1-1"), noise(1));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        Path fresh = Files.write(unfinished.resolve("1-2"), noise(2));
        open(1 << 20).close();
        assertTrue(Files.notExists(old));
        assertTrue(Files.exists(fresh), "another daemon may be writing it");
    }

    @Test
    void entry_thatCannotBeWritten_failsAndHarmsNothingElse() throws Exception {
        try (DiskStore store = open(1 << 20)) {
            get(store.write(result(1), noise(1)));
            // A file where a directory has to be.
            Files.delete(entriesDirectory().resolve("unfinished"));
            Files.write(entriesDirectory().resolve("unfinished"), noise(1));
            assertThrows(ExecutionException.class, store.write(result(2), noise(2))::get);
            assertTrue(has(store, result(1)));
        }
    }

    @Test
    void store_closed_refusesWhatComesLater() throws Exception {
        DiskStore store = open(1 << 20);
        store.close();
        assertThrows(ExecutionException.class, store.write(result(1), noise(1))::get);
        store.remove(result(1));
        assertFalse(has(store, result(1)));
    }
}
