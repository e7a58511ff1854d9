package dev.jdist.client.cache.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import dev.jdist.client.cache.CountingListener;
import dev.jdist.client.cache.storage.EntryName.Kind;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.testing.FakeStorage;
import dev.jdist.client.testing.FakeStorage.Answers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What stands above each storage. */
@Timeout(60)
class EntryStoreTest {
    private static final EntryName NAME = StorageContract.name(1, Kind.RESULT);
    private static final byte[] CONTENT =
            "int main(void) { return 0; }\n".repeat(300).getBytes(StandardCharsets.UTF_8);
    /** Nobody waits. */
    private static final Timeouts NO_TIME = new Timeouts(Duration.ZERO, Duration.ZERO);

    private final FakeStorage storage = new FakeStorage(true);
    private final CountingListener listener = new CountingListener();

    private EntryStore open(Timeouts timeouts) {
        return new EntryStore(storage, 3, timeouts, listener);
    }

    private void store(byte[] content) {
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            store.write(NAME, content);
        }
    }

    private Optional<byte[]> read() {
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            return store.read(NAME);
        }
    }

    @Test
    void entry_stored_isReadAndCountsAsUsed() {
        store(CONTENT);
        assertEquals(1, listener.written.get());
        assertTrue(storage.entries.get(NAME).length < CONTENT.length / 10, "it is compressed");
        assertArrayEquals(CONTENT, read().orElseThrow());
        assertEquals(1, storage.touches.get(NAME).get());
    }

    @Test
    void entry_withoutContent_isAnEntry() {
        store(new byte[0]);
        assertArrayEquals(new byte[0], read().orElseThrow());
    }

    @Test
    void entry_notThere_isNotTouched() {
        assertEquals(Optional.empty(), read());
        assertTrue(storage.touches.isEmpty());
        assertEquals(0, listener.readFailures.get());
    }

    private void assertIsNoEntry(byte[] bytes, String what) {
        int failures = listener.readFailures.get();
        storage.entries.put(NAME, bytes);
        assertEquals(Optional.empty(), read(), what);
        assertEquals(failures + 1, listener.readFailures.get(), what);
        assertFalse(storage.entries.containsKey(NAME), what + ": is to be removed");
        assertTrue(storage.touches.isEmpty(), what);
    }

    @Test
    void damagedEntry_whereverTheDamageIs_isNoEntryAndIsRemoved() {
        store(CONTENT);
        byte[] whole = storage.entries.get(NAME);
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            storage.entries.put(NAME, damaged);
            int failures = listener.readFailures.get();
            // Some bits of a frame have no meaning.
            Optional<byte[]> read = read();
            if (read.isPresent()) {
                assertArrayEquals(CONTENT, read.get(), "bit " + bit);
            } else {
                assertEquals(failures + 1, listener.readFailures.get(), "bit " + bit);
                assertFalse(storage.entries.containsKey(NAME), "bit " + bit);
            }
        }
        assertTrue(listener.readFailures.get() > 7 * whole.length, "most bits have one");
    }

    @Test
    void shortEntry_ofAnyLength_isNoEntryAndIsRemoved() {
        store(CONTENT);
        byte[] whole = storage.entries.get(NAME);
        for (int length = 0; length < whole.length; length++) {
            assertIsNoEntry(Arrays.copyOf(whole, length), length + " bytes");
        }
    }

    @Test
    void entryWithMoreBehindIt_isNoEntryAndIsRemoved() {
        store(CONTENT);
        byte[] whole = storage.entries.get(NAME);
        assertIsNoEntry(Arrays.copyOf(whole, whole.length + 1), "one byte more");
    }

    static Stream<byte[]> foreignEntries() {
        byte[] plain;
        byte[] unmeasured;
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            plain = context.compress(CONTENT);
            unmeasured = context.setChecksum(true).setContentSize(false).compress(CONTENT);
        }
        byte[] huge = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xe4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0};
        return Stream.of(
                "PK\003\004 a result of sccache".getBytes(StandardCharsets.ISO_8859_1),
                "<html>no such object</html>".getBytes(StandardCharsets.UTF_8),
                CONTENT,
                plain,
                unmeasured,
                huge);
    }

    @ParameterizedTest
    @MethodSource("foreignEntries")
    void foreignEntry_isNoEntryAndIsRemoved(byte[] bytes) {
        assertIsNoEntry(bytes, "foreign");
    }

    @Test
    void damagedEntry_ofAReadOnlyStorage_staysWhereItIs() {
        FakeStorage readOnly = new FakeStorage(false);
        readOnly.entries.put(NAME, CONTENT);
        try (EntryStore store = new EntryStore(readOnly, 3, Timeouts.DEFAULT, listener)) {
            assertEquals(Optional.empty(), store.read(NAME));
            store.write(NAME, CONTENT);
            assertEquals(Optional.empty(), store.read(NAME), "nothing waits to be written");
            store.touch(NAME);
        }
        assertSame(CONTENT, readOnly.entries.get(NAME));
        assertTrue(readOnly.touches.isEmpty());
        assertEquals(0, listener.written.get());
    }

    @Test
    void entry_thatComesLater_isWaitedFor() {
        store(CONTENT);
        storage.reads = Answers.LATER;
        assertArrayEquals(CONTENT, read().orElseThrow());
        assertEquals(0, listener.readTimeouts.get());
    }

    @Test
    void entry_thatComesTooLate_isNoneAndIsNotWantedAnyMore() {
        store(CONTENT);
        storage.reads = Answers.NEVER;
        try (EntryStore store = open(NO_TIME)) {
            assertEquals(Optional.empty(), store.read(NAME));
        }
        assertEquals(1, listener.readTimeouts.get());
        assertEquals(0, listener.readFailures.get());
        assertTrue(storage.unanswered.get(NAME).isCancelled());
        assertTrue(storage.entries.containsKey(NAME), "it may be whole");
    }

    @Test
    void entry_thatIsThere_needsNoTime() {
        store(CONTENT);
        try (EntryStore store = open(NO_TIME)) {
            assertArrayEquals(CONTENT, store.read(NAME).orElseThrow());
        }
    }

    @Test
    void entry_thatAStorageCannotRead_isNoneAndStays() {
        store(CONTENT);
        storage.reads = Answers.WITH_FAILURE;
        assertEquals(Optional.empty(), read());
        assertEquals(1, listener.readFailures.get());
        assertTrue(storage.entries.containsKey(NAME), "it may be whole");
    }

    @Test
    void waitingForAnEntry_interrupted_endsAndStaysInterrupted() {
        storage.reads = Answers.NEVER;
        Thread.currentThread().interrupt();
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            assertEquals(Optional.empty(), store.read(NAME));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void entry_notStoredYet_isReadFromMemory() {
        storage.writes = Answers.NEVER;
        storage.reads = Answers.NEVER;
        try (EntryStore store = open(NO_TIME)) {
            store.write(NAME, CONTENT);
            assertSame(CONTENT, store.read(NAME).orElseThrow());
        }
        assertEquals(0, listener.written.get());
    }

    @Test
    void entry_thatAStorageCannotStore_isCountedAndForgotten() {
        storage.writes = Answers.WITH_FAILURE;
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            store.write(NAME, CONTENT);
        }
        assertEquals(1, listener.writeFailures.get());
        assertEquals(0, listener.written.get());
        assertEquals(Optional.empty(), read());
    }

    @Test
    void entry_thatComesWhenTheStoreIsClosed_isForgotten() {
        EntryStore store = open(Timeouts.DEFAULT);
        store.close();
        store.write(NAME, CONTENT);
        assertEquals(Optional.empty(), store.read(NAME));
        assertEquals(0, listener.written.get());
    }

    @Test
    void entries_thatAStorageDoesNotTake_areHeldUpToALimit() {
        storage.writes = Answers.NEVER;
        byte[] large = new byte[48 << 20];
        EntryName next = StorageContract.name(2, Kind.RESULT);
        try (EntryStore store = open(NO_TIME)) {
            store.write(NAME, large);
            store.write(next, large);
            assertTrue(store.read(NAME).isPresent());
            assertEquals(Optional.empty(), store.read(next));
            assertEquals(1, listener.writeFailures.get());
        }
    }

    private static final EntryOrigin ORIGIN = new EntryOrigin("10.0.0.1:10501", "a".repeat(64), 1_700_000_000_000L);

    private void store(EntryName name, Optional<EntryOrigin> origin) {
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            store.write(name, EntryStore.Content.of(CONTENT), origin);
        }
    }

    /** zstd itself does it, as versions do that do not know of origins. */
    @Test
    void entryWithAnOrigin_isReadByThoseWhoDoNotLookForOne() {
        store(NAME, Optional.of(ORIGIN));
        byte[] stored = storage.entries.get(NAME);
        assertEquals(Optional.of(ORIGIN), EntryOrigin.decode(stored));
        assertEquals(CONTENT.length, Zstd.getFrameContentSize(stored));
        try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
            assertArrayEquals(CONTENT, context.decompress(stored, CONTENT.length));
        }
        assertArrayEquals(CONTENT, read().orElseThrow());
    }

    @Test
    void origin_isReadFromTheEndAlone_andOnlyWhereThereIsOne() {
        store(NAME, Optional.of(ORIGIN));
        byte[] stored = storage.entries.get(NAME);
        int length = ORIGIN.encode().length;
        for (int count = 0; count <= stored.length; count++) {
            byte[] end = Arrays.copyOfRange(stored, stored.length - count, stored.length);
            assertEquals(
                    count < length ? Optional.empty() : Optional.of(ORIGIN), EntryOrigin.decode(end), "of " + count);
        }
        store(NAME, Optional.empty());
        assertEquals(Optional.empty(), EntryOrigin.decode(storage.entries.get(NAME)));
        assertEquals(0, new EntryOrigin("b", "t".repeat(EntryOrigin.MOST_BYTES), 0).encode().length);
    }

    /** Damage of an origin makes it another one or none, and never stops a reader. */
    @Test
    void damagedOrigin_isReadWithoutFailure() {
        byte[] whole = ORIGIN.encode();
        int unreadable = 0;
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Optional<EntryOrigin> read = EntryOrigin.decode(damaged);
            assertFalse(read.equals(Optional.of(ORIGIN)), "bit " + bit);
            unreadable += read.isEmpty() ? 1 : 0;
        }
        assertTrue(unreadable >= 8 * 16, "frame and footer are looked at");
    }

    @Test
    void distrustedEntry_isNoneAtOnce_andRemoved_andNotStoredAgain() {
        EntryName other = StorageContract.name(2, Kind.RESULT);
        EntryName local = StorageContract.name(3, Kind.RESULT);
        EntryOrigin others = new EntryOrigin("10.0.0.2:10501", ORIGIN.toolchain(), ORIGIN.millis());
        store(NAME, Optional.of(ORIGIN));
        store(other, Optional.of(others));
        store(local, Optional.empty());
        try (EntryStore store = open(Timeouts.DEFAULT)) {
            assertEquals(
                    1,
                    store.distrust(origin -> origin.builder().equals(ORIGIN.builder()))
                            .join());
            assertFalse(storage.entries.containsKey(NAME));
            assertArrayEquals(CONTENT, store.read(other).orElseThrow());
            assertArrayEquals(CONTENT, store.read(local).orElseThrow());
            store.write(NAME, EntryStore.Content.of(CONTENT), Optional.of(ORIGIN));
            assertEquals(Optional.empty(), store.read(NAME));
            store.write(NAME, EntryStore.Content.of(CONTENT), Optional.of(others));
            assertArrayEquals(CONTENT, store.read(NAME).orElseThrow());
        }
    }

    @Test
    void distrustedEntry_thatIsNotStoredYet_orCannotBeRemoved_isNotUsed() {
        storage.writes = Answers.NEVER;
        try (EntryStore store = open(NO_TIME)) {
            store.write(NAME, EntryStore.Content.of(CONTENT), Optional.of(ORIGIN));
            assertTrue(store.read(NAME).isPresent());
            store.distrust(origin -> true).join();
            assertEquals(Optional.empty(), store.read(NAME));
        }
        storage.writes = Answers.AT_ONCE;
        store(NAME, Optional.of(ORIGIN));
        FakeStorage readOnly = new FakeStorage(false);
        readOnly.entries.putAll(storage.entries);
        try (EntryStore store = new EntryStore(readOnly, 3, Timeouts.DEFAULT, listener)) {
            assertTrue(store.read(NAME).isPresent());
            assertEquals(0, store.distrust(origin -> true).join());
            assertEquals(Optional.empty(), store.read(NAME));
        }
        assertTrue(readOnly.entries.containsKey(NAME));
    }
}
