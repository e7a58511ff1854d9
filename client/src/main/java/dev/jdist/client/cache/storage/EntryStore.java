package dev.jdist.client.cache.storage;

import dev.jdist.client.cache.storage.EntryFrame.DamagedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries of the cache, in whatever {@link Storage}. All that does not depend on where entries are is done here: the frame
 * with its checksum, so that a damaged entry of any storage is noticed in one place; entries that can be read before they are
 * stored; limits on the bytes that are under way and on the time that somebody waits for a storage.
 *
 * <p>Any thread may call each method. A thread of the store's own frames what is to be written.
 */
public final class EntryStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EntryStore.class);

    /** Bytes that may wait to be written; who brings more waits. */
    private static final int MAX_PENDING_BYTES = 64 << 20;

    /** Bytes of an entry: to frame it takes three times as many of memory. */
    private static final long LARGEST =
            Math.min(EntryFrame.MAX_CONTENT_BYTES, Runtime.getRuntime().maxMemory() / 4);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    /** Between two log lines about a storage that does not work. */
    private static final Duration COMPLAINT_INTERVAL = Duration.ofMinutes(1);

    /**
     * How long somebody waits for a storage.
     *
     * @param read for an entry; it counts as none then
     * @param write for room among the entries that are not written yet; the entry is not stored then
     */
    public record Timeouts(Duration read, Duration write) {
        /** To read takes less than to compile, if a storage works. */
        public static final Timeouts DEFAULT = new Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(30));
    }

    /** Is told of what becomes of entries. */
    public interface Listener {
        /** @param kind of the entry */
        void written(EntryName.Kind kind, Duration time);

        void writeFailed();

        void readFailed();

        void readTimedOut();
    }

    private final Storage storage;
    private final int level;
    private final Timeouts timeouts;
    private final Listener listener;
    private final EntryFrame frame = new EntryFrame();
    private final Map<EntryName, Pending> pending = new ConcurrentHashMap<>();
    /** What is not used whatever it says, though it may not be removed yet. */
    private final List<Predicate<EntryOrigin>> distrusted = new CopyOnWriteArrayList<>();

    private final Semaphore pendingBytes = new Semaphore(MAX_PENDING_BYTES);
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread worker = new Thread(task, "cache");
        worker.setDaemon(true);
        return worker;
    });
    private final AtomicLong complainedAt = new AtomicLong(System.nanoTime() - COMPLAINT_INTERVAL.toNanos());

    /** What waits to be written. */
    private record Pending(byte[] content, Optional<EntryOrigin> origin) {}

    /**
     * @param storage is closed with this store
     * @param level of zstd's compression
     */
    public EntryStore(Storage storage, int level, Timeouts timeouts, Listener listener) {
        this.storage = storage;
        this.level = level;
        this.timeouts = timeouts;
        this.listener = listener;
    }

    /** Where the entries are, for people. */
    public String location() {
        return storage.location();
    }

    /** Bytes that all entries take, if the storage knows. */
    public OptionalLong size() {
        return storage.size();
    }

    /** Bytes that all entries may take, if the storage knows. */
    public OptionalLong limit() {
        return storage.limit();
    }

    /** The content of an entry; nothing if there is none, if it is damaged, or if the storage does not answer in time. */
    public Optional<byte[]> read(EntryName name) {
        Pending fresh = pending.get(name);
        if (fresh != null) {
            return isDistrusted(fresh.origin) ? Optional.empty() : Optional.of(fresh.content);
        }
        Optional<byte[]> stored = stored(name);
        if (stored.isEmpty()) {
            return stored;
        } else if (!distrusted.isEmpty() && isDistrusted(EntryOrigin.decode(stored.get()))) {
            return Optional.empty();
        }
        try {
            byte[] content = frame.decode(stored.get());
            touch(name);
            return Optional.of(content);
        } catch (DamagedException e) {
            log.warn(
                    "entry {} of the cache ({}) is damaged and is no longer used: {}",
                    name,
                    location(),
                    e.getMessage());
            listener.readFailed();
            if (storage.isWritable()) {
                storage.remove(name);
            }
            return Optional.empty();
        }
    }

    private boolean isDistrusted(Optional<EntryOrigin> origin) {
        return origin.isPresent() && distrusted.stream().anyMatch(which -> which.test(origin.get()));
    }

    /**
     * Uses no entry any more that a machine made which is not to be believed, and removes them all in the background.
     *
     * @param which tells these entries
     * @return how many were removed; nothing of it is removed if entries may not be changed
     */
    public CompletableFuture<Long> distrust(Predicate<EntryOrigin> which) {
        distrusted.add(which);
        if (!storage.isWritable()) {
            return CompletableFuture.completedFuture(0L);
        }
        Predicate<byte[]> unwanted =
                end -> EntryOrigin.decode(end).filter(which).isPresent();
        try {
            // Behind what is to be framed.
            return CompletableFuture.supplyAsync(() -> storage.removeIf(EntryOrigin.MOST_BYTES, unwanted), thread)
                    .thenCompose(Function.identity());
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private Optional<byte[]> stored(EntryName name) {
        CompletableFuture<Optional<byte[]>> answer = storage.read(name);
        try {
            // Does not wait, nor look at the clock, if the answer is there already.
            return answer.get(timeouts.read.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            complain("read", name, e);
            listener.readFailed();
        } catch (TimeoutException e) {
            complain("read", name, "no answer within " + timeouts.read.toMillis() + " ms");
            listener.readTimedOut();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        answer.cancel(true);
        return Optional.empty();
    }

    /** What is to be stored, which is in memory only once there is room for it. */
    public interface Content {
        long length();

        /** @throws IOException if it cannot be had */
        byte[] encode() throws IOException;

        /** @param content not to be changed any more */
        static Content of(byte[] content) {
            return new Content() {
                @Override
                public long length() {
                    return content.length;
                }

                @Override
                public byte[] encode() {
                    return content;
                }
            };
        }
    }

    /** Stores an entry, soon; replaces one that is there. The content is not to be changed any more. */
    public void write(EntryName name, byte[] content) {
        write(name, Content.of(content));
    }

    /** As {@link #write(EntryName, byte[])}, for what may be large: it is read here, on the caller's thread. */
    public void write(EntryName name, Content content) {
        write(name, content, Optional.empty());
    }

    /** @param origin of what another machine made; nothing is stored if that is distrusted */
    public void write(EntryName name, Content content, Optional<EntryOrigin> origin) {
        if (!storage.isWritable() || isDistrusted(origin)) {
            return;
        } else if (content.length() > LARGEST) {
            log.debug("entry {} is not stored: {} bytes are more than {}", name, content.length(), LARGEST);
            return;
        }
        int weight = (int) Math.min(content.length(), MAX_PENDING_BYTES);
        if (!reserve(weight)) {
            complain("written to", name, "entries of " + MAX_PENDING_BYTES + " bytes wait already");
            listener.writeFailed();
            return;
        }
        boolean isTaken = false;
        try {
            write(name, new Pending(content.encode(), origin), weight);
            isTaken = true;
        } catch (IOException e) {
            complain("written to", name, e.toString());
            listener.writeFailed();
        } finally {
            if (!isTaken) {
                pendingBytes.release(weight);
            }
        }
    }

    private void write(EntryName name, Pending content, int weight) {
        pending.put(name, content);
        try {
            thread.execute(() -> writeNow(name, content, weight));
        } catch (RejectedExecutionException e) {
            log.debug("entry {} is not stored, as the cache is closed", name);
            forget(name, content, weight);
        }
    }

    private void forget(EntryName name, Pending content, int weight) {
        pending.remove(name, content);
        pendingBytes.release(weight);
    }

    private boolean reserve(int weight) {
        try {
            return pendingBytes.tryAcquire(weight, timeouts.write.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void writeNow(EntryName name, Pending content, int weight) {
        framed(name, content).whenComplete((time, failure) -> {
            try {
                if (failure != null) {
                    complain("written to", name, failure);
                    listener.writeFailed();
                } else {
                    time.ifPresent(took -> listener.written(name.kind(), took));
                }
            } finally {
                forget(name, content, weight);
            }
        });
    }

    private CompletableFuture<Optional<Duration>> framed(EntryName name, Pending entry) {
        long started = System.nanoTime();
        try {
            byte[] bytes = EntryFrame.encode(entry.content, level, entry.origin);
            Duration framing = Duration.ofNanos(System.nanoTime() - started);
            return storage.write(name, bytes).thenApply(writing -> writing.map(framing::plus));
        } catch (RuntimeException e) {
            // What waits to be written holds memory: no fault of a storage may leave it there.
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Counts an entry as used now. */
    public void touch(EntryName name) {
        if (storage.isWritable()) {
            storage.touch(name);
        }
    }

    /** @param failure what a future failed with, which may be wrapped */
    private void complain(String what, EntryName name, Throwable failure) {
        Throwable cause = failure.getCause();
        boolean isWrapped = failure instanceof ExecutionException || failure instanceof CompletionException;
        complain(what, name, (isWrapped && cause != null ? cause : failure).toString());
    }

    private void complain(String what, EntryName name, String reason) {
        long now = System.nanoTime();
        long last = complainedAt.get();
        if (now - last > COMPLAINT_INTERVAL.toNanos() && complainedAt.compareAndSet(last, now)) {
            log.warn("the cache ({}) cannot be {}: entry {}: {}", location(), what, name, reason);
        }
    }

    /** Finishes what is to be written. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("the cache ({}) took too long to close; entries that were not written are lost", location());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        storage.close();
        frame.close();
    }
}
