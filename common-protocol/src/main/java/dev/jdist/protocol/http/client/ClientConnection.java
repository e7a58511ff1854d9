package dev.jdist.protocol.http.client;

import dev.jdist.protocol.http.ContentTypes;
import dev.jdist.protocol.http.JdistHeader;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
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
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a client: carries one call at a time and then goes back to its {@link HttpClient} or ends. All
 * fields belong to the channel's event loop.
 */
public final class ClientConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final int FILE_CHUNK = 64 << 10;

    private final HttpClient client;

    /** The call being made; null between calls. */
    private HttpCall call;

    private CompletableFuture<HttpAnswer> answer;
    private boolean reused;
    private ScheduledFuture<?> timer;
    private HttpTarget keptFor;

    private HttpResponse head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    ClientConnection(HttpClient client) {
        this.client = client;
    }

    void begin(Channel channel, HttpCall newCall, CompletableFuture<HttpAnswer> newAnswer, boolean wasReused) {
        if (newAnswer.isDone()) {
            // Cancelled while the connection was being made.
            channel.close();
            return;
        }
        call = newCall;
        answer = newAnswer;
        reused = wasReused;
        head = null;
        body.reset();
        if (!channel.isActive()) {
            lost(channel, new EOFException("the connection was closed"));
            return;
        }
        timer = channel.eventLoop()
                .schedule(
                        () -> fail(channel, new IOException("no answer within " + inWords(newCall.timeout()))),
                        newCall.timeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        // A caller who no longer waits takes the call back: the other side sees the connection end.
        newAnswer.whenComplete((result, error) -> {
            if (newAnswer.isCancelled()) {
                channel.eventLoop().execute(() -> {
                    if (call == newCall) {
                        fail(channel, new IOException("cancelled"));
                    }
                });
            }
        });
        try {
            write(channel);
        } catch (IOException e) {
            fail(channel, e);
        }
    }

    private static String inWords(Duration time) {
        return time.toSeconds() > 0 ? time.toSeconds() + " seconds" : time.toMillis() + " milliseconds";
    }

    private void write(Channel channel) throws IOException {
        HttpMethod method = HttpMethod.valueOf(call.method());
        ChannelFutureListener onError = written -> {
            if (!written.isSuccess() && call != null) {
                lost(channel, explain(written.cause()));
            }
        };
        if (call.body() instanceof HttpCall.Content content) {
            HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, call.path());
            ChunkedNioFile file = new ChunkedNioFile(content.file().toFile(), FILE_CHUNK);
            setHeaders(request.headers(), file.length());
            channel.write(request);
            channel.writeAndFlush(new HttpChunkedInput(file)).addListener(onError);
            return;
        }
        byte[] bytes = call.body() instanceof HttpCall.Bytes inMemory ? inMemory.bytes() : new byte[0];
        var request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, call.path(), Unpooled.wrappedBuffer(bytes));
        setHeaders(request.headers(), bytes.length);
        channel.writeAndFlush(request).addListener(onError);
    }

    private void setHeaders(HttpHeaders headers, long length) {
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
        if (call == null) {
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
        }
        // 100 and its like are not the answer, only said before it.
        if (message instanceof HttpContent content && head.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            if (body.size() + (long) content.content().readableBytes() > call.maxAnswer()) {
                fail(
                        context.channel(),
                        new IOException("the answer is over the limit of " + call.maxAnswer() + " bytes"));
                return;
            }
            byte[] bytes = new byte[content.content().readableBytes()];
            content.content().readBytes(bytes);
            body.writeBytes(bytes);
            if (message instanceof LastHttpContent) {
                finish(context.channel());
            }
        }
    }

    private void finish(Channel channel) {
        boolean jdist = head.headers().contains(JdistHeader.NAME);
        Optional<Instant> date = Optional.ofNullable(head.headers().get(HttpHeaderNames.DATE))
                .map(DateFormatter::parseHttpDate)
                .map(Date::toInstant);
        HttpAnswer whole = new HttpAnswer(head.status().code(), jdist, date, body.toByteArray());
        boolean keep = jdist && HttpUtil.isKeepAlive(head);
        HttpTarget target = call.target();
        CompletableFuture<HttpAnswer> done = release();
        if (keep) {
            keptFor = target;
            client.keep(target, channel);
        } else {
            channel.close();
        }
        done.complete(whole);
    }

    /** The connection broke. If nothing of an answer came and it was an old one, the call deserves a fresh one. */
    private void lost(Channel channel, IOException cause) {
        boolean stale = reused && head == null;
        HttpCall lostCall = call;
        CompletableFuture<HttpAnswer> waiting = release();
        channel.close();
        if (stale && !waiting.isDone()) {
            client.retry(lostCall, waiting);
        } else {
            waiting.completeExceptionally(cause);
        }
    }

    /** The reason in words: TLS wraps it several times, and a channel that was closed gives none. */
    private static IOException explain(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof ClosedChannelException) {
            return new IOException("the connection was closed", cause);
        }
        return new IOException(root.getMessage() == null ? root.toString() : root.getMessage(), cause);
    }

    private void fail(Channel channel, IOException cause) {
        CompletableFuture<HttpAnswer> waiting = release();
        channel.close();
        if (waiting != null) {
            waiting.completeExceptionally(cause);
        }
    }

    private CompletableFuture<HttpAnswer> release() {
        CompletableFuture<HttpAnswer> waiting = answer;
        call = null;
        answer = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        return waiting;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (call != null) {
            lost(context.channel(), new EOFException("the connection ended before the answer was complete"));
        } else if (keptFor != null) {
            client.forget(keptFor, context.channel());
        }
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (call != null) {
            lost(context.channel(), explain(cause));
        } else {
            context.close();
        }
    }
}
