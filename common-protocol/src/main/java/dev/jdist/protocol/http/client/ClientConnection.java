package dev.jdist.protocol.http.client;

import dev.jdist.protocol.http.BodyInput;
import dev.jdist.protocol.http.ContentTypes;
import dev.jdist.protocol.http.DeadPeer;
import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.http.SpooledBody;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.Reason;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelProgressiveFuture;
import io.netty.channel.ChannelProgressiveFutureListener;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.stream.ChunkedInput;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a client: carries one call at a time and then goes back to its {@link HttpClient} or ends. All
 * fields belong to the channel's event loop.
 */
public final class ClientConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private static final int FILE_CHUNK = 64 << 10;

    private final HttpClient client;

    /** @param reused whether another call was made over this connection before */
    private record Pending(HttpCall call, CompletableFuture<HttpAnswer> answer, boolean reused) {}

    /** The call being made; null between calls. */
    private @Nullable Pending pending;

    /** Why it broke before it had a call: handshakes may fail that soon. */
    private @Nullable IOException early;

    private @Nullable ScheduledFuture<?> timer;
    private @Nullable CallWatch watch;
    private @Nullable ScheduledFuture<?> looks;
    private @Nullable HttpTarget keptFor;

    private @Nullable HttpResponse head;
    /** What has come of the answer: one of the two is not null while a call is made. */
    private @Nullable ByteArrayOutputStream small;

    private @Nullable SpooledBody spooled;

    ClientConnection(HttpClient client) {
        this.client = client;
    }

    void begin(Channel channel, HttpCall newCall, CompletableFuture<HttpAnswer> newAnswer, boolean wasReused) {
        if (newAnswer.isDone()) {
            // Cancelled while the connection was being made.
            channel.close();
            return;
        }
        Pending begun = new Pending(newCall, newAnswer, wasReused);
        pending = begun;
        head = null;
        if (!channel.isActive()) {
            lost(channel, begun, early != null ? early : new EOFException("the connection was closed"));
            return;
        }
        DeadPeer.patient(channel, limitOf(newCall));
        startTimer(channel, newCall.timeout());
        startWatch(channel, begun);
        // A caller who no longer waits takes the call back: the other side sees the connection end.
        newAnswer.whenComplete((result, error) -> {
            if (newAnswer.isCancelled()) {
                channel.eventLoop().execute(() -> {
                    if (pending == begun) {
                        fail(channel, new IOException("cancelled"));
                    }
                });
            }
        });
        try {
            write(channel, begun);
        } catch (IOException e) {
            fail(channel, e);
        }
    }

    /** For how long the peer may read nothing. */
    private Duration limitOf(HttpCall call) {
        if (client.isVocal(call.target())) {
            return DeadPeer.OF_VOCAL_PEER;
        }
        return call.body() instanceof HttpCall.Content ? DeadPeer.OF_LARGE_BODY : DeadPeer.OF_CLIENT;
    }

    private void startTimer(Channel channel, Duration timeout) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = channel.eventLoop()
                .schedule(
                        () -> fail(channel, new IOException("no answer within " + inWords(timeout))),
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void startWatch(Channel channel, Pending watched) {
        HttpCall call = watched.call();
        HttpTarget target = call.target();
        CallWatch started = new CallWatch(
                client.isVocal(target),
                call.probe().map(path -> client.probes().watch(target, path)).orElse(null));
        watch = started;
        looks = channel.eventLoop()
                .scheduleWithFixedDelay(
                        () -> {
                            if (channel.config().isAutoRead()) {
                                started.look().ifPresent(problem -> fail(channel, new IOException(problem)));
                            }
                        },
                        CallWatch.LOOK.toMillis(),
                        CallWatch.LOOK.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static String inWords(Duration time) {
        return time.toSeconds() > 0 ? time.toSeconds() + " seconds" : time.toMillis() + " milliseconds";
    }

    private void write(Channel channel, Pending written) throws IOException {
        HttpCall call = written.call();
        HttpMethod method = HttpMethod.valueOf(call.method());
        ChannelFutureListener onError = outcome -> {
            if (!outcome.isSuccess() && pending == written) {
                lost(channel, written, LostConnection.explain(outcome.cause()));
            }
        };
        ChunkedInput<HttpContent> stored = stored(call.body());
        if (stored != null) {
            HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, call.path());
            setHeaders(call, request.headers(), stored.length());
            channel.write(request);
            ChannelProgressiveFutureListener onProgress = new ChannelProgressiveFutureListener() {
                @Override
                public void operationProgressed(ChannelProgressiveFuture future, long sent, long total) {
                    if (pending == written) {
                        startTimer(channel, call.timeout());
                    }
                }

                @Override
                public void operationComplete(ChannelProgressiveFuture future) {
                    // Said by the other listener.
                }
            };
            channel.writeAndFlush(stored, channel.newProgressivePromise())
                    .addListener(onProgress)
                    .addListener(onError);
            return;
        }
        byte[] bytes = call.body() instanceof HttpCall.Bytes inMemory ? inMemory.bytes() : new byte[0];
        var request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, call.path(), Unpooled.wrappedBuffer(bytes));
        setHeaders(call, request.headers(), bytes.length);
        channel.writeAndFlush(request).addListener(onError);
    }

    /** A body that is read as it is sent. */
    private static @Nullable ChunkedInput<HttpContent> stored(HttpCall.Body body) throws IOException {
        if (body instanceof HttpCall.Content content) {
            return new HttpChunkedInput(new ChunkedNioFile(content.file().toFile(), FILE_CHUNK));
        } else if (body instanceof HttpCall.Stored stored) {
            return new BodyInput(stored.bytes(), stored.bytes().length(), () -> {});
        }
        return null;
    }

    private static void setHeaders(HttpCall call, HttpHeaders headers, long length) {
        headers.set(HttpHeaderNames.HOST, call.target().authority());
        if (call.target().mayBeJdist()) {
            headers.set(HttpHeaderNames.ACCEPT, "*/*");
            headers.set(JdistHeader.NAME, JdistHeader.VERSION);
        } else {
            // Login servers answer in other formats too, if they are not asked.
            headers.set(HttpHeaderNames.ACCEPT, "application/json, */*;q=0.5");
        }
        call.token().ifPresent(token -> headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + token.value()));
        if (!(call.body() instanceof HttpCall.NoBody)) {
            String type = call.body() instanceof HttpCall.Bytes bytes ? bytes.contentType() : ContentTypes.BINARY;
            headers.set(HttpHeaderNames.CONTENT_TYPE, type);
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        Pending answered = pending;
        if (answered == null) {
            context.close();
            return;
        }
        if (message.decoderResult().isFailure()) {
            fail(
                    context.channel(),
                    new IOException(
                            "the answer is not HTTP", message.decoderResult().cause()));
            return;
        }
        if (message instanceof HttpResponse response) {
            head = response;
            hear(context.channel(), answered, response);
        }
        if (message instanceof HttpContent content) {
            take(context, answered, Objects.requireNonNull(head, "content without a head before it"), content);
        }
    }

    private void hear(Channel channel, Pending answered, HttpResponse response) {
        CallWatch watching = Objects.requireNonNull(watch, "a call is watched");
        if (response.status().equals(HttpResponseStatus.PROCESSING)) {
            client.noteVocal(answered.call().target());
            DeadPeer.patient(channel, DeadPeer.OF_VOCAL_PEER);
            watching.heardSign();
        } else if (response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            watching.heardHead();
        }
    }

    private void take(ChannelHandlerContext context, Pending answered, HttpResponse begun, HttpContent content) {
        // 100 and its like are not the answer, only said before it.
        if (begun.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            Objects.requireNonNull(watch, "a call is watched")
                    .received(content.content().readableBytes());
            if (small == null && spooled == null) {
                beginAnswer(context.channel(), answered, begun);
            }
            if (spooled != null) {
                SpooledBody taking = spooled;
                taking.add(content.content().retain());
                if (content instanceof LastHttpContent) {
                    taking.end();
                }
                return;
            }
            ByteArrayOutputStream body = Objects.requireNonNull(small);
            if (body.size() + (long) content.content().readableBytes()
                    > answered.call().maxAnswer()) {
                fail(
                        context.channel(),
                        new IOException("the answer is over the limit of "
                                + answered.call().maxAnswer() + " bytes"));
                return;
            }
            byte[] bytes = new byte[content.content().readableBytes()];
            content.content().readBytes(bytes);
            body.writeBytes(bytes);
            if (content instanceof LastHttpContent) {
                finish(context.channel(), answered, begun, Bytes.wrap(body.toByteArray()));
            }
        }
    }

    private void beginAnswer(Channel channel, Pending answered, HttpResponse begun) {
        Optional<SpooledBody> large = client.spoolFor(answered.call(), channel);
        if (large.isEmpty()) {
            small = new ByteArrayOutputStream();
            return;
        }
        spooled = large.get();
        large.get().whole().whenComplete((whole, error) -> {
            if (pending != answered) {
                return; // it failed before, and the spool with it
            } else if (error != null) {
                fail(channel, new IOException(Reason.of(error), error));
            } else {
                spooled = null;
                finish(channel, answered, begun, whole);
            }
        });
    }

    private void finish(Channel channel, Pending answered, HttpResponse begun, PrimitiveBytes body) {
        boolean jdist = begun.headers().contains(JdistHeader.NAME);
        Optional<Instant> date = Optional.ofNullable(begun.headers().get(HttpHeaderNames.DATE))
                .map(DateFormatter::parseHttpDate)
                .map(Date::toInstant);
        HttpAnswer whole = new HttpAnswer(begun.status().code(), jdist, date, body);
        boolean keep = jdist && HttpUtil.isKeepAlive(begun);
        HttpTarget target = answered.call().target();
        release();
        if (keep) {
            keptFor = target;
            DeadPeer.patient(channel, DeadPeer.OF_CLIENT);
            client.keep(target, channel);
        } else {
            channel.close();
        }
        if (!answered.answer().complete(whole)) {
            close(whole);
        }
    }

    private static void close(HttpAnswer nobodys) {
        try {
            nobodys.close();
        } catch (IOException e) {
            log.debug("cannot close an answer: {}", e.toString());
        }
    }

    /** The connection broke. If nothing of an answer came and it was an old one, the call deserves a fresh one. */
    private void lost(Channel channel, Pending lost, IOException cause) {
        boolean stale = lost.reused() && head == null;
        release();
        channel.close();
        if (stale && !lost.answer().isDone()) {
            client.retry(lost.call(), lost.answer());
        } else {
            lost.answer().completeExceptionally(cause);
        }
    }

    private void fail(Channel channel, IOException cause) {
        Pending failed = pending;
        release();
        channel.close();
        if (failed != null) {
            failed.answer().completeExceptionally(cause);
        }
    }

    private void release() {
        pending = null;
        small = null;
        if (spooled != null) {
            SpooledBody unfinished = spooled;
            spooled = null;
            unfinished.fail(new IOException("the call has ended"));
        }
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        if (looks != null) {
            looks.cancel(false);
            looks = null;
        }
        watch = null;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (pending != null) {
            lost(context.channel(), pending, new EOFException("the connection ended before the answer was complete"));
        } else if (keptFor != null) {
            client.forget(keptFor, context.channel());
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (pending != null) {
            lost(context.channel(), pending, LostConnection.explain(cause));
        } else {
            early = LostConnection.explain(cause);
            context.close();
        }
    }
}
