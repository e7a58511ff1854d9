package dev.jdist.protocol.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Stands before TLS, and tells those who speak plain HTTP so; TLS passes. Nothing of such a request is parsed. The answer is
 * an error of the server, as a stock client then compiles locally, where it would fail the build after a 4xx.
 *
 * <p>The first byte decides: a record of TLS that begins a handshake starts with 22 (RFC 8446, 5.1), a request of HTTP with
 * a capital letter. Anything else is left to TLS, which refuses it.
 */
final class PlainRequests extends ChannelInboundHandlerAdapter {
    private static final byte[] ANSWER = answer();
    /** Closing at once could destroy the answer, if not all of the request was read. */
    private static final int LINGER_SECONDS = 1;

    private boolean isPlain;

    private static byte[] answer() {
        byte[] body = HttpReply.errorJson(
                "this port speaks https, and the request came by plain http: write https:// in place of http://");
        String head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length + "\r\nConnection: close\r\n\r\n";
        return (head + new String(body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isHttp(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            return false;
        }
        byte first = bytes.getByte(bytes.readerIndex());
        return first >= 'A' && first <= 'Z';
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (isPlain) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        if (!isHttp(bytes)) {
            context.fireChannelRead(message);
            context.pipeline().remove(this);
            return;
        }
        isPlain = true;
        bytes.release();
        // Its failure to shake hands would close the connection before the answer is out.
        context.pipeline().remove(SslHandler.class);
        context.writeAndFlush(Unpooled.wrappedBuffer(ANSWER));
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
}
