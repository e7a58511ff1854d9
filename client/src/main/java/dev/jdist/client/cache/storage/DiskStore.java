package dev.jdist.client.cache.storage;

import dev.jdist.client.cache.storage.EntryFiles.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries in a directory: one file each, written beside its place and renamed into it, so that neither a crash nor another
 * daemon ever shows half an entry. What was used longest ago goes first when the limit is near; the time of use is the file's
 * modification time.
 *
 * <p>An entry is read on the caller's thread. Writing, touching and evicting are done by one thread of the storage's own.
 * Several daemons may share a directory and its {@link SharedSize}, and none minds if an entry is gone.
 */
public final class DiskStore implements Storage {
    private static final Logger log = LoggerFactory.getLogger(DiskStore.class);

    /** Entries whose time of use may wait to be noted; past that it is their next use that counts. */
    static final int MAX_PENDING_TOUCHES = 10_000;
    /** Uses are noted together, so that nothing of it is done while somebody waits for an entry. */
    private static final Duration TOUCH_INTERVAL = Duration.ofSeconds(1);
    /** Evicting makes this much room, in percent of the limit, as finding the oldest means looking at all. */
    private static final int EVICTED_PERCENT = 10;
    /** How long the counted size is trusted, as people remove files by hand. */
    private static final Duration COUNT_LIFETIME = Duration.ofMinutes(30);
    /** One for each first byte of a key, one for what is not finished, and the one that they are in. */
    private static final int DIRECTORIES = 256 + 2;
    /** Those who want to write wait meanwhile. */
    private static final int REMOVED_AT_ONCE = 100;

    /** Below the cache's directory, where others may keep something, too. The number is that of the format. */
    private static final String ENTRIES = "jdist-1";

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private static final CompletableFuture<Optional<byte[]>> ABSENT =
            CompletableFuture.completedFuture(Optional.empty());

    private final Path directory;
    private final Path entries;
    private final long limit;
    private final boolean writable;
    private final AtomicLong sequence = new AtomicLong();
    private final Set<EntryName> pendingTouches = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread worker = new Thread(task, "cache-disk");
        worker.setDaemon(true);
        return worker;
    });
    /** Of this store: two daemons in two containers may have the same process id. */
    private final String writer = UUID.randomUUID().toString();

    private DiskStore(Path directory, long limit, boolean writable) {
        this.directory = directory;
        this.entries = entriesIn(directory);
        this.limit = limit;
        this.writable = writable;
    }

    /**
     * Opens a store, whether there was one or not.
     *
     * @param limit bytes of all entries together
     * @param writable whether anything may be changed
     */
    public static DiskStore open(Path directory, long limit, boolean writable) throws IOException {
        DiskStore store = new DiskStore(directory, limit, writable);
        if (writable) {
            Files.createDirectories(store.entries);
        }
        store.thread.execute(store::tidy);
        store.thread.scheduleWithFixedDelay(
                store::noteUses, TOUCH_INTERVAL.toMillis(), TOUCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return store;
    }

    /** Below which a directory's entries are. */
    private static Path entriesIn(Path directory) {
        return directory.resolve(ENTRIES);
    }

    /** The files of all manifests in a directory, sorted; none if no store was ever there. */
    public static List<Path> manifestsIn(Path directory) throws IOException {
        Path entries = entriesIn(directory);
        if (!Files.isDirectory(entries)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(entries)) {
            return files.filter(file -> file.toString().endsWith(EntryName.Kind.MANIFEST.suffix()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public String location() {
        return "Local disk: \"" + directory + "\"";
    }

    @Override
    public OptionalLong size() {
        return OptionalLong.of(SharedSize.peek(entries).orElse(0L));
    }

    @Override
    public OptionalLong limit() {
        return OptionalLong.of(limit);
    }

    /** What is left of the limit for entries. */
    private long room() {
        // Those who try very small limits get some use of them.
        return limit - Math.min(DIRECTORIES * EntryFiles.BLOCK, limit / 8);
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public CompletableFuture<Optional<byte[]>> read(EntryName name) {
        Path file = file(name);
        try {
            return CompletableFuture.completedFuture(Optional.of(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return ABSENT;
        } catch (IOException e) {
            if (writable) {
                remove(name);
            }
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletableFuture<Optional<Duration>> write(EntryName name, byte[] bytes) {
        CompletableFuture<Optional<Duration>> done = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    done.complete(writeNow(name, bytes));
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private Optional<Duration> writeNow(EntryName name, byte[] bytes) throws IOException {
        long started = System.nanoTime();
        if (EntryFiles.onDisk(bytes.length) > room()) {
            return Optional.empty();
        }
        Path file = file(name);
        Path fresh = entries.resolve(EntryFiles.UNFINISHED).resolve(writer + "-" + sequence.incrementAndGet());
        Files.createDirectories(fresh.getParent());
        try {
            Files.write(fresh, bytes);
            Files.createDirectories(file.getParent());
            add(fresh, file, bytes.length);
        } finally {
            Files.deleteIfExists(fresh);
        }
        return Optional.of(Duration.ofNanos(System.nanoTime() - started));
    }

    private void add(Path fresh, Path file, int length) throws IOException {
        try (SharedSize size = SharedSize.hold(entries)) {
            long replaced = sizeOf(file);
            makeRoom(size, EntryFiles.onDisk(length));
            size.add(EntryFiles.onDisk(length));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            size.add(-replaced);
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return EntryFiles.onDisk(Files.size(file));
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /** Evicts until {@code more} bytes fit. */
    private void makeRoom(SharedSize size, long more) throws IOException {
        if (size.size() + more > room() || size.age().compareTo(COUNT_LIFETIME) > 0) {
            noteUses();
            EntryFiles.Found found = EntryFiles.find(entries);
            size.counted(found.size());
            if (size.size() + more > room()) {
                evict(found.entries(), size, room() - Math.max(more, room() / 100 * EVICTED_PERCENT));
            }
        }
    }

    private static void evict(List<Entry> entries, SharedSize size, long goal) throws IOException {
        entries.sort(Comparator.comparing(Entry::used));
        int evicted = 0;
        long left = size.size();
        for (Entry entry : entries) {
            if (left <= goal) {
                break;
            }
            if (EntryFiles.remove(entry.file())) {
                left -= entry.size();
                evicted++;
            }
        }
        size.add(left - size.size());
        log.debug("evicted {} entries from the cache; {} bytes are left", evicted, left);
    }

    /** What a daemon does as it starts: the limit may be another one now, and the last one may have been killed. */
    private void tidy() {
        if (!writable) {
            return;
        }
        try (SharedSize size = SharedSize.hold(entries)) {
            makeRoom(size, 0);
        } catch (IOException e) {
            log.warn("the cache in {} cannot be tidied up: {}", directory, e.toString());
        }
    }

    @Override
    public void touch(EntryName name) {
        if (pendingTouches.size() < MAX_PENDING_TOUCHES) {
            pendingTouches.add(name);
        }
    }

    private void noteUses() {
        pendingTouches.removeIf(name -> {
            setUsed(file(name));
            return true;
        });
    }

    /** Entries whose time of use is still to be noted. */
    int pendingTouches() {
        return pendingTouches.size();
    }

    private static void setUsed(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            log.debug("{} is gone already: {}", file, e.toString());
        }
    }

    @Override
    public void remove(EntryName name) {
        try {
            thread.execute(() -> EntryFiles.remove(file(name)));
        } catch (RejectedExecutionException e) {
            log.debug("{} is not removed, as the cache is closed", name);
        }
    }

    /** By a thread of its own: to look at the end of 100,000 files takes seconds, and minutes if the disk has to find each. */
    @Override
    public CompletableFuture<Long> removeIf(int length, Predicate<byte[]> unwanted) {
        CompletableFuture<Long> done = new CompletableFuture<>();
        Runnable search = () -> {
            try {
                done.complete(removeNow(length, unwanted));
            } catch (IOException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        };
        try {
            // Behind what is to be written.
            thread.execute(() -> {
                Thread searcher = new Thread(search, "cache-search");
                searcher.setDaemon(true);
                searcher.start();
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private long removeNow(int length, Predicate<byte[]> unwanted) throws IOException {
        long removed = 0;
        List<Entry> found = new ArrayList<>();
        for (Entry entry : EntryFiles.find(entries).entries()) {
            if (thread.isShutdown()) {
                throw new IOException("the cache was closed after " + removed + " entries were removed");
            }
            boolean isResult = entry.file().toString().endsWith(EntryName.Kind.RESULT.suffix());
            if (isResult && unwanted.test(EntryFiles.endOf(entry.file(), length))) {
                found.add(entry);
            }
            if (found.size() == REMOVED_AT_ONCE) {
                removed += removeCounted(found);
                found.clear();
            }
        }
        return removed + removeCounted(found);
    }

    private int removeCounted(List<Entry> unwanted) throws IOException {
        if (unwanted.isEmpty()) {
            return 0;
        }
        int removed = 0;
        long freed = 0;
        try (SharedSize size = SharedSize.hold(entries)) {
            for (Entry entry : unwanted) {
                if (EntryFiles.remove(entry.file())) {
                    removed++;
                    freed += entry.size();
                }
            }
            size.add(-freed);
        }
        return removed;
    }

    private Path file(EntryName name) {
        String text = name.toString();
        return entries.resolve(text.substring(0, 2)).resolve(text.substring(2));
    }

    @Override
    public void close() {
        if (!thread.isShutdown()) {
            thread.execute(this::noteUses);
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("the cache in {} took too long to close; entries that were not written are lost", directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
