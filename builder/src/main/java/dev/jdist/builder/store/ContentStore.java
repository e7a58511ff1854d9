package dev.jdist.builder.store;

import dev.jdist.builder.store.ContentIndex.Entry;
import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Contents of files by their SHA-256, each once, for all clients and jobs. {@link ClientContents} says which of them a client
 * may name.
 *
 * <p>Invariants. A file with a content's name is whole: it gets the name when it has been written and its digest been
 * compared. Nothing is forced to the disk, so after a power cut a file may be empty or wrong; and disks have faults. So a file
 * of an earlier run is read and compared before its first use in this one, which costs 30 µs for a header. After that, each
 * use looks whether it is there and has its size. What is not as it should be is dropped, and is missing then: its client
 * sends it again. Nothing is pinned, as jobs that find a content gone request it as well.
 *
 * <p>All contents, and those that arrive, take at most {@code mostBytes} on the disk; those that were not used for longest
 * make room for others, before these are written. Only in the first moments there may be more: until the store has read
 * what the last run had, or, if that was killed, until the end of the survey of the directory. It takes half a second for
 * 100,000 contents. The store is used meanwhile: it looks for a file of which it knows nothing.
 *
 * <p>{@link ContentIndex}, {@link NameLocks} and {@link Room} have the locks. Under none of them any content is read or
 * written.
 */
public final class ContentStore implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(ContentStore.class);

    /** An entry takes 140 bytes of memory. */
    static final int MOST_FILES = 300_000;

    private static final Duration NOTE_INTERVAL = Duration.ofMinutes(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int BUFFER = 32 << 10;

    private final ContentFiles files;
    private final ContentIndex index;
    private final OrderFile order;
    private final long mostBytes;
    private final NameLocks nameLocks = new NameLocks();
    private final Room room;
    private final CompletableFuture<Void> surveyed = new CompletableFuture<>();
    private volatile boolean isClosed;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread worker = new Thread(task, "contents");
        worker.setDaemon(true);
        return worker;
    });

    private ContentStore(ContentFiles files, long mostBytes, int mostFiles) {
        this.files = files;
        this.index = new ContentIndex(mostBytes, mostFiles);
        this.order = new OrderFile(files.order());
        this.mostBytes = mostBytes;
        this.room = new Room(files, index, nameLocks, mostBytes);
    }

    /**
     * Opens a store, whether there was one or not. What an earlier run did not finish is removed.
     *
     * @param directory the store's alone, and writable for nobody else
     * @param mostBytes of all contents on the disk, where each takes whole blocks
     */
    public static ContentStore open(Path directory, long mostBytes) throws IOException {
        return open(directory, mostBytes, MOST_FILES, ContentFiles.NewFile.REAL);
    }

    static ContentStore open(Path directory, long mostBytes, int mostFiles, ContentFiles.NewFile newFile)
            throws IOException {
        ContentFiles files = new ContentFiles(directory.toAbsolutePath(), newFile);
        files.open();
        ContentStore store = new ContentStore(files, mostBytes, mostFiles);
        store.thread.execute(store::survey);
        store.thread.scheduleWithFixedDelay(
                store::noteOrder, NOTE_INTERVAL.toSeconds(), NOTE_INTERVAL.toSeconds(), TimeUnit.SECONDS);
        return store;
    }

    /** Of all contents, in files named by {@link #nameOf}. */
    public Path directory() {
        return files.directory();
    }

    /** The file of a content, relative to {@link #directory}. */
    public static String nameOf(Sha256 digest) {
        return ContentFiles.nameOf(digest);
    }

    /** Bytes that all contents take on the disk, with those that arrive. */
    public long size() {
        return index.bytes();
    }

    /** Whether a content is there, which counts as a use of it. */
    public boolean contains(Sha256 digest) {
        try {
            Entry entry = present(digest);
            return entry != null && (entry.isChecked || check(digest, entry));
        } catch (IOException e) {
            log.warn("cannot look for the content {}, which is taken for missing: {}", digest, e.toString());
            return false;
        }
    }

    /**
     * Reads a content, which is a use of it.
     *
     * @param most bytes that are allowed
     * @return nothing if it is not there
     * @throws LargeContentException if it has more
     */
    public Optional<byte[]> read(Sha256 digest, int most) throws IOException {
        Entry entry = present(digest);
        if (entry == null) {
            return Optional.empty();
        } else if (entry.size > most) {
            throw new LargeContentException(digest, entry.size, most);
        }
        byte[] content;
        try (InputStream in = files.open(digest)) {
            content = in.readNBytes((int) entry.size);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // evicted just now
        }
        if (!entry.isChecked || content.length != entry.size) {
            if (!Sha256.ofContent(content).equals(digest)) {
                drop(digest, entry, "damaged");
                return Optional.empty();
            }
            entry.isChecked = true;
        }
        return Optional.of(content);
    }

    /** The entry of a content whose file is there and has the right size. */
    private @Nullable Entry present(Sha256 digest) throws IOException {
        Entry entry = index.use(digest);
        if (entry == null) {
            entry = index.isSurveyed() ? null : find(digest);
            if (entry == null) {
                return null;
            }
        }
        long size = files.size(digest);
        if (size < 0) {
            dropGone(digest, entry);
            return null;
        } else if (size != entry.size) {
            drop(digest, entry, "damaged: it has " + size + " bytes, not " + entry.size);
            return null;
        }
        return entry;
    }

    /** Looks for a file that the survey may not have come to. */
    private @Nullable Entry find(Sha256 digest) throws IOException {
        synchronized (nameLocks.of(digest)) {
            addFound(digest);
            return index.use(digest);
        }
    }

    /** @return whether it is what its name says */
    private boolean check(Sha256 digest, Entry entry) throws IOException {
        try {
            if (files.actual(digest).equals(digest)) {
                entry.isChecked = true;
                return true;
            }
            drop(digest, entry, "damaged");
        } catch (NoSuchFileException e) {
            dropGone(digest, entry);
        }
        return false;
    }

    /** Forgets a content that is not as it should be, unless another thread has replaced it. */
    private void drop(Sha256 digest, Entry entry, String why) throws IOException {
        synchronized (nameLocks.of(digest)) {
            if (index.remove(digest, entry)) {
                log.warn("the content {} is {}; the next client that needs it sends it again", digest, why);
                files.remove(digest);
            }
        }
    }

    /** Somebody removed it; or the last run evicted it, and was killed before it noted that. */
    private void dropGone(Sha256 digest, Entry entry) throws IOException {
        if (entry.isChecked) {
            drop(digest, entry, "gone");
        } else {
            index.remove(digest, entry);
        }
    }

    /**
     * Takes in a content, which is a use of it. All of it is read and its digest compared even if it is there already, since
     * who sends it thereby shows to have it, and should not see from the time whether somebody else had.
     *
     * @throws WrongContentException if it has another digest
     * @throws NoRoomException if it is larger than all contents may be, or the disk is full
     */
    public void put(Sha256 digest, PrimitiveBytes content) throws IOException {
        if (ContentIndex.onDisk(content.length()) > mostBytes) {
            throw tooLarge(digest, content.length());
        }
        try (InputStream in = content.toInputStream()) {
            put(digest, in);
        }
    }

    /**
     * The same with a content of unknown size. One that is too large is found to be so when all others have been evicted.
     *
     * @param content is not closed
     */
    public void put(Sha256 digest, InputStream content) throws IOException {
        try (Arrival arrival = Arrival.begin(room, files)) {
            MessageDigest actual = Sha256.newMessageDigest();
            byte[] buffer = new byte[BUFFER];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                if (ContentIndex.onDisk(arrival.size() + count) > mostBytes) {
                    throw tooLarge(digest, arrival.size() + count);
                }
                actual.update(buffer, 0, count);
                arrival.write(buffer, count);
            }
            arrival.end();
            Sha256 found = Sha256.of(actual.digest());
            if (!found.equals(digest)) {
                throw new WrongContentException(digest, found);
            }
            arrival.despiteFullDisk(() -> finish(digest, arrival));
        }
    }

    private NoRoomException tooLarge(Sha256 digest, long size) {
        return new NoRoomException(
                "the content " + digest + " has " + size + " bytes or more, and source_cache_size is "
                        + ByteSize.format(mostBytes),
                null);
    }

    private void finish(Sha256 digest, Arrival arrival) throws IOException {
        synchronized (nameLocks.of(digest)) {
            Entry there = index.use(digest);
            if (there == null || !there.isChecked || files.size(digest) != there.size) {
                files.finish(arrival.file(), digest);
                index.addArrived(digest, new Entry(arrival.size(), true));
                arrival.keep();
            }
        }
    }

    /** Finds what is in the directory: the last run may have been killed before it noted that. */
    private void survey() {
        long started = System.nanoTime();
        index.load(order.read(MOST_FILES));
        IOException failure = files.visitAll(digest -> {
            if (isClosed) {
                throw new IOException("the store is closed");
            }
            if (!index.see(digest)) {
                synchronized (nameLocks.of(digest)) {
                    addFound(digest);
                    if (!index.has(digest)) {
                        files.removeTree(digest); // gone, or no file
                    }
                }
            }
        });
        if (!isClosed) {
            if (failure != null) {
                log.warn("cannot look through all of {}: {}", files.directory(), failure.toString());
            }
            index.endSurvey(failure == null);
            try {
                room.shrink(); // the limit may be another one now
            } catch (IOException e) {
                log.warn("cannot evict contents of sources: {}", e.toString());
            }
            log.info(
                    "{} contents of sources are kept, {}, found in {} ms",
                    index.files(),
                    ByteSize.format(index.bytes()),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
        }
        surveyed.complete(null);
    }

    /** Under the lock of the name: the file can come and go only before or behind it. */
    private void addFound(Sha256 digest) throws IOException {
        if (!index.has(digest)) {
            long size = files.size(digest);
            if (size >= 0) {
                index.addFound(digest, new Entry(size, false));
            }
        }
    }

    /** Completes when the store knows all that is in its directory. */
    CompletableFuture<Void> surveyed() {
        return surveyed;
    }

    private void noteOrder() {
        try {
            order.write(index.inOrder(), files.newName());
        } catch (IOException e) {
            log.warn("cannot note in which order contents were used: {}", e.toString());
        }
    }

    /** Notes what there is. Who uses the store later finds it as it was, but nothing is noted any more. */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        thread.execute(this::noteOrder);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("{} took too long to close; the order in which contents were used is lost", files.directory());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
