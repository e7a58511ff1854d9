package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.DeadPeer;
import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a server: reads a request, has it answered, and so on until either side closes.
 *
 * <p>Invariants. All fields belong to the channel's event loop. A request is answered once, by the first who calls
 * {@link #answer}. There is one request at a time: a client that sends a second before the answer to the first (none
 * does) is cut off. Whoever is silent between requests, in the middle of a small one, or does not take an answer, is cut
 * off after {@link #IDLE_SECONDS}.
 */
public final class ServerConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger log = LoggerFactory.getLogger(ServerConnection.class);
    private static final int IDLE_SECONDS = 60;
    private static final int LINGER_SECONDS = 2;

    private final List<HttpRoute> routes;
    private final Duration stallTimeout;
    private final boolean isVocal;

    private @Nullable SignsOfLife signs;

    private @Nullable ScheduledFuture<?> idleTimer;
    /** The request being served, until its answer is written. */
    private @Nullable HttpExchange exchange;

    private boolean keepAlive;
    /** A body that is collected for its handler. */
    private record SmallBody(HttpRoute.Small handler, HttpExchange served, ByteArrayOutputStream bytes) {}

    /** What takes the body; both null where there is none to take or it is to be dropped. */
    private @Nullable SmallBody small;

    private @Nullable BodyStream stream;
    private boolean bodyComplete;
    /** The answer is out and the connection ends as soon as the body is in: closing earlier could destroy the answer. */
    private boolean lingering;

    /**
     * @param stallTimeout with a client that takes nothing of a streamed answer
     * @param isVocal whether to tell jdist clients every second that they are being served: only where no proxy can be in between,
     *     as not all of them know such answers
     */
    public ServerConnection(List<HttpRoute> routes, Duration stallTimeout, boolean isVocal) {
        this.routes = routes;
        this.stallTimeout = stallTimeout;
        this.isVocal = isVocal;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        awaitRequest(context);
        context.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message.decoderResult().isFailure()) {
            refuseMalformed(context, message.decoderResult().cause());
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(context, request);
        }
        if (message instanceof HttpContent content) {
            take(context, content);
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        if (exchange != null || lingering) {
            log.debug("{} sent a second request before the first was answered", remote(context));
            context.close();
            return;
        }
        keepAlive = HttpUtil.isKeepAlive(request);
        // Without a body, a refusal need not cost the connection.
        bodyComplete = HttpUtil.getContentLength(request, 0L) == 0 && !HttpUtil.isTransferEncodingChunked(request);
        String path = request.uri();
        HttpRoute route = null;
        String parameter = "";
        for (HttpRoute candidate : routes) {
            Optional<String> match = candidate.match(request.method().name(), path);
            if (match.isPresent()) {
                route = candidate;
                parameter = match.get();
            }
        }
        HttpExchange begun = new HttpExchange(path, request.headers(), parameter, remote(context));
        exchange = begun;
        if (isVocal && begun.isFromJdist()) {
            signs = SignsOfLife.begin(context);
        }
        if (route == null) {
            log.debug("{} {} from {}: no such path", request.method(), path, remote(context));
            answer(context, begun, HttpReply.empty(404));
            return;
        }
        askGate(context, request, begun, route);
    }

    /** Has the gate decide, and reads nothing of the body before it has. */
    private void askGate(ChannelHandlerContext context, HttpRequest request, HttpExchange asking, HttpRoute route) {
        CompletableFuture<Optional<HttpReply>> decision;
        try {
            decision = route.gate().refusal(asking).toCompletableFuture();
        } catch (RuntimeException e) {
            decision = CompletableFuture.failedFuture(e);
        }
        if (decision.isDone()) {
            decision.whenComplete((refusal, error) -> admit(context, request, asking, route, refusal, error));
            return;
        }
        context.channel().config().setAutoRead(false);
        stopIdleTimer();
        idleTimer = context.executor()
                .schedule(
                        () -> leaveGate(
                                context,
                                asking,
                                () -> answer(
                                        context,
                                        asking,
                                        HttpReply.error(503, "the token cannot be checked at the moment"))),
                        route.gate().timeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        decision.whenComplete((refusal, error) -> context.executor()
                .execute(() -> leaveGate(context, asking, () -> {
                    awaitRequest(context);
                    admit(context, request, asking, route, refusal, error);
                })));
    }

    /** Goes on after a gate that took its time, unless the request it was asked about is answered or gone. */
    private void leaveGate(ChannelHandlerContext context, HttpExchange asking, Runnable next) {
        if (exchange == asking) {
            next.run();
            context.channel().config().setAutoRead(true);
        }
    }

    private void admit(
            ChannelHandlerContext context,
            HttpRequest request,
            HttpExchange asking,
            HttpRoute route,
            Optional<HttpReply> refusal,
            @Nullable Throwable error) {
        if (error != null || refusal.isPresent()) {
            HttpReply reply = error == null ? refusal.get() : failure(asking, error);
            log.debug("{} {} from {}: {}", request.method(), request.uri(), remote(context), reply);
            answer(context, asking, reply);
            return;
        }
        if (HttpUtil.is100ContinueExpected(request)) {
            context.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        if (route.handler() instanceof HttpRoute.Small handler) {
            small = new SmallBody(handler, asking, new ByteArrayOutputStream());
        } else if (route.handler() instanceof HttpRoute.Streaming handler) {
            stopIdleTimer();
            BodyStream body = new BodyStream(context.channel());
            stream = body;
            serve(context, handler, asking, body);
        }
    }

    private void serve(
            ChannelHandlerContext context, HttpRoute.Streaming handler, HttpExchange served, BodyStream body) {
        try {
            handler.executor().execute(() -> {
                Answer made;
                try (body) {
                    made = handler.handler().handle(served, body);
                } catch (Throwable e) {
                    // An Error too is answered: the client would wait for its whole timeout.
                    made = body.isBroken() ? brokenOff(served, e) : failure(served, e);
                }
                if (made instanceof StreamedReply reply) {
                    stream(context, served, reply);
                } else if (made instanceof HttpReply reply) {
                    context.executor().execute(() -> answer(context, served, reply));
                }
            });
        } catch (RejectedExecutionException e) {
            body.close();
            answer(context, served, HttpReply.error(503, "this server is stopping or overloaded"));
        }
    }

    private void take(ChannelHandlerContext context, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        bodyComplete |= last;
        if (last && lingering) {
            context.close();
        } else if (stream != null) {
            stream.add(content.content().retain());
            if (last) {
                stream.end();
            }
        } else if (small != null) {
            takeSmall(context, small, content.content(), last);
        }
    }

    private void takeSmall(ChannelHandlerContext context, SmallBody taking, ByteBuf bytes, boolean last) {
        if (taking.bytes().size() + bytes.readableBytes() > WireLimits.SMALL_BODY) {
            answer(
                    context,
                    taking.served(),
                    HttpReply.error(400, "the body is over the limit of " + WireLimits.SMALL_BODY + " bytes"));
            return;
        }
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.getBytes(bytes.readerIndex(), copy);
        taking.bytes().writeBytes(copy);
        if (last) {
            stopIdleTimer();
            HttpExchange served = taking.served();
            byte[] body = taking.bytes().toByteArray();
            small = null;
            try {
                taking.handler().handler().handle(served, body).whenComplete((reply, error) -> {
                    HttpReply made = error == null ? reply : failure(served, error);
                    context.executor().execute(() -> answer(context, served, made));
                });
            } catch (RuntimeException e) {
                answer(context, served, failure(served, e));
            }
        }
    }

    /** Writes the answer to {@code served}, unless it was answered before or its client is gone. */
    private void answer(ChannelHandlerContext context, HttpExchange served, HttpReply reply) {
        if (served != exchange || !context.channel().isActive()) {
            return;
        }
        var response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), Unpooled.wrappedBuffer(reply.body()));
        reply.headers().forEach(response.headers()::set);
        complete(response, reply.contentType(), reply.body().length);
        end(context, served, context.writeAndFlush(response));
    }

    /**
     * Sends an answer on the thread that handled the request. Once the head is out, nothing but the end of the connection
     * can tell the client that something went wrong.
     */
    private void stream(ChannelHandlerContext context, HttpExchange served, StreamedReply reply) {
        try (StreamedReply.Body body = reply.body()) {
            AnswerStream out = new AnswerStream(context.channel(), reply.length(), stallTimeout);
            context.executor().execute(() -> beginStream(context, served, reply));
            body.writeTo(out);
            LastHttpContent last = out.last();
            context.executor().execute(() -> {
                if (served == exchange) {
                    end(context, served, context.writeAndFlush(last));
                }
            });
        } catch (IOException | RuntimeException | Error e) {
            if (context.channel().isActive()) {
                log.warn("an answer to {} broke off: {}", served.remoteAddress().getHostAddress(), e.toString());
            } else {
                log.debug("an answer ends, as its client disconnected");
            }
            context.close();
        }
    }

    /** What follows fails if this does nothing: the client is gone then. */
    private void beginStream(ChannelHandlerContext context, HttpExchange served, StreamedReply reply) {
        if (served == exchange && context.channel().isActive()) {
            var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            complete(head, reply.contentType(), reply.length());
            DeadPeer.patient(context.channel(), DeadPeer.OF_LARGE_BODY);
            context.write(head);
        }
    }

    /** Sets the headers that every answer has. */
    private void complete(HttpResponse head, @Nullable String contentType, long length) {
        stopSigns();
        // What was not read of a body would be taken for the next request.
        keepAlive &= bodyComplete;
        if (contentType != null) {
            head.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        }
        head.headers().set(JdistHeader.NAME, JdistHeader.VERSION);
        head.headers().set(HttpHeaderNames.DATE, DateFormatter.format(new Date()));
        head.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
        HttpUtil.setKeepAlive(head, keepAlive);
    }

    /** Goes on to the next request, or to the end of the connection. */
    private void end(ChannelHandlerContext context, HttpExchange served, ChannelFuture written) {
        exchange = null;
        small = null;
        stream = null;
        written.addListener(done -> {
            DeadPeer.patient(context.channel(), DeadPeer.OF_SERVER);
            served.answered().complete(null);
        });
        if (bodyComplete) {
            // Cuts off whoever does not take the answer, too.
            awaitRequest(context);
            if (!keepAlive) {
                written.addListener(ChannelFutureListener.CLOSE);
            }
        } else {
            lingering = true;
            stopIdleTimer();
            context.channel().config().setAutoRead(true);
            idleTimer = context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void refuseMalformed(ChannelHandlerContext context, Throwable cause) {
        log.debug("malformed request from {}: {}", remote(context), cause.toString());
        if (stream != null) {
            stream.fail(new IOException("malformed request body", cause));
        }
        boolean beingServed = exchange != null && bodyComplete;
        if (stream != null || beingServed || lingering) {
            context.close();
            return;
        }
        HttpExchange refused =
                exchange == null ? new HttpExchange("/", EmptyHttpHeaders.INSTANCE, "", remote(context)) : exchange;
        exchange = refused;
        bodyComplete = true; // nothing more can be made of this connection
        keepAlive = false;
        answer(context, refused, HttpReply.error(400, "malformed request"));
    }

    /** A client that goes away in the middle of a body is no trouble of ours; nobody is left to read the answer. */
    private static HttpReply brokenOff(HttpExchange served, Throwable error) {
        log.debug("a body from {} broke off: {}", served.remoteAddress(), error.toString());
        return HttpReply.empty(400);
    }

    /** What a handler's exception is told to the client as. */
    private static HttpReply failure(HttpExchange served, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof RequestException refused) {
            return refused.reply();
        }
        if (served.disconnected().isDone()) {
            log.debug("a request ends, as its client disconnected");
        } else {
            log.warn("a request failed", cause);
        }
        return HttpReply.error(500, Reason.of(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopIdleTimer();
        stopSigns();
        // First this, so that whoever finds the body broken off knows why.
        if (exchange != null) {
            exchange.disconnected().complete(null);
            exchange.answered().complete(null);
            exchange = null;
        }
        if (stream != null) {
            stream.fail(new EOFException("the connection ended in the middle of a body"));
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // Broken connections and failed handshakes are the other side's affair.
        log.debug("connection from {} ended: {}", remote(context), cause.toString());
        context.close();
    }

    private void stopSigns() {
        if (signs != null) {
            signs.end();
            signs = null;
        }
    }

    private void awaitRequest(ChannelHandlerContext context) {
        stopIdleTimer();
        idleTimer = context.executor().schedule(() -> context.close(), IDLE_SECONDS, TimeUnit.SECONDS);
    }

    private void stopIdleTimer() {
        if (idleTimer != null) {
            idleTimer.cancel(false);
            idleTimer = null;
        }
    }

    private static InetSocketAddress remote(ChannelHandlerContext context) {
        return (InetSocketAddress) context.channel().remoteAddress();
    }
}
