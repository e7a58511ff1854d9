package dev.jdist.client.cache.storage;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.Directories;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries in a directory: one file each, a zstd frame with a checksum, written beside its place and renamed into it, so that
 * neither a crash nor another daemon ever shows half an entry. What was used longest ago goes first when the limit is
 * near; the time of use is the file's modification time.
 *
 * <p>Writing, touching and evicting are done by one thread of the store's own. What is not written yet can be read
 * already. Several daemons may share a directory and its {@link SharedSize}, and none minds if an entry is gone.
 */
public final class DiskStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DiskStore.class);

    /** An object file of this size was made by no compiler. */
    private static final int MAX_ENTRY_BYTES = 1 << 30;
    /** Bytes that may wait to be written; who brings more waits. */
    private static final int MAX_PENDING_BYTES = 64 << 20;
    /** Entries whose time of use may wait to be noted; past that it is their next use that counts. */
    static final int MAX_PENDING_TOUCHES = 10_000;
    /** Uses are noted together, so that nothing of it is done while somebody waits for an entry. */
    private static final Duration TOUCH_INTERVAL = Duration.ofSeconds(1);
    /** Evicting makes this much room, in percent of the limit, as finding the oldest means looking at all. */
    private static final int EVICTED_PERCENT = 10;
    /** How long the counted size is trusted, as people remove files by hand. */
    private static final Duration COUNT_LIFETIME = Duration.ofMinutes(30);
    /** What the least file takes on most file systems. The limit is one of disk space, and manifests are small. */
    private static final int BLOCK = 4096;
    /** One for each first byte of a key, one for what is not finished, and the one that they are in. */
    private static final int DIRECTORIES = 256 + 2;
    /** After this long nobody writes to an unfinished file any more. */
    private static final Duration UNFINISHED_LIFETIME = Duration.ofMinutes(1);

    private static final String UNFINISHED = "unfinished";
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    /** Between two log lines about a store that cannot be written to. */
    private static final Duration COMPLAINT_INTERVAL = Duration.ofMinutes(1);

    /** What an entry is. */
    public enum Kind {
        RESULT,
        MANIFEST;

        private final String suffix = "." + name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Is told of what the store does in the background. */
    public interface Listener {
        void written(Duration time);

        void writeFailed();

        void readFailed();
    }

    private record Name(Digest key, Kind kind) {}

    private final Path directory;
    private final long limit;
    private final int level;
    private final boolean writable;
    private final Listener listener;
    private final AtomicLong sequence = new AtomicLong();
    private final Map<Name, byte[]> pending = new ConcurrentHashMap<>();
    private final Semaphore pendingBytes = new Semaphore(MAX_PENDING_BYTES);
    private final Set<Path> pendingTouches = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread worker = new Thread(task, "cache");
        worker.setDaemon(true);
        return worker;
    });
    /** Contexts that wait for their next use: to make one takes as long as to decompress a small object. */
    private final BlockingQueue<ZstdDecompressCtx> idle =
            new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
    /** Of this store: two daemons in two containers may have the same process id. */
    private final String writer = UUID.randomUUID().toString();

    private long complainedAt = System.nanoTime() - COMPLAINT_INTERVAL.toNanos();

    private DiskStore(Path directory, long limit, int level, boolean writable, Listener listener) {
        this.directory = directory;
        // Those who try very small limits get some use of them.
        this.limit = limit - Math.min(DIRECTORIES * BLOCK, limit / 8);
        this.level = level;
        this.writable = writable;
        this.listener = listener;
    }

    /**
     * Opens a store, whether there was one or not.
     *
     * @param limit bytes of all entries together
     * @param level of zstd's compression
     * @param writable whether anything may be changed
     */
    public static DiskStore open(Path directory, long limit, int level, boolean writable, Listener listener)
            throws IOException {
        DiskStore store = new DiskStore(directory, limit, level, writable, listener);
        if (writable) {
            Files.createDirectories(directory);
        }
        store.thread.execute(store::tidy);
        store.thread.scheduleWithFixedDelay(
                store::noteUses, TOUCH_INTERVAL.toMillis(), TOUCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return store;
    }

    /** Bytes that all entries take on disk. */
    public long size() {
        return SharedSize.peek(directory).orElse(0L);
    }

    public Optional<byte[]> read(Digest key, Kind kind) {
        byte[] fresh = pending.get(new Name(key, kind));
        if (fresh != null) {
            return Optional.of(fresh);
        }
        Path file = file(key, kind);
        try {
            byte[] content = decompress(Files.readAllBytes(file));
            noteUse(file);
            return Optional.of(content);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | ZstdException e) {
            log.warn("{} cannot be read and is no longer used: {}", file, e.getMessage());
            listener.readFailed();
            if (writable) {
                thread.execute(() -> remove(file));
            }
            return Optional.empty();
        }
    }

    /** Whether a file of a store holds a manifest. */
    public static boolean isManifest(Path file) {
        return file.toString().endsWith(Kind.MANIFEST.suffix);
    }

    /** What a file of a store holds; nothing if it is gone or damaged. */
    public static Optional<byte[]> readFile(Path file) throws IOException {
        try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
            return Optional.of(decompress(Files.readAllBytes(file), context));
        } catch (NoSuchFileException | ZstdException e) {
            return Optional.empty();
        }
    }

    private byte[] decompress(byte[] frame) throws IOException {
        ZstdDecompressCtx context = Optional.ofNullable(idle.poll()).orElseGet(ZstdDecompressCtx::new);
        try {
            return decompress(frame, context);
        } finally {
            if (!idle.offer(context)) {
                context.close();
            }
        }
    }

    private static byte[] decompress(byte[] frame, ZstdDecompressCtx context) throws IOException {
        long length = Zstd.getFrameContentSize(frame);
        if (length < 0 || length > MAX_ENTRY_BYTES) {
            throw new IOException("not a zstd frame of a plausible size");
        }
        byte[] content = new byte[(int) length];
        if (context.decompress(content, frame) != length) {
            throw new IOException("shorter than its header says");
        }
        return content;
    }

    /** Stores an entry, soon; replaces one that is there. */
    public void write(Digest key, Kind kind, byte[] content) {
        if (!writable || content.length > MAX_ENTRY_BYTES) {
            return;
        }
        int weight = Math.min(content.length, MAX_PENDING_BYTES);
        pendingBytes.acquireUninterruptibly(weight);
        Name name = new Name(key, kind);
        pending.put(name, content);
        thread.execute(() -> {
            try {
                writeNow(name, content);
            } finally {
                pending.remove(name, content);
                pendingBytes.release(weight);
            }
        });
    }

    private void writeNow(Name name, byte[] content) {
        long started = System.nanoTime();
        Path file = file(name.key, name.kind);
        Path fresh = directory.resolve(UNFINISHED).resolve(writer + "-" + sequence.incrementAndGet());
        try {
            byte[] frame = compress(content);
            if (onDisk(frame.length) > limit) {
                return;
            }
            Files.createDirectories(fresh.getParent());
            try {
                Files.write(fresh, frame);
                Files.createDirectories(file.getParent());
                add(fresh, file, frame.length);
            } finally {
                Files.deleteIfExists(fresh);
            }
            listener.written(Duration.ofNanos(System.nanoTime() - started));
        } catch (IOException | ZstdException e) {
            complain(e);
            listener.writeFailed();
        }
    }

    private byte[] compress(byte[] content) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            return context.setLevel(level).setChecksum(true).compress(content);
        }
    }

    private void add(Path fresh, Path file, int length) throws IOException {
        try (SharedSize size = SharedSize.hold(directory)) {
            long replaced = sizeOf(file);
            makeRoom(size, onDisk(length));
            size.add(onDisk(length));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            size.add(-replaced);
        }
    }

    private static long onDisk(long length) {
        return (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return onDisk(Files.size(file));
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private void complain(Exception e) {
        if (System.nanoTime() - complainedAt > COMPLAINT_INTERVAL.toNanos()) {
            complainedAt = System.nanoTime();
            log.warn("the cache in {} cannot be written to: {}", directory, e.toString());
        }
    }

    /** Evicts until {@code more} bytes fit. */
    private void makeRoom(SharedSize size, long more) throws IOException {
        if (size.size() + more > limit || size.age().compareTo(COUNT_LIFETIME) > 0) {
            noteUses();
            Found found = find();
            size.counted(found.size());
            if (size.size() + more > limit) {
                evict(found.entries, size, limit - Math.max(more, limit / 100 * EVICTED_PERCENT));
            }
        }
    }

    private record Entry(Path file, long size, FileTime used) {}

    private static void evict(List<Entry> entries, SharedSize size, long goal) throws IOException {
        entries.sort(Comparator.comparing(Entry::used));
        int evicted = 0;
        long left = size.size();
        for (Entry entry : entries) {
            if (left <= goal) {
                break;
            }
            if (remove(entry.file)) {
                left -= entry.size;
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
        try (SharedSize size = SharedSize.hold(directory)) {
            makeRoom(size, 0);
        } catch (IOException e) {
            complain(e);
        }
    }

    /** What there is: entries, and bytes of what is not finished. */
    private record Found(List<Entry> entries, long unfinished) {
        long size() {
            return unfinished + entries.stream().mapToLong(Entry::size).sum();
        }
    }

    /** Finds what there is, and removes what a daemon that was killed left unfinished. */
    private Found find() throws IOException {
        List<Entry> entries = new ArrayList<>();
        AtomicLong unfinished = new AtomicLong();
        Instant old = Instant.now().minus(UNFINISHED_LIFETIME);
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (Directories.of(file).endsWith(UNFINISHED)) {
                    if (attributes.lastModifiedTime().toInstant().isBefore(old)) {
                        remove(file);
                    } else {
                        unfinished.addAndGet(onDisk(attributes.size()));
                    }
                } else if (!SharedSize.owns(file)) {
                    entries.add(new Entry(file, onDisk(attributes.size()), attributes.lastModifiedTime()));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return new Found(entries, unfinished.get());
    }

    /** Has an entry count as used now. */
    public void noteUse(Digest key, Kind kind) {
        noteUse(file(key, kind));
    }

    private void noteUse(Path file) {
        if (writable && pendingTouches.size() < MAX_PENDING_TOUCHES) {
            pendingTouches.add(file);
        }
    }

    private void noteUses() {
        pendingTouches.removeIf(file -> {
            touch(file);
            return true;
        });
    }

    /** Entries whose time of use is still to be noted. */
    int pendingTouches() {
        return pendingTouches.size();
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            log.debug("{} is gone already: {}", file, e.toString());
        }
    }

    private static boolean remove(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            log.debug("{} cannot be removed: {}", file, e.toString());
            return false;
        }
    }

    private Path file(Digest key, Kind kind) {
        String hex = key.hex();
        return directory.resolve(hex.substring(0, 2)).resolve(hex.substring(2) + kind.suffix);
    }

    /** Finishes what is to be written. */
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
        idle.forEach(ZstdDecompressCtx::close);
        idle.clear();
    }
}
