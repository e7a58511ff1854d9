package dev.jdist.protocol.http;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/**
 * Whose sockets an event loop has: Linux's own, which know {@code TCP_USER_TIMEOUT}, where Netty's library for them loads,
 * and Java's elsewhere.
 */
enum Transport {
    EPOLL(EpollSocketChannel.class, EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }
    },
    NIO(NioSocketChannel.class, NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }
    };

    private final Class<? extends SocketChannel> client;
    private final Class<? extends ServerSocketChannel> server;

    Transport(Class<? extends SocketChannel> client, Class<? extends ServerSocketChannel> server) {
        this.client = client;
        this.server = server;
    }

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory handlers();

    Class<? extends SocketChannel> client() {
        return client;
    }

    Class<? extends ServerSocketChannel> server() {
        return server;
    }
}
