package dev.jdist.client.launcher;

import dev.jdist.client.launcher.LauncherMessages.PieceState;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.io.OutputStream;

/** Sends what is to be in one output to a launcher. No more of it than a piece is held in memory. For one thread. */
final class PieceStream extends OutputStream {
    private static final int MAX_BYTES = 1 << 20;

    private final Channel channel;
    private ByteBuf piece;

    PieceStream(Channel channel) {
        this.channel = channel;
        this.piece = LauncherMessages.beginPiece(channel.alloc().ioBuffer());
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = offset; from < offset + length; ) {
            if (piece.readableBytes() >= MAX_BYTES) {
                sendFullOne();
            }
            int count = Math.min(offset + length - from, MAX_BYTES - piece.readableBytes());
            piece.writeBytes(bytes, from, count);
            from += count;
        }
    }

    private void sendFullOne() throws IOException {
        ChannelFuture sent = channel.writeAndFlush(LauncherMessages.endPiece(piece, PieceState.MORE));
        piece = LauncherMessages.beginPiece(channel.alloc().ioBuffer(MAX_BYTES));
        if (!sent.awaitUninterruptibly().isSuccess()) {
            throw new IOException("the launcher is gone", sent.cause());
        }
    }

    /** Ends the output. Its last piece leaves with what is flushed next. @param whole whether it may be used */
    void end(boolean whole) {
        channel.write(LauncherMessages.endPiece(piece, whole ? PieceState.LAST : PieceState.DAMAGED));
    }
}
