package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.DeadPeer;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.Pace;
import dev.jdist.protocol.wire.Reason;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Listens on one address and serves some routes, over TLS or not. */
public final class HttpServer implements AutoCloseable {
    /** Open connections beyond this many are closed at once: far more than the jobs of a large farm need. */
    private static final int MAX_CONNECTIONS = 8192;

    /** Login servers put long codes into the query. */
    private static final int MAX_REQUEST_LINE = 16 << 10;

    private static final int MAX_HEADERS = 16 << 10;
    private static final int MAX_CHUNK = 64 << 10;
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final Channel listener;
    private final ChannelGroup connections;

    private HttpServer(Channel listener, ChannelGroup connections) {
        this.listener = listener;
        this.connections = connections;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException if the address cannot be had; the message says what to do
     */
    public static HttpServer start(
            EventLoops loops, InetSocketAddress address, Optional<SslContext> tls, List<HttpRoute> routes)
            throws IOException {
        return start(loops, address, tls, routes, Pace.OF_JOB);
    }

    /**
     * As {@link #start(EventLoops, InetSocketAddress, Optional, List)}, for a port before which a proxy may stand: a client is
     * not told every second that it is being served.
     */
    public static HttpServer startBehindProxy(
            EventLoops loops, InetSocketAddress address, Optional<SslContext> tls, List<HttpRoute> routes)
            throws IOException {
        return start(loops, address, tls, routes, Pace.OF_JOB, false);
    }

    /** @param answers how fast streamed answers have to be taken */
    public static HttpServer start(
            EventLoops loops, InetSocketAddress address, Optional<SslContext> tls, List<HttpRoute> routes, Pace answers)
            throws IOException {
        // Who speaks TLS to a builder speaks to that builder: its certificate is known.
        return start(loops, address, tls, routes, answers, tls.isPresent());
    }

    private static HttpServer start(
            EventLoops loops,
            InetSocketAddress address,
            Optional<SslContext> tls,
            List<HttpRoute> routes,
            Pace answers,
            boolean isVocal)
            throws IOException {
        List<HttpRoute> table = List.copyOf(routes);
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (connections.size() >= MAX_CONNECTIONS) {
                            channel.close();
                            return;
                        }
                        connections.add(channel);
                        DeadPeer.giveUpAfter(channel, DeadPeer.OF_SERVER);
                        tls.ifPresent(context -> {
                            var handler = context.newHandler(channel.alloc());
                            handler.setHandshakeTimeoutMillis(HANDSHAKE_TIMEOUT.toMillis());
                            channel.pipeline().addLast(new PlainRequests()).addLast(handler);
                        });
                        channel.pipeline()
                                .addLast(new HttpServerCodec(new HttpDecoderConfig()
                                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                                        .setMaxHeaderSize(MAX_HEADERS)
                                        .setMaxChunkSize(MAX_CHUNK)))
                                // What was decoded already waits here while a gate or a full stream stops reading.
                                .addLast(new FlowControlHandler())
                                .addLast(new ChunkedWriteHandler())
                                .addLast(new ServerConnection(table, answers, isVocal));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw explain(address, bound.cause());
        }
        return new HttpServer(bound.channel(), connections);
    }

    private static IOException explain(InetSocketAddress address, Throwable cause) {
        String where = address.getAddress().getHostAddress() + ":" + address.getPort();
        String reason = Reason.of(cause);
        if (reason.contains("in use")) {
            return new IOException(
                    "cannot listen on " + where + ": another program has this port; stop it (`ss -ltnp | grep "
                            + address.getPort() + "` shows it) or choose another port",
                    cause);
        }
        if (reason.contains("Cannot assign requested address")) {
            return new IOException(
                    "cannot listen on " + where + ": this machine has no such address (`ip addr` shows those it has)",
                    cause);
        }
        return new IOException("cannot listen on " + where + ": " + reason, cause);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Stops accepting, and leaves open what is being served. */
    public void stopAccepting() {
        listener.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        stopAccepting();
        connections.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
