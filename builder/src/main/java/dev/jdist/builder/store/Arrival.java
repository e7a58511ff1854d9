package dev.jdist.builder.store;

import dev.jdist.protocol.config.ByteSize;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A content on its way into the store: a file that grows, and the room that it takes before it does. Used by one thread.
 * Closing gives back what was not {@link #keep kept}.
 */
final class Arrival implements Closeable {
    /** What is evicted at once when the disk is full before the limit is reached; others may fill it as fast. */
    private static final long EVICTED_FOR_DISK = 4 * ByteSize.MIB;
    /** Of evictions after which a write is tried again. */
    private static final int ATTEMPTS = 8;

    private final Room room;
    private final ContentFiles files;
    private final Path file;
    private @Nullable WritableByteChannel out;
    private long size;
    private long reserved;
    private boolean isKept;

    private Arrival(Room room, ContentFiles files, long reserved) {
        this.room = room;
        this.files = files;
        this.file = files.newName();
        this.reserved = reserved;
    }

    /** Begins a content, of which nothing is there yet. */
    static Arrival begin(Room room, ContentFiles files) throws IOException {
        long least = ContentIndex.onDisk(0);
        room.reserve(least, 1);
        Arrival arrival = new Arrival(room, files, least);
        try {
            arrival.despiteFullDisk(() -> arrival.out = files.create(arrival.file));
            return arrival;
        } catch (IOException | RuntimeException | Error e) {
            arrival.close();
            throw e;
        }
    }

    void write(byte[] bytes, int count) throws IOException {
        long more = ContentIndex.onDisk(size + count) - reserved;
        if (more > 0) {
            room.reserve(more, 0);
            reserved += more;
        }
        ByteBuffer left = ByteBuffer.wrap(bytes, 0, count);
        WritableByteChannel channel = Objects.requireNonNull(out);
        despiteFullDisk(() -> {
            while (left.hasRemaining()) {
                channel.write(left);
            }
        });
        size += count;
    }

    long size() {
        return size;
    }

    /** What is written is all: some systems find only now that there is no space for it. */
    void end() throws IOException {
        Objects.requireNonNull(out).close();
    }

    /** The file, which is whole. */
    Path file() {
        return file;
    }

    /** The file has its place, and the room is its own. */
    void keep() {
        isKept = true;
    }

    interface Write {
        void run() throws IOException;
    }

    /** Does what takes space, and evicts for it while the disk is full. */
    void despiteFullDisk(Write write) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                write.run();
                return;
            } catch (IOException e) {
                if (!files.isForWantOfSpace(e)) {
                    throw e;
                } else if (attempt == ATTEMPTS || !room.evict(EVICTED_FOR_DISK)) {
                    throw new NoRoomException(
                            "the disk of " + files.directory() + " is full: make room on it, or let cache_dir be on"
                                    + " another one",
                            e);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (isKept) {
            return;
        }
        try {
            if (out != null) {
                out.close();
            }
            Files.deleteIfExists(file);
        } finally {
            room.release(reserved, 1);
        }
    }
}
