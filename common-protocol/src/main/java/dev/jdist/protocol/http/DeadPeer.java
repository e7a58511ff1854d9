package dev.jdist.protocol.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.channel.socket.nio.NioChannelOption;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/**
 * How soon the kernel gives up a connection whose other end went without a word: its cable was pulled, or it was suspended.
 * While nobody sends anything, the kernel asks each second ({@code SO_KEEPALIVE}); while something is on its way, it waits
 * for the acknowledgement ({@code TCP_USER_TIMEOUT}). See tcp(7).
 *
 * <p>The second limit also ends a connection whose other end lives, but reads nothing for that long. Where that may be, it has
 * to be longer: see {@link #patient}.
 */
public final class DeadPeer {
    /** Nobody wants what a builder makes for a client that is gone. */
    public static final Duration OF_SERVER = Duration.ofSeconds(2);

    /** A client that gives up does work over again, so it is slower to do so. A builder of jdist's is missed sooner. */
    public static final Duration OF_CLIENT = Duration.ofSeconds(10);

    /** While a peer takes in what is large, which it may have to write to a slow disk. */
    public static final Duration OF_LARGE_BODY = Duration.ofSeconds(60);

    /**
     * Of a peer that says every second that it is at work, which is listened to instead: it may read nothing for long, as while
     * another client sends it what this one would.
     */
    public static final Duration OF_VOCAL_PEER = Duration.ofMinutes(20);

    private static final int ASK_SECONDS = 1;

    private DeadPeer() {}

    /** Has the kernel give up {@code channel} after {@code limit} without a sign of the other end. */
    public static void giveUpAfter(Channel channel, Duration limit) {
        unlessClosed(channel, () -> setKeepAlive(channel, limit));
    }

    /** A connection that another thread has just closed has no options any more. */
    private static void unlessClosed(Channel channel, Runnable change) {
        try {
            change.run();
        } catch (ChannelException e) {
            if (channel.isOpen()) {
                throw e;
            }
        }
    }

    private static void setKeepAlive(Channel channel, Duration limit) {
        ChannelConfig config = channel.config();
        int count = (int) Math.max(1, limit.toSeconds() / ASK_SECONDS - 1);
        config.setOption(ChannelOption.SO_KEEPALIVE, true);
        if (config instanceof EpollSocketChannelConfig) {
            config.setOption(EpollChannelOption.TCP_KEEPIDLE, ASK_SECONDS);
            config.setOption(EpollChannelOption.TCP_KEEPINTVL, ASK_SECONDS);
            config.setOption(EpollChannelOption.TCP_KEEPCNT, count);
            setUserTimeout(channel, limit);
        } else {
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), ASK_SECONDS);
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), ASK_SECONDS);
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), count);
        }
    }

    /** Changes the limit of a connection, on which {@code limit} may pass without the other end's reading anything. */
    public static void patient(Channel channel, Duration limit) {
        if (channel.isActive()) {
            unlessClosed(channel, () -> setUserTimeout(channel, limit));
        }
    }

    private static void setUserTimeout(Channel channel, Duration limit) {
        if (channel.config() instanceof EpollSocketChannelConfig config) {
            config.setTcpUserTimeout((int) limit.toMillis());
        }
    }
}
