package dev.jdist.builder.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.builder.store.ContentIndex.Content;
import dev.jdist.protocol.config.ByteSize;
import java.io.IOException;

/**
 * Room for contents, which others have to make when it is short: those that were not used for longest. One thread at a time
 * evicts, so that no more go than have to.
 */
final class Room {
    private final ContentFiles files;
    private final ContentIndex index;
    private final NameLocks nameLocks;
    private final long mostBytes;
    private final Object evictions = new Object();

    Room(ContentFiles files, ContentIndex index, NameLocks nameLocks, long mostBytes) {
        this.files = files;
        this.index = index;
        this.nameLocks = nameLocks;
        this.mostBytes = mostBytes;
    }

    /**
     * Takes room.
     *
     * @throws NoRoomException if there is not so much: what arrives at this time takes all
     */
    void reserve(long bytes, int moreFiles) throws IOException {
        if (index.reserve(bytes, moreFiles)) {
            return;
        }
        synchronized (evictions) {
            while (!index.reserve(bytes, moreFiles)) {
                if (evictOldest() == 0) {
                    throw new NoRoomException(
                            "what arrives at once takes more than all that source_cache_size allows: "
                                    + ByteSize.format(mostBytes),
                            null);
                }
            }
        }
    }

    void release(long bytes, int fewerFiles) {
        index.release(bytes, fewerFiles);
    }

    /** Evicts this many bytes, or all that there is; returns whether there was any. */
    boolean evict(long bytes) throws IOException {
        long evicted = 0;
        synchronized (evictions) {
            while (evicted < bytes) {
                long more = evictOldest();
                if (more == 0) {
                    break;
                }
                evicted += more;
            }
        }
        return evicted > 0;
    }

    /** Evicts until the limits are kept. */
    void shrink() throws IOException {
        synchronized (evictions) {
            while (index.isOverfull() && evictOldest() > 0) {
                // Until it is not.
            }
        }
    }

    /** @return the bytes that are free now; 0 if there is nothing to evict */
    @GuardedBy("evictions")
    private long evictOldest() throws IOException {
        Content oldest = index.takeOldest();
        if (oldest == null) {
            return 0;
        }
        long bytes = ContentIndex.onDisk(oldest.entry().size);
        try {
            synchronized (nameLocks.of(oldest.digest())) {
                if (!index.has(oldest.digest())) { // it may have come again
                    files.remove(oldest.digest());
                }
            }
        } finally {
            index.release(bytes, 1);
        }
        return bytes;
    }
}
