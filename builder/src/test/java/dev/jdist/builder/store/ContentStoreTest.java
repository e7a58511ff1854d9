package dev.jdist.builder.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.builder.store.Contents.Sample;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Contents are what their digests say, stay while they are used, and make room for others when they are not. */
@Timeout(60)
class ContentStoreTest {
    private static final int ROOM = 10;
    private static final int MANY = 1000;

    @TempDir
    private Path temporary;

    private Path directory;
    private ContentStore store;

    @BeforeEach
    void openStore() throws IOException {
        directory = temporary.resolve("contents");
        store = open(ROOM * Contents.BLOCK);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private ContentStore open(long mostBytes) throws IOException {
        return open(mostBytes, ContentFiles.NewFile.REAL);
    }

    private ContentStore open(long mostBytes, ContentFiles.NewFile newFile) throws IOException {
        ContentStore opened = ContentStore.open(directory, mostBytes, MANY, newFile);
        opened.surveyed().join();
        return opened;
    }

    private ContentStore reopen(long mostBytes) throws IOException {
        store.close();
        store = open(mostBytes);
        return store;
    }

    private Sample put(Sample content) throws IOException {
        store.put(content.digest(), content.stream());
        return content;
    }

    private Sample put(int number) throws IOException {
        return put(Contents.numbered(number));
    }

    private boolean has(int number) {
        return store.contains(Contents.numbered(number).digest());
    }

    @Test
    void content_thatWasPut_isThere() throws IOException {
        Sample content = Contents.numbered(1, 100_000);
        assertFalse(store.contains(content.digest()));
        assertEquals(Optional.empty(), store.read(content.digest(), 100_000));

        reopen(1 << 20);
        put(content);

        assertTrue(store.contains(content.digest()));
        assertArrayEquals(content.bytes(), store.read(content.digest(), 100_000).orElseThrow());
        assertArrayEquals(content.bytes(), Files.readAllBytes(Contents.file(store, content.digest())));
        assertEquals(25 * Contents.BLOCK, store.size());
    }

    @Test
    void content_ofNothing_isThere() throws IOException {
        Sample nothing = put(Contents.of(new byte[0]));

        assertTrue(store.contains(nothing.digest()));
        assertEquals(0, store.read(nothing.digest(), 0).orElseThrow().length);
        assertEquals(Contents.BLOCK, store.size());
    }

    @Test
    void content_ofBytesInMemory_isThere() throws IOException {
        Sample content = Contents.numbered(1);

        store.put(content.digest(), Bytes.wrap(content.bytes()));

        assertTrue(store.contains(content.digest()));
    }

    @Test
    void files_canBeOpenedByOthers_directoriesNotListed() throws IOException {
        Path file = Contents.file(store, put(1).digest());

        assertEquals("rw-r--r--", permissions(file));
        assertEquals("rwx--x--x", permissions(file.getParent()));
        assertEquals("rwx--x--x", permissions(directory));
        assertEquals("rwx------", permissions(directory.resolve(".unfinished")));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void put_ofAnotherContent_isRefusedWhetherThereIsOneOrNot() throws IOException {
        Sha256 claimed = Contents.numbered(1).digest();
        Sample other = Contents.numbered(2);

        assertThrows(WrongContentException.class, () -> store.put(claimed, other.stream()));
        assertFalse(store.contains(claimed));
        put(1);
        assertThrows(WrongContentException.class, () -> store.put(claimed, other.stream()));

        assertTrue(store.contains(claimed));
        assertFalse(store.contains(other.digest()));
        assertEquals(List.of(Contents.file(store, claimed)), Contents.files(directory));
        assertEquals(Contents.BLOCK, store.size());
    }

    @Test
    void put_thatBreaksOff_leavesNothing() throws IOException {
        InputStream broken = new InputStream() {
            private int left = 5;

            @Override
            public int read() throws IOException {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] to, int from, int count) throws IOException {
                if (left-- == 0) {
                    throw new IOException("the client is gone");
                }
                return Math.min(count, 100);
            }
        };

        IOException e = assertThrows(
                IOException.class, () -> store.put(Contents.numbered(1).digest(), broken));

        assertEquals("the client is gone", e.getMessage());
        assertEquals(0, store.size());
        assertEquals(List.of(), Contents.files(directory));
    }

    @Test
    void put_ofMoreThanTheLimit_isRefused() throws IOException {
        put(1);
        Sample large = Contents.numbered(2, ROOM * Contents.BLOCK + 1);

        NoRoomException e =
                assertThrows(NoRoomException.class, () -> store.put(large.digest(), Bytes.wrap(large.bytes())));
        assertTrue(
                e.getMessage().endsWith(" has 40961 bytes or more, and source_cache_size is 40.0 KiB"), e.getMessage());
        assertTrue(has(1), "the size was known before others had to go");
        assertThrows(NoRoomException.class, () -> put(large));
        put(Contents.numbered(3, ROOM * Contents.BLOCK));

        assertEquals(ROOM * Contents.BLOCK, store.size());
        assertEquals(1, Contents.files(directory).size());
    }

    @Test
    void contents_unusedForLongest_goFirst() throws IOException {
        for (int number = 0; number < ROOM; number++) {
            put(number);
        }
        assertTrue(has(0));
        put(1);
        store.read(Contents.numbered(2).digest(), 1000);

        put(100);
        put(Contents.numbered(101, 2 * Contents.BLOCK));

        assertEquals("0 1 2 6 7 8 9", present(ROOM));
        assertEquals(ROOM * Contents.BLOCK, Contents.onDisk(directory));
        assertEquals(ROOM * Contents.BLOCK, store.size());
    }

    private String present(int most) {
        List<String> present = new ArrayList<>();
        for (int number = 0; number < most; number++) {
            if (has(number)) {
                present.add("" + number);
            }
        }
        return String.join(" ", present);
    }

    @Test
    void contents_ofMoreThanTheLimitOfFiles_makeRoom() throws IOException {
        store.close();
        store = ContentStore.open(directory, 1 << 20, 3, ContentFiles.NewFile.REAL);

        for (int number = 0; number < 5; number++) {
            put(number);
        }

        assertEquals("2 3 4", present(5));
        assertEquals(3, Contents.files(directory).size());
    }

    @Test
    void order_ofUse_outlivesARestart() throws IOException {
        for (int number = 0; number < ROOM; number++) {
            put(number);
        }
        has(0);
        reopen(ROOM * Contents.BLOCK);
        has(1);

        put(100);
        put(101);

        assertEquals("0 1 4 5 6 7 8 9", present(ROOM));
    }

    @Test
    void store_withoutItsOrder_isWholeAndWithinItsLimit() throws IOException {
        for (int number = 0; number < ROOM; number++) {
            put(number);
        }
        store.close();
        Files.delete(directory.resolve(".order"));
        store = open(ROOM * Contents.BLOCK);
        assertEquals(ROOM * Contents.BLOCK, store.size());

        put(100);

        assertEquals(ROOM * Contents.BLOCK, Contents.onDisk(directory));
        assertTrue(has(100));
    }

    @Test
    void order_thatIsDamaged_isIgnored() throws IOException {
        put(1);
        store.close();
        Path order = directory.resolve(".order");
        byte[] bytes = Files.readAllBytes(order);
        for (int length = 0; length < bytes.length; length++) {
            byte[] damaged = bytes.clone();
            damaged[length] ^= 1;
            assertEquals(List.of(), read(order, damaged));
            assertEquals(List.of(), read(order, Arrays.copyOf(bytes, length)));
        }
        assertEquals(1, read(order, bytes).size());
        Files.write(order, new byte[10]);

        store = open(ROOM * Contents.BLOCK);

        assertTrue(has(1));
        assertEquals(Contents.BLOCK, store.size());
    }

    private static List<ContentIndex.Content> read(Path order, byte[] bytes) throws IOException {
        Files.write(order, bytes);
        return new OrderFile(order).read(MANY);
    }

    @Test
    void limit_thatIsLower_isKeptFromTheStartOn() throws IOException {
        for (int number = 0; number < ROOM; number++) {
            put(number);
        }

        reopen(3 * Contents.BLOCK);

        assertEquals("7 8 9", present(ROOM));
        assertEquals(3 * Contents.BLOCK, Contents.onDisk(directory));
    }

    @Test
    void file_thatIsGoneOrHasAnotherSize_isMissingAndComesAgain() throws IOException {
        Sample gone = put(1);
        Sample shorter = put(2);
        Sample longer = put(3);
        Files.delete(Contents.file(store, gone.digest()));
        Files.write(Contents.file(store, shorter.digest()), new byte[10]);
        Files.write(Contents.file(store, longer.digest()), new byte[5000]);

        assertFalse(has(1));
        assertFalse(has(2));
        assertEquals(Optional.empty(), store.read(longer.digest(), 10_000));
        assertEquals(0, store.size());
        assertEquals(List.of(), Contents.files(directory));
        put(1);

        assertTrue(has(1));
        assertArrayEquals(gone.bytes(), Files.readAllBytes(Contents.file(store, gone.digest())));
    }

    @Test
    void put_ofWhatWasDamaged_repairsIt() throws IOException {
        Sample content = put(1);
        Files.write(Contents.file(store, content.digest()), new byte[10]);

        put(1);

        assertArrayEquals(content.bytes(), store.read(content.digest(), 1000).orElseThrow());
        assertEquals(Contents.BLOCK, store.size());
    }

    @Test
    void file_damagedBeforeTheStart_isMissing() throws IOException {
        for (int number = 1; number <= 3; number++) {
            Path file = Contents.file(store, put(number).digest());
            Files.write(file, new byte[1000]); // what a power cut leaves
        }
        Sample whole = put(4);

        reopen(ROOM * Contents.BLOCK);

        assertFalse(has(1));
        assertEquals(Optional.empty(), store.read(Contents.numbered(2).digest(), 1000));
        put(3);
        assertTrue(has(3));
        assertTrue(store.contains(whole.digest()));
        assertEquals(2, Contents.files(directory).size());
    }

    @Test
    void thread_thatIsInterrupted_losesNothingButItsOwnPut() throws IOException {
        put(1);
        reopen(ROOM * Contents.BLOCK);

        Thread.currentThread().interrupt();
        assertTrue(has(1));
        assertThrows(ClosedByInterruptException.class, () -> put(2));
        assertTrue(Thread.interrupted());

        assertEquals(Contents.BLOCK, store.size());
        put(2);
    }

    @Test
    void open_ofADirectoryWithOtherThings_removesWhatIsInItsPlaces() throws IOException {
        Sample content = put(1);
        store.close();
        Path parent = Contents.file(store, content.digest()).getParent();
        Files.writeString(parent.resolve("notes"), "");
        Files.createDirectory(directory.resolve("zz"));
        Files.writeString(directory.resolve(".unfinished/left"), "half a con");
        Files.createDirectories(
                directory.resolve(ContentStore.nameOf(Contents.numbered(2).digest()) + "/sub"));
        Sample linked = Contents.numbered(3);
        Path link = Contents.file(store, linked.digest());
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Files.write(temporary.resolve("elsewhere"), linked.bytes()));

        store = open(ROOM * Contents.BLOCK);

        assertEquals(List.of(Contents.file(store, content.digest())), Contents.files(directory));
        assertFalse(store.contains(linked.digest()));
        assertTrue(Files.exists(directory.resolve("zz")), "not a place of the store's");
        put(2);
        put(3);
        assertEquals("1 2 3", present(4));
    }

    @Test
    void store_whoseDirectoryWasRemoved_makesItAgain() throws IOException {
        put(1);
        TreeRemoval.remove(directory);

        assertFalse(has(1));
        put(1);
        put(2);

        assertEquals("1 2", present(4));
    }

    @Test
    void read_ofMoreThanIsAllowed_isRefused() throws IOException {
        Sample content = put(1);

        LargeContentException e = assertThrows(LargeContentException.class, () -> store.read(content.digest(), 999));

        assertTrue(e.getMessage().endsWith(" has 1000 bytes; at most 999 are read"), e.getMessage());
    }

    @Test
    void contains_beforeTheSurveyIsDone_finds() throws IOException {
        List<Sample> contents = new ArrayList<>();
        for (int number = 0; number < ROOM; number++) {
            contents.add(put(number));
        }
        store.close();
        Files.delete(directory.resolve(".order"));

        // Whatever the survey has come to.
        for (int round = 0; round < ROOM; round++) {
            try (ContentStore opened = ContentStore.open(directory, ROOM * Contents.BLOCK)) {
                assertTrue(opened.contains(contents.get(round).digest()));
                assertFalse(opened.contains(Contents.numbered(100).digest()));
                opened.surveyed().join();
                assertEquals(ROOM * Contents.BLOCK, opened.size());
            }
            Files.delete(directory.resolve(".order"));
        }
    }

    /** A disk that is full when what is on it takes more. */
    private final class SmallDisk implements ContentFiles.NewFile {
        long most;

        SmallDisk(long most) {
            this.most = most;
        }

        @Override
        public WritableByteChannel create(Path file) throws IOException {
            WritableByteChannel real = ContentFiles.NewFile.REAL.create(file);
            return new WritableByteChannel() {
                @Override
                public int write(ByteBuffer bytes) throws IOException {
                    long free = most - Contents.onDisk(directory);
                    if (free < 0) {
                        throw new IOException("No space left on device");
                    }
                    int count = Math.min(bytes.remaining(), Contents.BLOCK);
                    ByteBuffer part = bytes.slice(bytes.position(), count);
                    while (part.hasRemaining()) {
                        real.write(part);
                    }
                    bytes.position(bytes.position() + count);
                    return count;
                }

                @Override
                public boolean isOpen() {
                    return real.isOpen();
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }

    @Test
    void put_onAFullDisk_evictsBeforeItFails() throws IOException {
        store.close();
        SmallDisk disk = new SmallDisk(5 * Contents.BLOCK);
        store = open(1 << 20, disk);
        for (int number = 0; number < 20; number++) {
            put(number);
            assertTrue(has(number));
            assertTrue(Contents.onDisk(directory) <= 6 * Contents.BLOCK);
        }

        disk.most = -1; // others have filled it
        NoRoomException e = assertThrows(NoRoomException.class, () -> put(100));
        assertTrue(e.getMessage().startsWith("the disk of " + directory + " is full: make room on it"), e.getMessage());
        assertFalse(has(100));
        assertEquals(Contents.onDisk(directory), store.size());
        disk.most = 1 << 20;
        put(100);

        assertTrue(has(100));
    }

    @Test
    void put_ofOneContentByMany_succeedsForAll() throws Exception {
        Sample content = Contents.numbered(1, 2 * Contents.BLOCK);
        ContentStore roomy = reopen(1 << 20);
        CountDownLatch all = new CountDownLatch(16);

        inParallel(16, thread -> {
            all.countDown();
            all.await();
            for (int round = 0; round < 20; round++) {
                roomy.put(content.digest(), content.stream());
                assertTrue(roomy.contains(content.digest()));
            }
            return null;
        });

        assertEquals(2 * Contents.BLOCK, roomy.size());
        assertEquals(List.of(Contents.file(roomy, content.digest())), Contents.files(directory));
    }

    @Test
    void store_atItsLimitUnderLoad_keepsIt() throws Exception {
        long most = 100;
        int threads = 8;
        ContentStore small = reopen(most * Contents.BLOCK);

        inParallel(threads, thread -> {
            Random random = new Random(thread);
            for (int round = 0; round < 400; round++) {
                int number = random.nextInt(300);
                Sample content = Contents.numbered(number, 1 + number * 37 % (3 * Contents.BLOCK));
                if (!small.contains(content.digest())) {
                    small.put(content.digest(), content.stream());
                }
                // It may be evicted at once, but is never another.
                Optional<byte[]> read = small.read(content.digest(), 1 << 20);
                read.ifPresent(bytes -> assertArrayEquals(content.bytes(), bytes));
                assertTrue(small.size() <= most * Contents.BLOCK, "the limit is kept");
            }
            return null;
        });

        assertEquals(Contents.onDisk(directory), small.size());
        assertTrue(small.size() > (most - 10) * Contents.BLOCK);
        for (Path file : Contents.files(directory)) {
            Sha256 digest = Sha256.ofContent(Files.readAllBytes(file));
            assertEquals(file, Contents.file(small, digest));
            assertTrue(small.contains(digest));
        }
    }

    /** Others go on meanwhile. */
    @Test
    void put_thatIsSlow_holdsNobodyUp() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> rest = new CompletableFuture<>();
        Sample slow = Contents.numbered(1);
        InputStream dripping = new InputStream() {
            private final InputStream bytes = new ByteArrayInputStream(slow.bytes());

            @Override
            public int read() throws IOException {
                return bytes.read();
            }

            @Override
            public int read(byte[] to, int from, int count) throws IOException {
                int read = bytes.read(to, from, Math.min(count, 100));
                begun.countDown();
                if (read < 0) {
                    rest.join();
                }
                return read;
            }
        };
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<?> put = other.submit(() -> {
                store.put(slow.digest(), dripping);
                return null;
            });
            begun.await();

            for (int number = 0; number < 3 * ROOM; number++) {
                put(number);
                assertTrue(has(number));
            }
            rest.complete(null);
            put.get();
        } finally {
            other.shutdownNow();
        }

        assertTrue(store.contains(slow.digest()));
        assertEquals(Contents.onDisk(directory), store.size());
    }

    private interface Work {
        Object of(int thread) throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                tasks.add(() -> work.of(number));
            }
            for (Future<Object> done : pool.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void nameOf_isADirectoryAndAFile() {
        String hex = "0123456789abcdef".repeat(4);
        assertEquals("01/" + hex.substring(2), ContentStore.nameOf(Sha256.parse(hex)));
    }
}
