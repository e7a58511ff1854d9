package dev.jdist.protocol.http.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer on its way from the thread that makes it to a channel. Each part is waited for until the kernel
 * has taken it, so that no more than one is in memory; a client that takes nothing for a while is given up.
 */
public final class AnswerStream extends OutputStream {
    private static final int PART = 64 << 10;

    private final Channel channel;
    private final long length;
    private final Duration timeout;
    private final byte[] part = new byte[PART];
    private int filled;
    private long sent;

    /**
     * @param length bytes that were announced
     * @param timeout with a client that takes nothing
     */
    AnswerStream(Channel channel, long length, Duration timeout) {
        this.channel = channel;
        this.length = length;
        this.timeout = timeout;
    }

    @Override
    public void write(int next) throws IOException {
        write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        for (int done = 0; done < count; ) {
            if (filled == PART) {
                send();
            }
            int step = Math.min(count - done, PART - filled);
            System.arraycopy(bytes, offset + done, part, filled, step);
            filled += step;
            done += step;
        }
    }

    private void send() throws IOException {
        if (sent + filled >= length) {
            throw new IOException("an answer of " + length + " bytes has more");
        }
        ChannelFuture written = channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(part, 0, filled)));
        try {
            if (!written.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("the client accepted no data for " + timeout.toMillis() + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while answering", e);
        }
        if (!written.isSuccess()) {
            throw new IOException("the client disconnected: " + written.cause().getMessage(), written.cause());
        }
        sent += filled;
        filled = 0;
    }

    /**
     * The last part, which is left to the caller: with it, a client has the whole answer and may send its next request.
     *
     * @throws IOException if it does not make up the announced length
     */
    LastHttpContent last() throws IOException {
        if (sent + filled != length) {
            throw new IOException("an answer of " + length + " bytes has " + (sent + filled));
        }
        return new DefaultLastHttpContent(Unpooled.wrappedBuffer(part, 0, filled));
    }
}
