package dev.jdist.protocol.http.client;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.http.DeadPeer;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.SpooledBody;
import dev.jdist.protocol.http.Tls;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Calls schedulers, builders and web servers. A redirect is an answer like any other. A connection to a jdist peer is kept and used again; one to anybody else is closed after
 * its call, as stock itself does.
 *
 * <p>A kept connection may have been closed by the other side in the meantime. A call that finds it so, before any byte
 * of an answer, is made once more on a fresh one.
 */
public final class HttpClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final int MAX_IDLE_PER_TARGET = 64;
    /** Targets whose TLS context is remembered; farms are smaller. */
    private static final int MAX_CONTEXTS = 4096;

    private final EventLoops loops;
    private final Optional<Spools> spools;
    private final NameLookup names = new NameLookup();
    private final Map<HttpTarget, Deque<Channel>> idle = new ConcurrentHashMap<>();
    private final Map<HttpTarget, SslContext> contexts = new ConcurrentHashMap<>();
    /** Those that said, while they were waited for, that they were at work. */
    private final Set<HttpTarget> vocal = ConcurrentHashMap.newKeySet();

    private final LivenessProbes probes = new LivenessProbes(this::send);
    private volatile boolean closed;

    /** One whose answers are all in memory. */
    public HttpClient(EventLoops loops) {
        this(loops, Optional.empty());
    }

    /** @param spools for answers that may be large */
    public HttpClient(EventLoops loops, Spools spools) {
        this(loops, Optional.of(spools));
    }

    private HttpClient(EventLoops loops, Optional<Spools> spools) {
        this.loops = loops;
        this.spools = spools;
    }

    /** Where the answer of a call goes as it arrives; nothing if that is memory. */
    Optional<SpooledBody> spoolFor(HttpCall call, Channel channel) {
        return spools.filter(any -> call.maxAnswer() > WireLimits.SMALL_BODY)
                .map(room -> new SpooledBody(channel, room, room.create(), call.maxAnswer()));
    }

    /** Makes a call; the future fails with an {@link IOException} if no answer comes. It completes on an event loop. */
    public CompletableFuture<HttpAnswer> send(HttpCall call) {
        if (closed) {
            return CompletableFuture.failedFuture(stopping());
        }
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        Optional<Channel> kept = takeIdle(call.target());
        if (kept.isPresent()) {
            start(kept.get(), call, answer, true);
        } else {
            connect(call, answer);
        }
        return answer;
    }

    /** Makes a call and waits for its answer. Not for event loops. */
    public HttpAnswer call(HttpCall call) throws IOException, InterruptedException {
        return await(call, send(call));
    }

    /**
     * Waits for the answer of a call that was made. Not for event loops.
     *
     * @throws IOException naming who did not answer, and why; also if the answer is cancelled
     */
    public static HttpAnswer await(HttpCall call, CompletableFuture<HttpAnswer> answer)
            throws IOException, InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            throw new IOException(call.target() + ": " + Reason.of(e), e.getCause());
        } catch (CancellationException e) {
            throw new IOException("the caller went away", e);
        }
    }

    private static IOException stopping() {
        return new IOException("this program is stopping");
    }

    private void connect(HttpCall call, CompletableFuture<HttpAnswer> answer) {
        if (closed) {
            // The event loops may be gone, and with them the connection on which it was tried first.
            answer.completeExceptionally(stopping());
            return;
        }
        Optional<SslContext> tls;
        try {
            tls = context(call.target());
        } catch (RuntimeException e) {
            answer.completeExceptionally(new IOException(e.getMessage(), e));
            return;
        }
        new Bootstrap()
                .group(loops.group())
                .channel(loops.clientChannel())
                .resolver(names)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        DeadPeer.giveUpAfter(channel, DeadPeer.OF_CLIENT);
                        if (tls.isPresent()) {
                            SslHandler handler = tls.get()
                                    .newHandler(
                                            channel.alloc(),
                                            call.target().host(),
                                            call.target().port());
                            handler.setHandshakeTimeoutMillis(CONNECT_TIMEOUT.toMillis());
                            channel.pipeline().addLast(handler);
                        }
                        channel.pipeline()
                                .addLast(new HttpClientCodec())
                                .addLast(new ChunkedWriteHandler())
                                .addLast(new ClientConnection(HttpClient.this));
                    }
                })
                .connect(call.target().host(), call.target().port())
                .addListener((ChannelFutureListener) connected -> {
                    if (connected.isSuccess()) {
                        start(connected.channel(), call, answer, false);
                    } else {
                        answer.completeExceptionally(refusal(connected.cause()));
                    }
                });
    }

    private static ConnectException refusal(Throwable cause) {
        ConnectException refusal = new ConnectException(Reason.of(cause));
        refusal.initCause(cause);
        return refusal;
    }

    private void start(Channel channel, HttpCall call, CompletableFuture<HttpAnswer> answer, boolean reused) {
        ClientConnection connection = channel.pipeline().get(ClientConnection.class);
        if (connection == null) {
            // The connection was closed between its return and now.
            connect(call, answer);
            return;
        }
        channel.eventLoop().execute(() -> connection.begin(channel, call, answer, reused));
    }

    /** Called by a connection that died before it answered, when it may be blamed on its age. */
    void retry(HttpCall call, CompletableFuture<HttpAnswer> answer) {
        connect(call, answer);
    }

    /** Called by a connection that can be used again. */
    void keep(HttpTarget target, Channel channel) {
        Deque<Channel> channels = idle.computeIfAbsent(target, t -> new ArrayDeque<>());
        synchronized (channels) {
            if (channels.size() < MAX_IDLE_PER_TARGET && channel.isActive()) {
                channels.push(channel);
                return;
            }
        }
        channel.close();
    }

    /** Whether a peer says once a second that it is at work on a call. */
    boolean isVocal(HttpTarget target) {
        return vocal.contains(target);
    }

    /** Called by a connection on which a peer said so. */
    void noteVocal(HttpTarget target) {
        if (vocal.size() >= MAX_CONTEXTS) {
            vocal.clear();
        }
        vocal.add(target);
    }

    LivenessProbes probes() {
        return probes;
    }

    /** Called by a connection that was kept and has ended. */
    void forget(HttpTarget target, Channel channel) {
        Deque<Channel> channels = idle.get(target);
        if (channels != null) {
            synchronized (channels) {
                channels.remove(channel);
            }
        }
    }

    private Optional<Channel> takeIdle(HttpTarget target) {
        Deque<Channel> channels = idle.get(target);
        if (channels == null) {
            return Optional.empty();
        }
        synchronized (channels) {
            Channel channel;
            do {
                channel = channels.poll();
            } while (channel != null && !channel.isActive());
            return Optional.ofNullable(channel);
        }
    }

    private Optional<SslContext> context(HttpTarget target) {
        if (!target.secure()) {
            return Optional.empty();
        }
        if (contexts.size() >= MAX_CONTEXTS) {
            contexts.clear();
        }
        return Optional.of(contexts.computeIfAbsent(target, HttpClient::newContext));
    }

    private static SslContext newContext(HttpTarget target) {
        if (target instanceof HttpTarget.Builder builder) {
            return Tls.clientTrusting(
                    ServerIdentity.parseCertificate(builder.certificate().pem()));
        } else if (target instanceof HttpTarget.Scheduler scheduler) {
            return scheduler.pin().map(Tls::clientTrusting).orElseGet(Tls::clientOfSystem);
        }
        return Tls.clientOfWeb();
    }

    /** Lets no more calls begin, and closes what is kept; calls under way go on. */
    @Override
    public void close() {
        closed = true;
        idle.values().forEach(channels -> {
            synchronized (channels) {
                channels.forEach(Channel::close);
                channels.clear();
            }
        });
    }
}
