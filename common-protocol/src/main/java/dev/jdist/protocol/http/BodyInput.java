package dev.jdist.protocol.http;

import dev.jdist.protocol.wire.PrimitiveBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.stream.ChunkedInput;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * A body that an event loop sends piece by piece, as the other side takes it: no thread waits for that. Its bytes are in
 * memory, or in a file that was written a moment ago, which the kernel has in memory.
 */
public final class BodyInput implements ChunkedInput<HttpContent> {
    private static final int PIECE = 64 << 10;

    private final InputStream in;
    private final long length;
    private final Closeable origin;
    private long sent;
    private boolean ended;

    /**
     * @param length of the body, as it was announced
     * @param origin of the bytes: closed when they were sent and when they cannot be
     */
    public BodyInput(PrimitiveBytes body, long length, Closeable origin) throws IOException {
        this.in = body.toInputStream();
        this.length = length;
        this.origin = origin;
    }

    @Override
    public boolean isEndOfInput() {
        return ended;
    }

    @Override
    public HttpContent readChunk(ByteBufAllocator allocator) throws IOException {
        int wanted = (int) Math.min(PIECE, length - sent);
        ByteBuf piece = allocator.buffer(wanted);
        boolean isWhole = false;
        try {
            while (piece.readableBytes() < wanted) {
                if (piece.writeBytes(in, wanted - piece.readableBytes()) < 0) {
                    throw new EOFException("a body of " + length + " bytes has " + (sent + piece.readableBytes()));
                }
            }
            ended = sent + wanted == length;
            if (ended && in.read() >= 0) {
                throw new IOException("a body of " + length + " bytes has more");
            }
            sent += wanted;
            isWhole = true;
        } finally {
            if (!isWhole) {
                piece.release();
            }
        }
        return ended ? new DefaultLastHttpContent(piece) : new DefaultHttpContent(piece);
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // It is of the interface.
    public HttpContent readChunk(ChannelHandlerContext context) throws IOException {
        return readChunk(context.alloc());
    }

    @Override
    public long length() {
        return length;
    }

    /** Bytes that have left, or are about to. */
    @Override
    public long progress() {
        return sent;
    }

    @Override
    public void close() throws IOException {
        try (origin) {
            in.close();
        }
    }
}
