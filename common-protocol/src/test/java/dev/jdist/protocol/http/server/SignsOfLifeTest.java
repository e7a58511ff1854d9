package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.http.JdistHeader;
import dev.jdist.protocol.http.Pace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client hears while it waits, on a clock that the test moves. */
class SignsOfLifeTest {
    private static final String SIGN = "HTTP/1.1 102 Processing\r\n\r\n";
    private static final String FROM_JDIST = JdistHeader.NAME + ": " + JdistHeader.VERSION + "\r\n";

    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    private EmbeddedChannel channel = open(true);

    private EmbeddedChannel open(boolean isVocal) {
        List<HttpRoute> routes =
                List.of(HttpRoute.small("POST", "/job", HttpRoute.Gate.OPEN, (exchange, body) -> reply));
        EmbeddedChannel opened =
                new EmbeddedChannel(
                        new HttpServerCodec(),
                        new FlowControlHandler(),
                        new ServerConnection(routes, Pace.OF_JOB, isVocal)) {
                    @Override
                    protected SocketAddress remoteAddress0() {
                        return new InetSocketAddress("127.0.0.1", 1);
                    }
                };
        opened.freezeTime();
        return opened;
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void request(String header) {
        channel.writeInbound(Unpooled.copiedBuffer(
                "POST /job HTTP/1.1\r\n" + header + "Content-Length: 0\r\n\r\n", StandardCharsets.US_ASCII));
    }

    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 100) {
            channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private String said() {
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return text.toString();
    }

    @Test
    void jdistThatWaits_hearsOneEverySecond() {
        request(FROM_JDIST);
        assertEquals("", said());
        pass(10_000);

        assertEquals(SIGN.repeat(10), said());
    }

    @Test
    void answer_endsThem() {
        request(FROM_JDIST);
        pass(600);
        said();
        reply.complete(HttpReply.empty(200));
        channel.runPendingTasks();
        pass(5000);

        assertEquals(1, said().split("HTTP/1.1 ", -1).length - 1);
    }

    @Test
    void nextRequestOnTheSameConnection_hearsThemToo() {
        request(FROM_JDIST);
        reply.complete(HttpReply.empty(200));
        channel.runPendingTasks();
        pass(5000);
        said();
        request(FROM_JDIST);
        channel.runPendingTasks();
        pass(3000);

        assertEquals(1, said().split("HTTP/1.1 ", -1).length - 1, "it was answered at once");
    }

    @Test
    void quickAnswer_comesWithoutOne() {
        request(FROM_JDIST);
        reply.complete(HttpReply.empty(200));
        channel.runPendingTasks();

        assertEquals("HTTP/1.1 200 OK", said().lines().findFirst().orElseThrow());
    }

    /** Stock takes the first answer for the last. */
    @Test
    void stockThatWaits_hearsNone() {
        request("");
        pass(10_000);

        assertEquals("", said());
    }

    @Test
    void serverBehindWhichAProxyMayBe_givesNone() {
        channel.finishAndReleaseAll();
        channel = open(false);
        request(FROM_JDIST);
        pass(10_000);

        assertEquals("", said());
    }

    @Test
    void clientThatIsGone_isToldNothing() {
        request(FROM_JDIST);
        channel.close();
        pass(10_000);

        assertEquals("", said());
    }
}
