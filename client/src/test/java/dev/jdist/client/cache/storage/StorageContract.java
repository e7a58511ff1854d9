package dev.jdist.client.cache.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.cache.storage.EntryName.Kind;
import dev.jdist.client.files.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each {@link Storage} has to do. A new one gets a test class that extends this one. */
@Timeout(60)
abstract class StorageContract {
    private static final EntryName NAME = name(1, Kind.RESULT);

    /** Opens the storage under test, writable; whenever it is opened, the same entries are in it. */
    abstract Storage open() throws Exception;

    static EntryName name(int number, Kind kind) {
        // The first bytes differ: they may be names of directories.
        return new EntryName(new Digest((long) number << 56, 0, 0, number), kind);
    }

    static byte[] noise(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static Optional<String> content(Storage storage, EntryName name) throws Exception {
        return get(storage.read(name)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    private static void write(Storage storage, EntryName name, String content) throws Exception {
        Optional<Duration> time = get(storage.write(name, content.getBytes(StandardCharsets.UTF_8)));
        assertFalse(time.orElseThrow().isNegative());
    }

    @Test
    void entry_neverWritten_isNotThere() throws Exception {
        try (Storage storage = open()) {
            assertEquals(Optional.empty(), content(storage, NAME));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4096, 5_000_000})
    void entry_ofAnySize_isReadAsItWasWritten(int length) throws Exception {
        byte[] bytes = noise(length, length);
        try (Storage storage = open()) {
            assertTrue(get(storage.write(NAME, bytes.clone())).isPresent());
            assertArrayEquals(bytes, get(storage.read(NAME)).orElseThrow());
        }
    }

    @Test
    void entries_withAnotherKeyOrOfAnotherKind_areOthers() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "one");
            write(storage, name(1, Kind.MANIFEST), "two");
            assertEquals(Optional.of("one"), content(storage, NAME));
            assertEquals(Optional.of("two"), content(storage, name(1, Kind.MANIFEST)));
            assertEquals(Optional.empty(), content(storage, name(2, Kind.RESULT)));
        }
    }

    @Test
    void entry_writtenAgain_isReplaced() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "a long old one");
            write(storage, NAME, "new");
            assertEquals(Optional.of("new"), content(storage, NAME));
        }
    }

    @Test
    void entry_removed_isGone() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "one");
            write(storage, name(2, Kind.RESULT), "two");
            storage.remove(NAME);
        }
        try (Storage storage = open()) {
            assertEquals(Optional.empty(), content(storage, NAME));
            assertEquals(Optional.of("two"), content(storage, name(2, Kind.RESULT)));
        }
    }

    @Test
    void entry_writtenAfterItsRemoval_isThere() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "old");
            storage.remove(NAME);
            write(storage, NAME, "new");
            assertEquals(Optional.of("new"), content(storage, NAME));
        }
        try (Storage storage = open()) {
            assertEquals(Optional.of("new"), content(storage, NAME));
        }
    }

    @Test
    void results_removedByTheirEnds_areGone_andNoOthers() throws Exception {
        try (Storage storage = open()) {
            List<CompletableFuture<?>> writes = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                String content = "content ".repeat(i * i) + (i % 2 == 0 ? "good" : "bad");
                writes.add(storage.write(name(i, Kind.RESULT), content.getBytes(StandardCharsets.UTF_8)));
            }
            writes.add(storage.write(name(1, Kind.MANIFEST), "a bad".getBytes(StandardCharsets.UTF_8)));
            writes.add(storage.write(name(41, Kind.RESULT), "b".getBytes(StandardCharsets.UTF_8)));
            for (CompletableFuture<?> write : writes) {
                get(write);
            }
            long removed = get(storage.removeIf(5, end -> {
                assertTrue(end.length == 5 || end.length == 1);
                return new String(end, StandardCharsets.UTF_8).endsWith("bad");
            }));
            assertEquals(20, removed);
            for (int i = 1; i <= 40; i++) {
                assertEquals(i % 2 == 0, content(storage, name(i, Kind.RESULT)).isPresent(), "entry " + i);
            }
            assertTrue(content(storage, name(1, Kind.MANIFEST)).isPresent());
            assertTrue(content(storage, name(41, Kind.RESULT)).isPresent());
            write(storage, name(1, Kind.RESULT), "made anew");
            assertEquals(Optional.of("made anew"), content(storage, name(1, Kind.RESULT)));
        }
    }

    @Test
    void entryThatIsNotThere_canBeTouchedAndRemoved() throws Exception {
        try (Storage storage = open()) {
            storage.touch(NAME);
            storage.remove(NAME);
            assertEquals(Optional.empty(), content(storage, NAME));
        }
        try (Storage storage = open()) {
            assertEquals(Optional.empty(), content(storage, NAME), "a use makes no entry");
        }
    }

    @Test
    void entry_touched_staysAsItIs() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "one");
            storage.touch(NAME);
        }
        try (Storage storage = open()) {
            assertEquals(Optional.of("one"), content(storage, NAME));
        }
    }

    @Test
    void close_endsWhatWasAskedForBefore() throws Exception {
        List<CompletableFuture<Optional<Duration>>> writes = new ArrayList<>();
        try (Storage storage = open()) {
            for (int i = 0; i < 20; i++) {
                writes.add(storage.write(name(i, Kind.RESULT), noise(i, 10_000)));
            }
        }
        assertTrue(writes.stream().allMatch(CompletableFuture::isDone));
        try (Storage storage = open()) {
            for (int i = 0; i < 20; i++) {
                assertArrayEquals(
                        noise(i, 10_000),
                        get(storage.read(name(i, Kind.RESULT))).orElseThrow());
            }
        }
    }

    @Test
    void entry_writtenByManyAtOnce_isWhole() throws Exception {
        try (Storage storage = open()) {
            write(storage, NAME, "first");
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String content = String.valueOf(i).repeat(20_000);
                writers.add(new Thread(() -> {
                    for (int turn = 0; turn < 10; turn++) {
                        storage.write(NAME, content.getBytes(StandardCharsets.UTF_8))
                                .join();
                    }
                }));
            }
            writers.forEach(Thread::start);
            for (int turn = 0; turn < 100; turn++) {
                String read = content(storage, NAME).orElseThrow();
                assertTrue(read.equals("first")
                        || read.length() == 20_000 && read.chars().distinct().count() == 1);
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }
    }

    @Test
    void storage_saysWhereItIsAndHowMuchItHolds() throws Exception {
        try (Storage storage = open()) {
            get(storage.write(NAME, noise(1, 100_000)));
            assertFalse(storage.location().isBlank());
            assertTrue(storage.isWritable());
            assertTrue(storage.size().orElse(100_000) >= 100_000, () -> "size " + storage.size());
            assertTrue(storage.limit().orElse(Long.MAX_VALUE) >= storage.size().orElse(0));
        }
    }
}
