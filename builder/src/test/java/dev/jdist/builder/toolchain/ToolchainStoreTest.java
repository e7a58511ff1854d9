package dev.jdist.builder.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Archives come in checked, are unpacked once, stay while they are used, and make room for others when they are not. */
@Timeout(60)
class ToolchainStoreTest {
    private static final long PLENTY = 1 << 24;
    /** An archive and its tree, each of somewhat more than this. */
    private static final int SIZE = 100_000;

    private final TickingClock clock = new TickingClock();

    @TempDir
    private Path directory;

    private Path archives;
    private Path trees;
    private ToolchainStore store;
    private final List<Path> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<String> givenUp = Collections.synchronizedList(new ArrayList<>());

    /** A millisecond later each time it is asked. */
    private static final class TickingClock extends Clock {
        private long now = 1_700_000_000_000L;

        @Override
        public synchronized long millis() {
            return now++;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private record Sample(byte[] bytes, Toolchain id) {
        static Sample of(byte[] bytes) {
            ArchiveDigest digest = new ArchiveDigest();
            digest.update(bytes, bytes.length);
            return new Sample(bytes, digest.finish());
        }

        /** What cannot be compressed, so that archive and tree are of one size. */
        static Sample numbered(int number) {
            byte[] content = new byte[SIZE];
            new Random(number).nextBytes(content);
            return of(new Tars()
                    .file("number", "" + number)
                    .add((byte) '0', "content", "", 0644, content)
                    .toGzip());
        }

        InputStream stream() {
            return new ByteArrayInputStream(bytes);
        }
    }

    @BeforeEach
    void open() throws IOException {
        archives = directory.resolve("tc");
        trees = directory.resolve("trees");
        store = open(PLENTY);
    }

    /** Notes what of the tree is there when somebody waits for it not to be used any more. */
    private CompletionStage<Void> giveUp(Path tree) {
        asked.add(tree);
        String was = tree.getFileName() + (Files.exists(tree) ? "" : " is gone");
        return new CompletableFuture<>() {
            @Override
            public Void join() {
                try (Stream<Path> left = Files.find(trees, 2, (path, attributes) -> path.endsWith("content"))) {
                    givenUp.add(was + (left.count() > 0 ? " whole" : " removed"));
                    return null;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    private ToolchainStore open(long maxBytes) throws IOException {
        return ToolchainStore.open(archives, trees, maxBytes, clock, this::giveUp, ArchiveDigest::of);
    }

    private Sample received(int number) throws IOException {
        Sample sample = Sample.numbered(number);
        store.receive(sample.id, sample.stream());
        return sample;
    }

    private void use(Sample sample) throws IOException, InterruptedException {
        store.acquire(sample.id).orElseThrow().close();
    }

    /** What is in a directory, but for the pool of files. */
    private static List<String> names(Path directory) {
        return List.of(directory.toFile().list()).stream()
                .filter(name -> !name.equals(ToolchainStore.POOL))
                .sorted()
                .toList();
    }

    private int pooled() {
        return trees.resolve(ToolchainStore.POOL).toFile().list().length;
    }

    private static String number(ToolchainStore.Lease lease) throws IOException {
        return Files.readString(lease.tree().resolve("number"));
    }

    // In and out.

    @Test
    void receive_wholeArchive_canBeUsed() throws Exception {
        Sample sample = Sample.numbered(1);
        assertFalse(store.contains(sample.id));
        assertEquals(Optional.empty(), store.acquire(sample.id));

        store.receive(sample.id, sample.stream());

        assertTrue(store.contains(sample.id));
        assertEquals(List.of(sample.id.archiveId()), names(archives));
        try (ToolchainStore.Lease lease = store.acquire(sample.id).orElseThrow()) {
            assertEquals("1", number(lease));
        }
    }

    /** People and tests count them with ls, which shows nothing else. */
    @Test
    void trees_ofToolchainsInUse_areTheOnlyNamesThatLsShows() throws Exception {
        Sample one = received(1);
        Sample two = received(2);
        use(one);
        use(two);

        assertEquals(
                Set.of(one.id.archiveId(), two.id.archiveId()),
                Stream.of(trees.toFile().list())
                        .filter(name -> !name.startsWith("."))
                        .collect(Collectors.toSet()));
    }

    @Test
    void receive_otherBytesThanNamed_isRefusedAndLeavesNothing() {
        Sample one = Sample.numbered(1);
        Sample other = Sample.numbered(2);

        ArchiveException e = assertThrows(ArchiveException.class, () -> store.receive(one.id, other.stream()));

        assertEquals("the archive's id is " + other.id.archiveId() + ", not " + one.id.archiveId(), e.getMessage());
        assertFalse(store.contains(one.id) || store.contains(other.id));
        assertEquals(List.of(), names(archives));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../../etc/passwd", "/etc/passwd", "0123", "x\0y"})
    void receive_idThatIsNoDigest_isRefused(String id) {
        assertThrows(ArchiveException.class, () -> store.receive(new Toolchain(id), Sample.numbered(1).stream()));
        assertEquals(List.of(), names(archives));
    }

    @Test
    void receive_upperCaseDigest_isRefused() {
        Sample sample = Sample.numbered(1);
        Toolchain upperCase = new Toolchain(sample.id.archiveId().toUpperCase(Locale.ROOT));

        assertThrows(ArchiveException.class, () -> store.receive(upperCase, sample.stream()));
    }

    @Test
    void receive_streamThatBreaksOff_leavesNothing() {
        Sample sample = Sample.numbered(1);
        InputStream broken = new ByteArrayInputStream(sample.bytes, 0, SIZE / 2) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                int count = super.read(target, offset, length);
                if (count < 0) {
                    throw new java.io.UncheckedIOException(new IOException("connection reset"));
                }
                return count;
            }
        };

        assertThrows(java.io.UncheckedIOException.class, () -> store.receive(sample.id, broken));
        assertFalse(store.contains(sample.id));
        assertEquals(List.of(), names(archives));
    }

    @Test
    void receive_moreThanTheStoreHolds_isRefusedBeforeItIsWritten() throws IOException {
        store = open(1000);
        Sample sample = Sample.numbered(1);

        ArchiveException e = assertThrows(ArchiveException.class, () -> store.receive(sample.id, sample.stream()));

        assertTrue(e.getMessage().contains("toolchain_cache_size"), e.getMessage());
        assertEquals(List.of(), names(archives));
    }

    @Test
    void receive_again_changesNothing() throws Exception {
        Sample sample = received(1);
        try (ToolchainStore.Lease lease = store.acquire(sample.id).orElseThrow()) {
            store.receive(sample.id, sample.stream());

            assertEquals("1", number(lease));
            assertEquals(List.of(sample.id.archiveId()), names(archives));
        }
    }

    // Archives that cannot be unpacked.

    @Test
    void acquire_archiveThatIsNoTar_isRefusedAndForgotten() throws Exception {
        Sample sample = Sample.of("not a toolchain at all".getBytes(StandardCharsets.UTF_8));
        store.receive(sample.id, sample.stream());

        ArchiveException e = assertThrows(ArchiveException.class, () -> store.acquire(sample.id));

        assertTrue(e.getMessage().contains("toolchain " + sample.id + " cannot be unpacked"), e.getMessage());
        assertFalse(store.contains(sample.id));
        assertEquals(List.of(), names(archives));
        assertEquals(List.of(), names(trees));
    }

    @Test
    void acquire_archiveThatReachesOut_isRefusedAndForgotten() throws Exception {
        Sample sample = Sample.of(new Tars().file("a", "x").file("../evil", "x").toGzip());
        store.receive(sample.id, sample.stream());

        assertThrows(ArchiveException.class, () -> store.acquire(sample.id));

        assertFalse(store.contains(sample.id));
        assertEquals(List.of("tc", "trees"), names(directory));
        assertEquals(List.of(), names(trees));
    }

    /** Somebody emptied the cache's directory while the builder ran: the next client sends it again. */
    @Test
    void acquire_archiveThatVanished_isForgottenAndCanComeBack() throws Exception {
        Sample sample = received(1);
        Files.delete(archives.resolve(sample.id.archiveId()));

        assertThrows(ArchiveException.class, () -> store.acquire(sample.id));
        assertFalse(store.contains(sample.id));

        store.receive(sample.id, sample.stream());
        use(sample);
    }

    /** Jobs whose toolchain turned out bad must not unpin the one that was sent anew in the meantime. */
    @Test
    void acquire_badArchiveSentAnewByMany_keepsTheBooksOfUse() throws Exception {
        store = open(4 * SIZE);
        Sample sample = Sample.numbered(1);
        for (int round = 0; round < 20; round++) {
            store.receive(sample.id, sample.stream());
            TreeRemoval.remove(trees.resolve(sample.id.archiveId()));
            Files.write(archives.resolve(sample.id.archiveId()), "spoilt".getBytes(StandardCharsets.UTF_8));
            for (Future<?> outcome : atOnce(8, () -> useAndSendAnew(sample))) {
                outcome.get();
            }

            try (ToolchainStore.Lease lease = store.acquire(sample.id).orElseThrow()) {
                received(2);
                received(3);
                assertEquals("1", number(lease));
            }
            received(4);
            received(5);
            received(6);
            received(7);
            assertFalse(store.contains(sample.id), "it stays pinned");
        }
    }

    private Void useAndSendAnew(Sample sample) throws IOException, InterruptedException {
        for (boolean used = false; !used; ) {
            try (ToolchainStore.Lease lease = store.acquire(sample.id).orElse(null)) {
                used = lease != null;
            } catch (ArchiveException e) {
                store.receive(sample.id, sample.stream());
            }
            if (!used && !store.contains(sample.id)) {
                store.receive(sample.id, sample.stream());
            }
        }
        return null;
    }

    // Many at once.

    private static <T> List<Future<T>> atOnce(int count, Callable<T> task) {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        CountDownLatch start = new CountDownLatch(count);
        List<Future<T>> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(threads.submit(() -> {
                start.countDown();
                start.await();
                return task.call();
            }));
        }
        threads.shutdown();
        return outcomes;
    }

    @Test
    void acquire_manyAtOnce_unpackOnceAndShareTheTree() throws Exception {
        Sample sample = received(1);

        List<Path> seen = new ArrayList<>();
        for (Future<ToolchainStore.Lease> outcome :
                atOnce(8, () -> store.acquire(sample.id).orElseThrow())) {
            ToolchainStore.Lease lease = outcome.get();
            seen.add(lease.tree());
            lease.close();
        }

        assertEquals(1, seen.stream().distinct().count());
        assertEquals(List.of(sample.id.archiveId()), names(trees));
        FileTime unpackedAt = Files.getLastModifiedTime(seen.get(0).resolve("number"));
        use(sample);
        assertEquals(unpackedAt, Files.getLastModifiedTime(seen.get(0).resolve("number")));
    }

    @Test
    void receive_manyAtOnce_isOneArchive() throws Exception {
        Sample sample = Sample.numbered(1);
        List<Future<ToolchainStore.Lease>> outcomes = atOnce(8, () -> {
            store.receive(sample.id, sample.stream());
            return store.acquire(sample.id).orElseThrow();
        });
        for (Future<ToolchainStore.Lease> outcome : outcomes) {
            outcome.get().close();
        }

        assertEquals(List.of(sample.id.archiveId()), names(archives));
        assertEquals(List.of(sample.id.archiveId()), names(trees));
    }

    // Room.

    @Test
    void receive_fullStore_removesWhatWasNotUsedForLongest() throws Exception {
        store = open(7 * SIZE);
        Sample one = received(1);
        Sample two = received(2);
        Sample three = received(3);
        use(two);
        use(three);
        use(one);
        assertTrue(store.contains(one.id) && store.contains(two.id) && store.contains(three.id));

        Sample four = received(4);

        assertFalse(store.contains(two.id));
        assertTrue(store.contains(one.id) && store.contains(three.id) && store.contains(four.id));
        assertEquals(3, names(archives).size());
        assertEquals(2, names(trees).size());
    }

    @Test
    void acquire_unpackedTreesCountToo() throws Exception {
        store = open(3 * SIZE - SIZE / 2);
        Sample one = received(1);
        Sample two = received(2);

        use(two);

        assertFalse(store.contains(one.id));
        assertEquals(List.of(two.id.archiveId()), names(archives));
    }

    @Test
    void receive_everythingInUse_keepsIt() throws Exception {
        store = open(3 * SIZE);
        Sample one = received(1);
        try (ToolchainStore.Lease lease = store.acquire(one.id).orElseThrow()) {
            Sample two = received(2);

            assertTrue(store.contains(one.id) && store.contains(two.id));
            assertEquals("1", number(lease));
        }
        received(3);
        assertFalse(store.contains(one.id));
        assertEquals(List.of(), names(trees));
    }

    /** Two jobs with one toolchain: it stays until the second has ended. */
    @Test
    void close_oneOfTwoLeases_keepsTheTree() throws Exception {
        store = open(3 * SIZE);
        Sample one = received(1);
        ToolchainStore.Lease first = store.acquire(one.id).orElseThrow();
        try (ToolchainStore.Lease second = store.acquire(one.id).orElseThrow()) {
            first.close();
            received(2);
            assertEquals("1", number(second));
        }
    }

    @Test
    void receive_evictedToolchain_comesBack() throws Exception {
        store = open(3 * SIZE);
        Sample one = received(1);
        use(one);
        received(2);
        assertFalse(store.contains(one.id));

        store.receive(one.id, one.stream());

        try (ToolchainStore.Lease lease = store.acquire(one.id).orElseThrow()) {
            assertEquals("1", number(lease));
        }
    }

    /** Sandboxes that wait for jobs are mounted over the tree. */
    @Test
    void receive_evictedToolchain_isGivenUpByOthersBeforeItIsRemoved() throws Exception {
        store = open(5 * SIZE);
        Sample first = received(1);
        use(first);
        received(2);
        assertEquals(List.of(), givenUp);

        received(3);
        received(4);

        assertEquals(List.of(first.id.archiveId() + " whole"), givenUp);
        assertFalse(store.contains(first.id));
    }

    @Test
    void receive_evictedFilesAlreadyGone_isFine() throws Exception {
        store = open(3 * SIZE);
        Sample one = received(1);
        use(one);
        Files.delete(archives.resolve(one.id.archiveId()));
        TreeRemoval.remove(trees.resolve(one.id.archiveId()));

        use(received(2));
    }

    // Restarts.

    @Test
    void open_again_keepsArchivesAndMakesTreesAnew() throws Exception {
        Sample one = received(1);
        use(one);
        Files.writeString(trees.resolve(one.id.archiveId()).resolve("number"), "tampered");

        store = open(PLENTY);

        assertTrue(store.contains(one.id));
        assertEquals(List.of(), names(trees));
        try (ToolchainStore.Lease lease = store.acquire(one.id).orElseThrow()) {
            assertEquals("1", number(lease));
        }
    }

    @Test
    void open_leftovers_areRemoved() throws Exception {
        Sample one = received(1);
        Files.writeString(archives.resolve(".incoming-1"), "half");
        Files.writeString(archives.resolve(".removing-7"), "half");
        Files.writeString(archives.resolve("README"), "not ours");
        Files.createDirectories(archives.resolve("f".repeat(64)).resolve("d"));
        Files.createDirectories(trees.resolve(".unpacking-1/usr/bin"));

        store = open(PLENTY);

        assertEquals(List.of(one.id.archiveId()), names(archives));
        assertEquals(List.of(), names(trees));
        assertFalse(store.contains(new Toolchain("f".repeat(64))));
    }

    /** Whoever uses a toolchain every day, and restarts the builder, keeps it. */
    @Test
    void open_withLessRoom_keepsWhatWasUsedLast() throws Exception {
        Sample one = received(1);
        Sample two = received(2);
        use(one);
        use(two);
        use(one);

        store = open(SIZE + SIZE / 2);

        assertTrue(store.contains(one.id));
        assertFalse(store.contains(two.id));
        assertEquals(List.of(one.id.archiveId()), names(archives));
    }

    /** An byte of it, in the middle. */
    private void damage(Sample sample) throws IOException {
        Path archive = archives.resolve(sample.id.archiveId());
        byte[] bytes = Files.readAllBytes(archive);
        bytes[bytes.length / 2] ^= 1;
        Files.write(archive, bytes);
    }

    @Test
    void acquire_archiveDamagedBetweenRuns_isRefusedForgottenAndCanComeBack() throws Exception {
        Sample sample = received(1);
        damage(sample);
        store = open(PLENTY);

        ArchiveException e = assertThrows(ArchiveException.class, () -> store.acquire(sample.id));

        assertTrue(e.getMessage().contains("its archive is damaged on disk"), e.getMessage());
        assertFalse(store.contains(sample.id));
        assertEquals(List.of(), names(archives));
        assertEquals(List.of(), names(trees));
        store.receive(sample.id, sample.stream());
        use(sample);
    }

    @Test
    void checkArchives_afterARestart_forgetsWhatIsDamagedAndKeepsTheRest() throws Exception {
        Sample sound = received(1);
        Sample damaged = received(2);
        Sample vanished = received(3);
        damage(damaged);
        store = open(PLENTY);
        Files.delete(archives.resolve(vanished.id.archiveId()));
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        Logger logger = (Logger) LoggerFactory.getLogger(ToolchainStore.class);
        logger.setLevel(Level.WARN);
        logger.addAppender(events);

        store.checkArchives();

        logger.detachAppender(events);
        logger.setLevel(null);
        assertTrue(store.contains(sound.id));
        assertFalse(store.contains(damaged.id) || store.contains(vanished.id));
        assertEquals(List.of(sound.id.archiveId()), names(archives));
        assertEquals(
                Set.of("WARN toolchain " + vanished.id + " is dropped", "WARN toolchain " + damaged.id + " is dropped"),
                events.list.stream()
                        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                        .map(line -> line.substring(0, line.indexOf(':')))
                        .collect(Collectors.toSet()));
        use(sound);
    }

    /** While one archive is being checked, a job with another goes on; each archive is read once. */
    @Test
    void checkArchives_thatTakesLong_keepsNobodyWaiting() throws Exception {
        Sample slow = received(1);
        Sample other = received(2);
        use(slow);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<Path> read = Collections.synchronizedList(new ArrayList<>());
        store = ToolchainStore.open(archives, trees, PLENTY, clock, this::giveUp, archive -> {
            read.add(archive);
            if (archive.endsWith(slow.id.archiveId())) {
                reading.countDown();
                awaitUninterrupted(go);
            }
            return ArchiveDigest.of(archive);
        });
        Thread check = new Thread(store::checkArchives);
        check.start();
        reading.await();

        use(other);
        received(3);

        go.countDown();
        check.join();
        use(slow);
        use(other);
        assertEquals(2, read.size(), read.toString());
    }

    private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    // Files of several toolchains.

    /** A file that all of these have, and one of their own, each of the usual size. */
    private Sample receivedWithSharedFile(int number) throws IOException {
        byte[] shared = new byte[SIZE];
        new Random(-1).nextBytes(shared);
        byte[] own = new byte[SIZE];
        new Random(number).nextBytes(own);
        Sample sample = Sample.of(new Tars()
                .file("number", "" + number)
                .add((byte) '0', "usr/lib/shared", "", 0755, shared)
                .add((byte) '0', "own", "", 0644, own)
                .toGzip());
        store.receive(sample.id, sample.stream());
        return sample;
    }

    @Test
    void acquire_toolchainsWithOneFileInCommon_haveItOnce() throws Exception {
        Sample one = receivedWithSharedFile(1);
        Sample two = receivedWithSharedFile(2);
        try (ToolchainStore.Lease first = store.acquire(one.id).orElseThrow();
                ToolchainStore.Lease second = store.acquire(two.id).orElseThrow()) {
            Path shared = first.tree().resolve("usr/lib/shared");

            assertTrue(Files.isSameFile(shared, second.tree().resolve("usr/lib/shared")));
            assertFalse(
                    Files.isSameFile(first.tree().resolve("own"), second.tree().resolve("own")));
            assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)));
            assertEquals(5, pooled());
        }
    }

    /** Two archives of two files each, and three files: with the shared one counted twice, the first had to go. */
    @Test
    void acquire_sharedFile_countsOnce() throws Exception {
        store = open(7 * SIZE + SIZE / 2);
        Sample one = receivedWithSharedFile(1);
        Sample two = receivedWithSharedFile(2);
        use(one);

        use(two);

        assertTrue(store.contains(one.id));
    }

    @Test
    void receive_evictedToolchain_leavesSharedFilesToTheOther() throws Exception {
        store = open(7 * SIZE + SIZE / 2);
        Sample one = receivedWithSharedFile(1);
        Sample two = receivedWithSharedFile(2);
        use(one);
        try (ToolchainStore.Lease lease = store.acquire(two.id).orElseThrow()) {
            received(3);

            assertFalse(store.contains(one.id));
            assertEquals("2", number(lease));
            assertEquals(SIZE, Files.size(lease.tree().resolve("usr/lib/shared")));
            assertEquals(3, pooled(), "what only the first had is gone");
        }
        store.receive(one.id, one.stream());
        use(one);
    }

    @Test
    void open_again_beginsWithAnEmptyPool() throws Exception {
        Sample one = receivedWithSharedFile(1);
        use(one);
        assertEquals(3, pooled());

        store = open(PLENTY);

        assertEquals(0, pooled());
        use(one);
        assertEquals(3, pooled());
    }

    /** As somebody does who makes room on a disk. */
    @Test
    void directoriesThatAreRemoved_comeBackWithTheNextUse() throws Exception {
        store = open(PLENTY);
        Sample one = received(1);
        use(one);
        TreeRemoval.remove(trees);
        try (ToolchainStore.Lease lease = store.acquire(one.id()).orElseThrow()) {
            assertEquals("1", number(lease));
        }
        assertEquals(List.of(trees.resolve(one.id().archiveId())), asked);
        TreeRemoval.remove(trees);
        TreeRemoval.remove(archives);
        Sample two = received(2);
        use(two);
        assertThrows(ArchiveException.class, () -> store.acquire(one.id()));
        assertFalse(store.contains(one.id()), "the next client sends it again");
    }
}
