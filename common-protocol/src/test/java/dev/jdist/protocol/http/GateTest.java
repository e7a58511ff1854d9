package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.ServerConnection;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Gates that take their time, on a clock that the test moves. */
class GateTest {
    private final CompletableFuture<Optional<HttpReply>> decision = new CompletableFuture<>();
    private final List<String> bodies = new ArrayList<>();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(
                    new FlowControlHandler(),
                    new ServerConnection(
                            List.of(
                                    new HttpRoute(
                                            "POST",
                                            "/gated",
                                            exchange -> decision,
                                            new HttpRoute.Small((exchange, body) -> {
                                                bodies.add(new String(body, StandardCharsets.US_ASCII));
                                                return CompletableFuture.completedFuture(HttpReply.empty(200));
                                            })),
                                    new HttpRoute(
                                            "POST",
                                            "/failing",
                                            exchange -> {
                                                throw new IllegalStateException("the gate is stuck");
                                            },
                                            new HttpRoute.Small((exchange, body) -> new CompletableFuture<>()))),
                            Pace.OF_JOB,
                            false)) {
                @Override
                protected SocketAddress remoteAddress0() {
                    return new InetSocketAddress("127.0.0.1", 1);
                }
            };

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void gate_thatTakesItsTime_letsNothingOfTheBodyThroughBefore() {
        channel.freezeTime();
        post("/gated", Map.of("Content-Length", "6"), "abc", "def");

        assertFalse(channel.config().isAutoRead(), "the socket is still read");
        assertNull(channel.readOutbound());
        assertEquals(List.of(), bodies);

        decision.complete(Optional.empty());
        channel.runPendingTasks();

        assertTrue(channel.config().isAutoRead());
        assertEquals(List.of("abcdef"), bodies);
        assertEquals(200, status());
    }

    @Test
    void gate_thatTakesItsTime_mayRefuse() {
        channel.freezeTime();
        post("/gated", Map.of("Content-Length", "6"), "abcdef");

        decision.complete(Optional.of(HttpReply.unauthorized("bearer_auth_failed", "")));
        channel.runPendingTasks();

        assertEquals(401, status());
        assertEquals(List.of(), bodies);
    }

    @Test
    void gate_thatTakesItsTime_isNotAskedForTheBodyInTheMeantime() {
        channel.freezeTime();
        post("/gated", Map.of("Content-Length", "6", "Expect", "100-continue"));

        assertNull(channel.readOutbound());

        decision.complete(Optional.empty());
        channel.runPendingTasks();

        assertEquals(100, status());
    }

    @Test
    void gate_thatNeverDecides_isAnsweredForAndIgnoredAfterwards() {
        channel.freezeTime();
        post("/gated", Map.of("Content-Length", "3"), "abc");

        channel.advanceTimeBy(HttpRoute.Gate.DEFAULT_TIMEOUT.toSeconds() - 1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertNull(channel.readOutbound());
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertEquals(503, status());

        decision.complete(Optional.empty());
        channel.runPendingTasks();
        assertNull(channel.readOutbound());
        assertEquals(List.of(), bodies);
    }

    @Test
    void gate_ofAConnectionThatEnded_mayStillDecide() {
        channel.freezeTime();
        post("/gated", Map.of("Content-Length", "3"), "abc");
        channel.close();

        decision.complete(Optional.empty());
        channel.runPendingTasks();

        assertNull(channel.readOutbound());
        assertEquals(List.of(), bodies);
    }

    @Test
    void gate_thatFails_is500() {
        post("/failing", Map.of("Content-Length", "0"));
        assertEquals(500, status());

        post("/gated", Map.of("Content-Length", "0"));
        decision.completeExceptionally(new IllegalStateException("the gate broke"));
        channel.runPendingTasks();
        assertEquals(500, status());
        assertEquals(List.of(), bodies);
    }

    private void post(String path, Map<String, String> headers, String... chunks) {
        DefaultHttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
        headers.forEach(request.headers()::set);
        List<Object> messages = new ArrayList<>(List.of(request));
        for (String chunk : chunks) {
            messages.add(new DefaultHttpContent(Unpooled.copiedBuffer(chunk, StandardCharsets.US_ASCII)));
        }
        if (!headers.containsKey("Expect")) {
            messages.add(new DefaultLastHttpContent());
        }
        channel.writeInbound(messages.toArray());
    }

    private int status() {
        FullHttpResponse response = channel.readOutbound();
        assertNotNull(response, "there is no answer");
        try {
            return response.status().code();
        } finally {
            response.release();
        }
    }
}
