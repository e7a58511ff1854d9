package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.BodyInput;
import dev.jdist.protocol.http.Pace;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.net.InetAddress;
import org.slf4j.Logger;

/**
 * Sends an answer as its client takes it, which it has to do at some pace. Once the head is out, nothing but the end of the
 * connection can tell the client that something went wrong. For the channel's event loop.
 */
final class AnswerSender {
    private static final Logger log = ServerConnection.log;

    private final ChannelHandlerContext context;
    private final InetAddress client;
    private final Pace pace;

    AnswerSender(ChannelHandlerContext context, InetAddress client, Pace pace) {
        this.context = context;
        this.client = client;
        this.pace = pace;
    }

    /** @return fails if the answer broke off; the connection is closed then */
    ChannelFuture send(HttpResponse head, StreamedReply reply) {
        BodyInput body;
        try {
            body = new BodyInput(reply.body(), reply.length(), reply.origin());
        } catch (IOException e) {
            HandlerCall.close(reply.origin());
            breakOff(e.toString());
            return context.newFailedFuture(e);
        }
        context.write(head);
        Pace.Watch watch = pace.watch(
                context.executor(),
                body::progress,
                () -> false,
                problem -> breakOff("it is taken too slowly: " + problem));
        ChannelFuture sent = context.writeAndFlush(body);
        sent.addListener(done -> {
            watch.stop();
            if (!done.isSuccess()) {
                breakOff(String.valueOf(done.cause()));
            }
        });
        return sent;
    }

    private void breakOff(String reason) {
        if (context.channel().isActive()) {
            log.warn("an answer to {} broke off: {}", client.getHostAddress(), reason);
        } else {
            log.debug("an answer ends, as its client disconnected");
        }
        context.close();
    }
}
