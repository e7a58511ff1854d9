package dev.jdist.client.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Reads files whole, as code that looks at their text has to, without filling memory: some hundred launchers may ask at once for
 * a source of many megabytes. What is read for a moment takes turns where it is large.
 */
public final class WholeFiles {
    /** Of this process: a part of its heap, as whoever looks at a text may make some copies of it. */
    public static final WholeFiles SHARED = new WholeFiles(Runtime.getRuntime().maxMemory() / 24);

    /** Smaller files do not wait. */
    static final int LARGE = 1 << 20;

    /**
     * Bytes that are read at once. For each thread, Java keeps a buffer outside of the heap that is as large as the largest read.
     */
    private static final int CHUNK = 64 << 10;

    private final int units;
    private final Semaphore free;

    /** @param bytes of all large files together that are looked at at one time; one that is larger is alone */
    WholeFiles(long bytes) {
        this.units = (int) Math.max(1, bytes / LARGE);
        this.free = new Semaphore(units, true);
    }

    /**
     * Has a file looked at, perhaps once others have been.
     *
     * @param look must not keep the bytes, nor read another file
     */
    public <T> T look(Path file, Function<byte[], T> look) throws IOException {
        int needed = (int) Math.min(units, Files.size(file) / LARGE);
        free.acquireUninterruptibly(needed);
        try {
            return look.apply(read(file));
        } finally {
            free.release(needed);
        }
    }

    /** All bytes of a file, for whoever bounds in another way how many there are at once. */
    public static byte[] read(Path file) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            byte[] bytes = new byte[capacity(channel.size())];
            int length = 0;
            while (length < bytes.length) {
                int count = channel.read(ByteBuffer.wrap(bytes, length, Math.min(CHUNK, bytes.length - length)));
                if (count < 0) {
                    return Arrays.copyOf(bytes, length);
                }
                length += count;
            }
            // There is more where it grows just now, or does not tell its size, as those of /proc.
            return channel.read(ByteBuffer.allocate(1)) < 0 ? bytes : Files.readAllBytes(file);
        }
    }

    private static int capacity(long bytes) throws IOException {
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new IOException("a file of more than 2 GiB is not read whole");
        }
        return (int) bytes;
    }
}
