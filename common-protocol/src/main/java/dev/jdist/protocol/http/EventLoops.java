package dev.jdist.protocol.http;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The event loop threads of a process, shared by its server and its client. */
public final class EventLoops implements AutoCloseable {
    private final EventLoopGroup group;

    private EventLoops(EventLoopGroup group) {
        this.group = group;
    }

    /** Starts {@code threads} daemon threads. */
    public static EventLoops start(int threads) {
        return new EventLoops(new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("net", true), NioIoHandler.newFactory()));
    }

    /** For servers and clients of other transports than HTTP. */
    public EventLoopGroup group() {
        return group;
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
