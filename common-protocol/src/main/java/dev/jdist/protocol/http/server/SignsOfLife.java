package dev.jdist.protocol.http.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Tells a client every second that its request is being served: {@code 102 Processing}. A client that hears nothing more knows
 * that this machine, the network or this program has stopped, and goes elsewhere. Belongs to an event loop.
 */
final class SignsOfLife {
    /** Before the first: most requests are answered by then. */
    private static final long FIRST_MILLIS = 500;

    private static final long INTERVAL_MILLIS = 1000;

    private final ScheduledFuture<?> timer;

    private SignsOfLife(ScheduledFuture<?> timer) {
        this.timer = timer;
    }

    static SignsOfLife begin(ChannelHandlerContext context) {
        return new SignsOfLife(context.executor()
                .scheduleWithFixedDelay(() -> give(context), FIRST_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
    }

    private static void give(ChannelHandlerContext context) {
        // One that a client does not take is enough.
        if (context.channel().isWritable()) {
            context.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.PROCESSING, Unpooled.EMPTY_BUFFER));
        }
    }

    /** To be called before the answer is written. */
    void end() {
        timer.cancel(false);
    }
}
