package dev.jdist.client.cache.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How much there is in a directory, in a file that all daemons that write to it share. Whoever holds it may add and remove
 * entries; the others wait. The system lets go for a daemon that is killed.
 *
 * <p>What comes is counted before it is there and what goes after it is gone: after a kill the number is too large, if it is
 * wrong, and is put right by the next count.
 */
public final class SharedSize implements AutoCloseable {
    private static final String SIZE = "size";
    /** Apart from the size, as a process that closes a file loses its locks on it, whoever opened it. */
    private static final String LOCK = "lock";
    /** The size, and when all was counted, in milliseconds since 1970. */
    private static final int BYTES = 2 * Long.BYTES;

    /** The system's locks tell processes apart, not threads. */
    private static final Lock WITHIN_THIS_PROCESS = new ReentrantLock();

    private final FileChannel lock;
    private final FileChannel file;
    private long size;
    private long countedAt;

    private SharedSize(FileChannel lock, FileChannel file) throws IOException {
        this.lock = lock;
        this.file = file;
        read(file).ifPresent(bytes -> {
            size = bytes.getLong();
            countedAt = bytes.getLong();
        });
    }

    /** Whether a file of the directory belongs to this. */
    static boolean owns(Path file) {
        return file.endsWith(SIZE) || file.endsWith(LOCK);
    }

    /** Waits until nobody else has it. */
    static SharedSize hold(Path directory) throws IOException {
        // By their names each time: whoever empties the directory takes these files along.
        WITHIN_THIS_PROCESS.lock();
        FileChannel lock = null;
        try {
            lock = open(directory.resolve(LOCK));
            lock.lock();
            return new SharedSize(lock, open(directory.resolve(SIZE)));
        } catch (IOException e) {
            if (lock != null) {
                lock.close();
            }
            WITHIN_THIS_PROCESS.unlock();
            throw e;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /** The size as the last one who had it left it. */
    static Optional<Long> peek(Path directory) {
        try (FileChannel file = FileChannel.open(directory.resolve(SIZE), StandardOpenOption.READ)) {
            return read(file).map(ByteBuffer::getLong);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<ByteBuffer> read(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        return file.read(bytes, 0) == BYTES ? Optional.of(bytes.flip()) : Optional.empty();
    }

    long size() {
        return size;
    }

    /** How long ago all was counted. */
    Duration age() {
        return Duration.between(Instant.ofEpochMilli(countedAt), Instant.now());
    }

    void add(long bytes) throws IOException {
        write(size + bytes, countedAt);
    }

    void counted(long bytes) throws IOException {
        write(bytes, Instant.now().toEpochMilli());
    }

    private void write(long newSize, long newCountedAt) throws IOException {
        size = newSize;
        countedAt = newCountedAt;
        file.write(ByteBuffer.allocate(BYTES).putLong(size).putLong(countedAt).flip(), 0);
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
            lock.close();
        } finally {
            WITHIN_THIS_PROCESS.unlock();
        }
    }
}
