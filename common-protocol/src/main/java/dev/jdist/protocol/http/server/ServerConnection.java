package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.DeadPeer;
import dev.jdist.protocol.http.IncomingBody;
import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.http.SpooledBody;
import dev.jdist.protocol.spool.Spool;
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
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
    static final Logger log = LoggerFactory.getLogger(ServerConnection.class);
    private static final int IDLE_SECONDS = 60;
    private static final int LINGER_SECONDS = 2;

    private final List<HttpRoute> routes;
    private final Pace answerPace;
    private final boolean isVocal;

    private @Nullable SignsOfLife signs;

    private @Nullable ScheduledFuture<?> idleTimer;
    /** The request being served, until its answer is written. */
    private @Nullable HttpExchange exchange;

    private boolean keepAlive;
    /** Whether the client may leave bytes untaken for longer than most. */
    private boolean isPatient;

    /** A body that is collected for its handler. */
    private record SmallBody(HttpRoute.Small handler, HttpExchange served, ByteArrayOutputStream bytes) {}

    /** What takes the body; both null where there is none to take or it is to be dropped. */
    private @Nullable SmallBody small;

    private @Nullable IncomingBody incoming;
    private long received;
    private Pace.@Nullable Watch watch;
    private boolean bodyComplete;
    /** The answer is out and the connection ends as soon as the body is in: closing earlier could destroy the answer. */
    private boolean lingering;

    /**
     * @param answerPace at which clients have to take streamed answers
     * @param isVocal whether to tell jdist clients every second that they are being served: only where no proxy can be in between,
     *     as not all of them know such answers
     */
    public ServerConnection(List<HttpRoute> routes, Pace answerPace, boolean isVocal) {
        this.routes = routes;
        this.answerPace = answerPace;
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
        if (isPatient) {
            isPatient = false;
            DeadPeer.patient(context.channel(), DeadPeer.OF_SERVER);
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
            HttpReply reply = error == null ? refusal.get() : ErrorReplies.failure(asking, error);
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
            BodyStream body = new BodyStream(context.channel());
            receive(context, asking, body, handler.pace());
            serve(context, asking, HandlerCall.of(handler, asking, body));
        } else if (route.handler() instanceof HttpRoute.Spooled handler) {
            HttpRoute.Intake intake = handler.intake();
            Spool spool = intake.spools().create(asking.remoteAddress());
            SpooledBody body = new SpooledBody(context.channel(), intake.spools(), spool, intake.most());
            receive(context, asking, body, intake.pace());
            body.whole().whenComplete((whole, failure) -> {
                if (failure == null) {
                    serve(context, asking, HandlerCall.of(handler, asking, whole));
                } else if (asking == exchange) {
                    answer(context, asking, ErrorReplies.notReceived(asking, failure));
                }
            });
        }
    }

    private void serve(ChannelHandlerContext context, HttpExchange served, HandlerCall call) {
        call.begin(
                made -> context.executor().execute(() -> {
                    if (made instanceof StreamedReply reply) {
                        stream(context, served, reply);
                    } else if (made instanceof HttpReply reply) {
                        answer(context, served, reply);
                    }
                }),
                refusal -> answer(context, served, refusal));
    }

    /** Has a body taken as it comes, which it has to do at some pace. */
    private void receive(ChannelHandlerContext context, HttpExchange served, IncomingBody body, Pace pace) {
        stopIdleTimer();
        incoming = body;
        received = 0;
        watch = pace.watch(context.executor(), () -> received, body::wasPaused, problem -> {
            if (served == exchange) {
                String reason = "the body comes too slowly: " + problem;
                log.warn(
                        "a request from {} is cut off: {}",
                        served.remoteAddress().getHostAddress(),
                        reason);
                // To stock, a 4xx of a builder is the end of the build.
                answer(context, served, HttpReply.error(503, reason));
                body.fail(new IOException(reason));
            }
        });
    }

    private void take(ChannelHandlerContext context, HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        bodyComplete |= last;
        if (last && lingering) {
            context.close();
        } else if (incoming != null) {
            IncomingBody body = incoming;
            received += content.content().readableBytes();
            body.add(content.content().retain());
            if (last) {
                stopWatch();
                body.end();
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
                    HttpReply made = error == null ? reply : ErrorReplies.failure(served, error);
                    context.executor().execute(() -> answer(context, served, made));
                });
            } catch (RuntimeException e) {
                answer(context, served, ErrorReplies.failure(served, e));
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
     * Sends an answer as the client takes it, which it has to do at some pace. Once the head is out, nothing but the end of
     * the connection can tell the client that something went wrong.
     */
    private void stream(ChannelHandlerContext context, HttpExchange served, StreamedReply reply) {
        if (served != exchange || !context.channel().isActive()) {
            HandlerCall.close(reply.origin());
            return;
        }
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        complete(head, reply.contentType(), reply.length());
        stopWatch();
        // Until the next request: what has left this program may wait in the kernel for a client that takes it slowly.
        isPatient = true;
        DeadPeer.patient(context.channel(), DeadPeer.OF_LARGE_BODY);
        AnswerSender sender = new AnswerSender(context, served.remoteAddress(), answerPace);
        sender.send(head, reply).addListener((ChannelFutureListener) written -> {
            if (written.isSuccess() && served == exchange) {
                end(context, served, written);
            }
        });
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
        incoming = null;
        stopWatch();
        written.addListener(done -> served.answered().complete(null));
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
        IncomingBody broken = incoming;
        boolean beingServed = exchange != null && bodyComplete;
        if (broken != null || beingServed || lingering) {
            context.close();
            if (broken != null) {
                broken.fail(new IOException("malformed request body", cause));
            }
            return;
        }
        HttpExchange refused =
                exchange == null ? new HttpExchange("/", EmptyHttpHeaders.INSTANCE, "", remote(context)) : exchange;
        exchange = refused;
        bodyComplete = true; // nothing more can be made of this connection
        keepAlive = false;
        answer(context, refused, HttpReply.error(400, "malformed request"));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopIdleTimer();
        stopSigns();
        stopWatch();
        // First this, so that whoever finds the body broken off knows why.
        if (exchange != null) {
            exchange.disconnected().complete(null);
            exchange.answered().complete(null);
            exchange = null;
        }
        if (incoming != null) {
            incoming.fail(new EOFException("the connection ended in the middle of a body"));
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

    private void stopWatch() {
        if (watch != null) {
            watch.stop();
            watch = null;
        }
    }

    private static InetSocketAddress remote(ChannelHandlerContext context) {
        return (InetSocketAddress) context.channel().remoteAddress();
    }
}
