package dev.jdist.protocol.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.wire.BlockInputStream;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are written once and then read, several times perhaps: in memory while they are few, in a file from {@link
 * #MOST_IN_MEMORY} on, or before if there is no memory for them. Once it is closed, they cannot be read any more.
 */
public final class Spool implements PrimitiveBytes, Closeable {
    public static final int MOST_IN_MEMORY = 256 << 10;

    private static final int FIRST = 16 << 10;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Spools room;
    private final Object owner;

    /** Empty once there is a file. */
    @GuardedBy("this")
    private ByteBuffer memory = NOTHING;

    /** Null until memory does not do any more. */
    @GuardedBy("this")
    private @Nullable FileChannel file;

    @GuardedBy("this")
    private long length;

    /** Bytes that the room counts for this. */
    @GuardedBy("this")
    private long taken;

    @GuardedBy("this")
    private boolean closed;

    Spool(Spools room, Object owner) {
        this.room = room;
        this.owner = owner;
    }

    @Override
    public synchronized long length() {
        return length;
    }

    public synchronized boolean isInMemory() {
        return file == null;
    }

    /** Adds bytes if that takes no file, and so nobody has to wait for a disk. @return whether they were added */
    public synchronized boolean appendInMemory(ByteBuffer bytes) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (file != null || !makeRoom(bytes.remaining())) {
            return false;
        }
        length += bytes.remaining();
        memory.put(bytes);
        return true;
    }

    /** Adds bytes. */
    public synchronized void append(ByteBuffer bytes) throws IOException {
        if (appendInMemory(bytes)) {
            return;
        }
        FileChannel target = file;
        if (target == null) {
            target = room.createFile();
            file = target;
            writeTo(target, memory.flip());
            forgetMemory();
        }
        length += bytes.remaining();
        writeTo(target, bytes);
    }

    @GuardedBy("this")
    private boolean makeRoom(int count) {
        if (memory.remaining() >= count) {
            return true;
        }
        long needed = memory.position() + (long) count;
        int capacity = Math.max(memory.capacity(), FIRST);
        while (capacity < needed) {
            capacity *= 4;
        }
        if (capacity > MOST_IN_MEMORY || !room.takeMemory(capacity - memory.capacity())) {
            return false;
        }
        memory = ByteBuffer.allocate(capacity).put(memory.flip());
        return true;
    }

    @GuardedBy("this")
    private void forgetMemory() {
        room.giveMemoryBack(memory.capacity());
        memory = NOTHING;
    }

    @GuardedBy("this")
    private void writeTo(FileChannel target, ByteBuffer bytes) throws IOException {
        room.take(owner, bytes.remaining());
        taken += bytes.remaining();
        while (bytes.hasRemaining()) {
            target.write(bytes);
        }
    }

    /** Adds what is written to it. */
    public OutputStream toOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int next) throws IOException {
                write(new byte[] {(byte) next}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int count) throws IOException {
                append(ByteBuffer.wrap(bytes, offset, count));
            }
        };
    }

    @Override
    public InputStream toInputStream() {
        return new Reading();
    }

    /** Bytes from one place on, as far as there are any. */
    private int read(long position, ByteBuffer target) throws IOException {
        FileChannel source;
        synchronized (this) {
            if (closed) {
                throw new ClosedChannelException();
            }
            source = file;
            if (source == null) {
                int count = target.remaining();
                target.put(memory.duplicate().position((int) position).limit((int) position + count));
                return count;
            }
        }
        return source.read(target, position);
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        forgetMemory();
        if (file != null) {
            room.giveBack(owner, taken);
            file.close();
        }
    }

    @Override
    public String toString() {
        return length() + " bytes";
    }

    /** From the beginning to what was the end when it began. */
    private final class Reading extends BlockInputStream {
        private final long end = length();
        private long done;

        @Override
        public int read(byte[] target, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            } else if (done == end) {
                return -1;
            }
            int most = (int) Math.min(count, end - done);
            int got = Spool.this.read(done, ByteBuffer.wrap(target, offset, most));
            if (got < 0) {
                throw new EOFException("a spool is shorter than it was when it was written");
            }
            done += got;
            return got;
        }

        @Override
        public long skip(long count) {
            long skipped = Math.max(0, Math.min(count, end - done));
            done += skipped;
            return skipped;
        }
    }
}
