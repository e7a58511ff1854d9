package dev.jdist.protocol.http;

import dev.jdist.protocol.spool.Spool;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way into a spool. While it is small, the event loop copies it into memory; from then on, a thread that may
 * wait for a disk writes what has come, as soon as that is worth it, and the channel reads nothing meanwhile. Nobody waits
 * for the peer: one that drips holds its connection and what it has sent, and no thread.
 *
 * <p>All methods are called on the channel's event loop, and so is whoever waits for {@link #whole()}.
 */
public final class SpooledBody implements IncomingBody {
    private static final int WRITTEN_AT_ONCE = 256 << 10;

    private final Channel channel;
    private final Spools spools;
    private final Spool spool;
    private final long most;
    private final CompletableFuture<Spool> whole = new CompletableFuture<>();

    private List<ByteBuf> waiting = new ArrayList<>();
    private int waitingBytes;
    private long length;
    private boolean writing;
    private boolean ended;
    private boolean wasPaused;

    /**
     * @param spool where the bytes go; closed here if they do not all come
     * @param most bytes of the body
     */
    public SpooledBody(Channel channel, Spools spools, Spool spool, long most) {
        this.channel = channel;
        this.spools = spools;
        this.spool = spool;
        this.most = most;
    }

    /** The body, once all of it is there; whoever gets it closes it. Fails if it will not be. */
    public CompletableFuture<Spool> whole() {
        return whole;
    }

    @Override
    public void add(ByteBuf chunk) {
        int count = chunk.readableBytes();
        if (whole.isDone() || count == 0) {
            chunk.release();
            return;
        }
        length += count;
        if (length > most) {
            chunk.release();
            fail(new BodyTooLargeException(most));
            return;
        }
        try {
            if (!writing && waiting.isEmpty() && spool.appendInMemory(chunk.nioBuffer())) {
                chunk.release();
                return;
            }
        } catch (IOException e) {
            chunk.release();
            fail(e);
            return;
        }
        waiting.add(chunk);
        waitingBytes += count;
        if (waitingBytes >= WRITTEN_AT_ONCE) {
            write();
        }
    }

    @Override
    public void end() {
        ended = true;
        write();
    }

    /** Has what waits written, or tells that all is. */
    private void write() {
        if (writing || whole.isDone()) {
            return;
        }
        if (waiting.isEmpty()) {
            whole.complete(spool);
            return;
        }
        List<ByteBuf> batch = waiting;
        waiting = new ArrayList<>();
        waitingBytes = 0;
        writing = true;
        wasPaused = true;
        channel.config().setAutoRead(false);
        try {
            spools.disk().execute(() -> writeToDisk(batch));
        } catch (RejectedExecutionException e) {
            batch.forEach(ByteBuf::release);
            fail(new IOException("this program is stopping", e));
        }
    }

    /** On a thread that may wait. */
    private void writeToDisk(List<ByteBuf> batch) {
        IOException failure = null;
        try {
            for (ByteBuf chunk : batch) {
                spool.append(chunk.nioBuffer());
            }
        } catch (IOException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            failure = new IOException(Reason.of(e), e);
        } finally {
            batch.forEach(ByteBuf::release);
        }
        IOException outcome = failure;
        channel.eventLoop().execute(() -> written(outcome));
    }

    private void written(@Nullable IOException failure) {
        writing = false;
        channel.config().setAutoRead(true);
        if (failure != null) {
            fail(failure);
        } else if (ended || waitingBytes >= WRITTEN_AT_ONCE) {
            write();
        }
    }

    @Override
    public void fail(IOException reason) {
        if (whole.isDone()) {
            return;
        }
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        try {
            spool.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
        whole.completeExceptionally(reason);
    }

    @Override
    public boolean wasPaused() {
        boolean was = wasPaused || writing;
        wasPaused = false;
        return was;
    }
}
