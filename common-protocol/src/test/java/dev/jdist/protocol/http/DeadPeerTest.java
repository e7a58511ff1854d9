package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadPeerTest {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private static Channel closed(Channel channel) {
        channel.unsafe().closeForcibly();
        return channel;
    }

    /** As when a server ends while somebody connects: a warning would be written for each such connection. */
    @Test
    void options_ofAConnectionThatIsClosed_areLeftAlone() {
        Channel nio = closed(new NioSocketChannel());
        assertFalse(nio.isOpen());
        DeadPeer.giveUpAfter(nio, LIMIT);
        DeadPeer.patient(nio, LIMIT);
    }

    @Test
    void options_ofAConnectionOfEpollThatIsClosed_areLeftAlone() {
        assumeTrue(Epoll.isAvailable());
        Channel epoll = closed(new EpollSocketChannel());
        assertFalse(epoll.isOpen());
        DeadPeer.giveUpAfter(epoll, LIMIT);
        DeadPeer.patient(epoll, LIMIT);
    }

    @Test
    void options_ofAnOpenConnection_areSet() {
        assumeTrue(Epoll.isAvailable());
        EpollSocketChannel epoll = new EpollSocketChannel();
        try {
            DeadPeer.giveUpAfter(epoll, LIMIT);
            assertTrue(epoll.config().isKeepAlive());
            assertTrue(epoll.config().getTcpUserTimeout() == LIMIT.toMillis());
        } finally {
            closed(epoll);
        }
    }
}
