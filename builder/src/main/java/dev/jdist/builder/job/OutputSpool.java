package dev.jdist.builder.job;

import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.wire.BlockInputStream;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of one job, compressed: in memory while they are few, in a file from {@link #MOST_IN_MEMORY} on. Belongs to
 * one thread at a time. Once it is closed, its outputs cannot be read any more.
 */
public final class OutputSpool implements Closeable {
    static final int MOST_IN_MEMORY = 256 << 10;
    private static final int BUFFER = 64 << 10;

    private final OutputSpools room;
    /** Empty once there is a file. */
    private ByteBuffer memory = ByteBuffer.allocate(BUFFER);
    /** Null until memory does not do any more. */
    private @Nullable FileChannel file;

    private long length;
    /** Bytes that the room counts for this. */
    private long taken;

    OutputSpool(OutputSpools room) {
        this.room = room;
    }

    /** What a limit on an output's size is answered with. */
    @FunctionalInterface
    interface TooLarge {
        IOException exception();
    }

    /**
     * Adds a file.
     *
     * @param most bytes it may have: one with holes may pretend to more than any disk has
     */
    OutputFile add(String path, InputStream content, long most, TooLarge tooLarge) throws IOException {
        long start = length;
        long size = 0;
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (OutputStream zlib = new DeflaterOutputStream(new Appending(), deflater, BUFFER)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                size += count;
                if (size > most) {
                    throw tooLarge.exception();
                }
                zlib.write(buffer, 0, count);
            }
        } finally {
            deflater.end();
        }
        return new OutputFile(path, new Part(start, length - start), size);
    }

    private final class Appending extends OutputStream {
        @Override
        public void write(int next) throws IOException {
            write(new byte[] {(byte) next}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            append(ByteBuffer.wrap(bytes, offset, count));
        }
    }

    private void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        if (file == null && length + count > MOST_IN_MEMORY) {
            toFile();
        }
        if (file == null) {
            if (memory.remaining() < count) {
                memory = ByteBuffer.allocate(MOST_IN_MEMORY).put(memory.flip());
            }
            memory.put(bytes);
        } else {
            writeTo(file, bytes);
        }
        length += count;
    }

    private void toFile() throws IOException {
        FileChannel created = room.createFile();
        file = created;
        writeTo(created, memory.flip());
        memory = ByteBuffer.allocate(0);
    }

    private void writeTo(FileChannel target, ByteBuffer bytes) throws IOException {
        room.take(bytes.remaining());
        taken += bytes.remaining();
        while (bytes.hasRemaining()) {
            target.write(bytes);
        }
    }

    /** Bytes from one place on, as far as there are any. */
    private int read(long position, ByteBuffer target) throws IOException {
        if (file != null) {
            return file.read(target, position);
        }
        int count = target.remaining();
        target.put(memory.duplicate().position((int) position).limit((int) position + count));
        return count;
    }

    @Override
    public void close() throws IOException {
        if (file != null && file.isOpen()) {
            file.close();
            room.giveBack(taken);
        }
    }

    private final class Part implements PrimitiveBytes {
        private final long start;
        private final long bytes;

        Part(long start, long bytes) {
            this.start = start;
            this.bytes = bytes;
        }

        @Override
        public long length() {
            return bytes;
        }

        @Override
        public InputStream toInputStream() {
            return new BlockInputStream() {
                private long done;

                @Override
                public int read(byte[] target, int offset, int count) throws IOException {
                    if (done == bytes) {
                        return -1;
                    }
                    int most = (int) Math.min(count, bytes - done);
                    int got = OutputSpool.this.read(start + done, ByteBuffer.wrap(target, offset, most));
                    if (got < 0) {
                        throw new EOFException("an output is shorter than it was when it was written");
                    }
                    done += got;
                    return got;
                }
            };
        }
    }
}
