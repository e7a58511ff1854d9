package dev.jdist.protocol.http.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.http.IncomingBody;
import dev.jdist.protocol.wire.BlockInputStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way from an event loop to the thread that reads it.
 *
 * <p>At most {@link #HIGH_WATER} bytes (and the one chunk that crossed the line) wait here: beyond it the channel is
 * told to read no more, below {@link #LOW_WATER} to go on. The reader waits at most {@link #STALL_SECONDS} for the next
 * byte. A body that breaks off ends in an {@link EOFException}, never in a short success.
 */
public final class BodyStream extends BlockInputStream implements IncomingBody {
    private static final int HIGH_WATER = 1 << 20;
    private static final int LOW_WATER = 1 << 18;
    private static final int STALL_SECONDS = 120;

    private final Channel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Queue<ByteBuf> chunks = new ArrayDeque<>();

    @GuardedBy("lock")
    private int waiting;

    @GuardedBy("lock")
    private boolean paused;

    @GuardedBy("lock")
    private boolean wasPaused;

    @GuardedBy("lock")
    private boolean ended;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private @Nullable IOException failure;

    BodyStream(Channel channel) {
        this.channel = channel;
    }

    @Override
    public void add(ByteBuf chunk) {
        lock.lock();
        try {
            if (closed || !chunk.isReadable()) {
                chunk.release();
                return;
            }
            chunks.add(chunk);
            waiting += chunk.readableBytes();
            if (waiting > HIGH_WATER && !paused) {
                paused = true;
                wasPaused = true;
                channel.config().setAutoRead(false);
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void fail(IOException reason) {
        lock.lock();
        try {
            if (!ended && failure == null) {
                failure = reason;
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean wasPaused() {
        lock.lock();
        try {
            boolean was = wasPaused;
            wasPaused = paused;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the body ended before it was whole. */
    boolean isBroken() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            ByteBuf chunk = nextChunk();
            if (chunk == null) {
                return -1;
            }
            int count = Math.min(length, chunk.readableBytes());
            chunk.readBytes(target, offset, count);
            waiting -= count;
            if (!chunk.isReadable()) {
                chunks.remove().release();
            }
            if (paused && waiting < LOW_WATER) {
                resume();
            }
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for it. Null at the end of the body. */
    @GuardedBy("lock")
    private @Nullable ByteBuf nextChunk() throws IOException {
        long left = TimeUnit.SECONDS.toNanos(STALL_SECONDS);
        while (chunks.isEmpty()) {
            if (closed) {
                throw new IOException("the body was closed");
            }
            if (failure != null) {
                throw failure;
            }
            if (ended) {
                return null;
            }
            if (left <= 0) {
                throw new IOException("no data for " + STALL_SECONDS + " seconds");
            }
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while reading a body", e);
            }
        }
        return chunks.element();
    }

    /** Drops what waits and what is still to come. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            chunks.forEach(ByteBuf::release);
            chunks.clear();
            waiting = 0;
            changed.signal();
            resume();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void resume() {
        paused = false;
        channel.config().setAutoRead(true);
    }
}
