package dev.jdist.protocol.http;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The event loop threads of a process, shared by its server and its client. */
public final class EventLoops implements AutoCloseable {
    private final Transport transport;
    private final EventLoopGroup group;

    private EventLoops(Transport transport, String name, int threads) {
        this.transport = transport;
        this.group =
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), transport.handlers());
    }

    /** Starts {@code threads} daemon threads for TCP connections. */
    public static EventLoops start(int threads) {
        return new EventLoops(Transport.best(), "net", threads);
    }

    /** Starts one daemon thread for connections over Unix sockets, with Java's own channels. */
    public static EventLoops forUnixSockets() {
        return new EventLoops(Transport.NIO, "unix", 1);
    }

    /** For servers and clients of other transports than HTTP. */
    public EventLoopGroup group() {
        return group;
    }

    /** The channels of TCP connections on these loops. */
    public Class<? extends SocketChannel> clientChannel() {
        return transport.client();
    }

    /** The channels that accept TCP connections on these loops. */
    public Class<? extends ServerSocketChannel> serverChannel() {
        return transport.server();
    }

    /** Not to be called on one of these threads. */
    @Override
    public void close() {
        // A loop that is to end closes its connections before it looks at what was handed to it: that has to be said by
        // then.
        group.forEach(loop -> loop.submit(() -> {}).awaitUninterruptibly(1, TimeUnit.SECONDS));
        // Connections that are being made or closed still have a word to say.
        group.shutdownGracefully(50, 2000, TimeUnit.MILLISECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
