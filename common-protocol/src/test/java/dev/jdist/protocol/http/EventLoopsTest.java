package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventLoopsTest {
    private final CountDownLatch reads = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    /** Keeps its event loop where that looks at connections. */
    private final class Busy extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws InterruptedException {
            ReferenceCountUtil.release(message);
            reads.countDown();
            goOn.await();
        }
    }

    @Test
    void close_whileALoopIsBusy_saysWhatWasHandedToItBefore() throws Exception {
        EventLoops loops = EventLoops.start(1);
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = new Bootstrap()
                    .group(loops.group())
                    .channel(loops.clientChannel())
                    .handler(new Busy())
                    .connect(listener.getLocalSocketAddress())
                    .sync()
                    .channel();
            try (Socket peer = listener.accept()) {
                peer.getOutputStream().write(1);
                reads.await();
                channel.writeAndFlush(Unpooled.copiedBuffer("farewell", StandardCharsets.US_ASCII));
                Thread closing = new Thread(loops::close);
                closing.start();
                SingleThreadEventExecutor loop = (SingleThreadEventExecutor) channel.eventLoop();
                while (!loop.isShuttingDown() && loop.pendingTasks() < 2) {
                    Thread.onSpinWait();
                }

                goOn.countDown();

                assertEquals("farewell", new String(peer.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                closing.join();
            }
        }
    }
}
