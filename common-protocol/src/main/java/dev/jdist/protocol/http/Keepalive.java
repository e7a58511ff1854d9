package dev.jdist.protocol.http;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import jdk.net.ExtendedSocketOptions;

/**
 * How soon a peer is missed that went without a word: its cable was pulled, or it was suspended. While a job runs nobody
 * sends anything, so it is the kernel that has to ask, see tcp(7).
 *
 * @param idleSeconds of silence, after which the peer is asked
 * @param intervalSeconds between one question and the next
 * @param count of questions in a row that go unanswered before the connection is given up
 */
public record Keepalive(int idleSeconds, int intervalSeconds, int count) {
    public static final ChannelOption<Integer> IDLE = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE);
    public static final ChannelOption<Integer> INTERVAL = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL);
    public static final ChannelOption<Integer> COUNT = NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT);

    /** Nobody wants what a builder makes for a client that is gone: two seconds, and its place is free. */
    public static final Keepalive OF_SERVER = new Keepalive(1, 1, 1);

    /** A client that gives up does work over again, so it is slower to do so. */
    public static final Keepalive OF_CLIENT = new Keepalive(5, 2, 3);
}
