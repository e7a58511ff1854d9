package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.spi.FilterReply;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Bodies that are read as they arrive: toolchains and inputs. */
@Timeout(60)
class HttpStreamingTest {
    /** Far beyond the server's buffer and the kernel's. */
    private static final int LARGE = 24 << 20;

    private static final HttpReply DONE =
            new HttpReply(200, "text/plain", Map.of(), "done".getBytes(StandardCharsets.US_ASCII));

    private final EventLoops loops = EventLoops.start(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    private HttpServer server;

    @BeforeEach
    void listen() {
        AtLeastWarn filter = new AtLeastWarn();
        filter.start();
        warnings.addFilter(filter);
        warnings.start();
        logger().setLevel(Level.TRACE);
        logger().addAppender(warnings);
    }

    private static final class AtLeastWarn extends Filter<ILoggingEvent> {
        @Override
        public FilterReply decide(ILoggingEvent event) {
            return event.getLevel().isGreaterOrEqual(Level.WARN) ? FilterReply.NEUTRAL : FilterReply.DENY;
        }
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(ServerConnection.class);
    }

    /** Waits until every handler has returned. */
    private void stopThreads() throws InterruptedException {
        threads.shutdown();
        assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }

    @AfterEach
    void stop() {
        logger().detachAppender(warnings);
        logger().setLevel(null);
        if (server != null) {
            server.close();
        }
        threads.shutdownNow();
        loops.close();
    }

    @Test
    void body_largerThanTheBuffer_arrivesWholeThoughTheReaderIsLate() throws Exception {
        byte[] sent = new byte[LARGE];
        new SplittableRandom(1).nextBytes(sent);
        CountDownLatch headIn = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        serve((exchange, body) -> {
            body.read();
            headIn.countDown();
            go.await();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[100_000];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            received.complete(digest.digest());
            return DONE;
        });
        try (RawClient client = client()) {
            client.send(head("Content-Length: " + LARGE));
            CompletableFuture<Void> writing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            client.send(sent);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    threads);
            headIn.await();
            go.countDown();
            writing.get(30, TimeUnit.SECONDS);

            assertEquals("done", client.read().body());
        }
        MessageDigest expected = MessageDigest.getInstance("SHA-256");
        expected.update(sent, 1, sent.length - 1);
        assertArrayEquals(expected.digest(), received.get(10, TimeUnit.SECONDS));
    }

    @Test
    void body_chunked_arrivesWhole() throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        serve((exchange, body) -> {
            received.complete(new String(body.readAllBytes(), StandardCharsets.US_ASCII));
            return DONE;
        });
        try (RawClient client = client()) {
            client.send(head("Transfer-Encoding: chunked") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

            assertEquals("done", client.read().body());
            assertEquals("abcde", received.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void body_none_isEmpty() throws Exception {
        CompletableFuture<Integer> received = new CompletableFuture<>();
        serve((exchange, body) -> {
            received.complete(body.readAllBytes().length);
            return DONE;
        });
        try (RawClient client = client()) {
            client.send(head("X: y"));

            assertEquals("done", client.read().body());
            assertEquals(0, received.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void connection_afterAWholeBody_servesAnotherRequest() throws Exception {
        serve((exchange, body) -> {
            body.readAllBytes();
            return DONE;
        });
        try (RawClient client = client()) {
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        "done",
                        client.send(head("Content-Length: 3") + "abc").read().body());
            }
        }
    }

    @Test
    void body_breaksOff_endsInEofForTheHandlerAndTellsIt() throws Exception {
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        CompletableFuture<HttpExchange> served = new CompletableFuture<>();
        CountDownLatch headIn = new CountDownLatch(1);
        serve((exchange, body) -> {
            served.complete(exchange);
            headIn.countDown();
            return readAll(body, failure);
        });
        try (RawClient client = client()) {
            client.send(head("Content-Length: 100") + "abc");
            headIn.await();
        }

        assertInstanceOf(EOFException.class, failure.get(10, TimeUnit.SECONDS));
        stopThreads();
        assertEquals(List.of(), warnings.list);
        served.get(10, TimeUnit.SECONDS).disconnected().get(10, TimeUnit.SECONDS);
    }

    @Test
    void body_brokenChunk_failsForTheHandlerAndCloses() throws Exception {
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        serve((exchange, body) -> readAll(body, failure));
        try (RawClient client = client()) {
            client.send(head("Transfer-Encoding: chunked") + "3\r\nabc\r\nzz\r\n\r\n");

            assertInstanceOf(IOException.class, failure.get(10, TimeUnit.SECONDS));
            assertTrue(client.isClosed());
        }
    }

    /** The answer must reach a client that is still sending: closing at once could destroy it on the way. */
    @Test
    void handler_answersWithoutReading_answerArrivesAndConnectionCloses() throws Exception {
        serve((exchange, body) -> DONE);
        try (RawClient client = client()) {
            client.send(head("Content-Length: " + (4 << 20)));
            RawClient.Answer answer = client.read();

            assertEquals("done", answer.body());
            assertEquals("close", answer.headers().get("connection"));
            client.send(new byte[4 << 20]);
            assertTrue(client.isClosed());
        }
    }

    @Test
    void handler_throws_is500() throws Exception {
        serve((exchange, body) -> {
            throw new IOException("disk full");
        });
        assertEquals("500 {\"description\":\"disk full\",\"cause\":null}", answerTo("abc"));
        assertEquals(1, warnings.list.size());
    }

    @Test
    void handler_requestException_isItsAnswer() throws Exception {
        serve((exchange, body) -> {
            throw new RequestException(404, "no such job");
        });
        assertEquals("404 {\"description\":\"no such job\",\"cause\":null}", answerTo("abc"));
    }

    @Test
    void handler_throwsWithoutAMessage_isNamed() throws Exception {
        serve((exchange, body) -> {
            throw new IllegalStateException();
        });
        assertEquals("500 {\"description\":\"java.lang.IllegalStateException\",\"cause\":null}", answerTo("abc"));
    }

    /** Were it not answered, the client would wait for twenty minutes. */
    @Test
    void handler_diesOfAnError_is500() throws Exception {
        serve((exchange, body) -> {
            throw new StackOverflowError("deep");
        });
        assertEquals("500 {\"description\":\"deep\",\"cause\":null}", answerTo("abc"));
    }

    @Test
    void executor_full_is503() throws Exception {
        threads.shutdown();
        serve((exchange, body) -> DONE);

        assertEquals(
                "503 {\"description\":\"this server is stopping or has too much to do\",\"cause\":null}",
                answerTo("abc"));
    }

    @Test
    void client_goneWhileTheHandlerWorks_isToldToIt() throws Exception {
        CompletableFuture<HttpExchange> served = new CompletableFuture<>();
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        serve((exchange, body) -> {
            body.readAllBytes();
            served.complete(exchange);
            exchange.disconnected().get(10, TimeUnit.SECONDS);
            told.complete(true);
            return DONE;
        });
        try (RawClient client = client()) {
            client.send(head("Content-Length: 3") + "abc");
            served.get(10, TimeUnit.SECONDS);
        }

        assertTrue(told.get(10, TimeUnit.SECONDS));
    }

    private static HttpReply readAll(InputStream body, CompletableFuture<Exception> failure) throws IOException {
        try {
            body.readAllBytes();
            failure.complete(null);
        } catch (IOException e) {
            failure.complete(e);
            throw e;
        }
        return DONE;
    }

    private void serve(HttpRoute.StreamingHandler handler) throws IOException {
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(HttpRoute.postStream("/in", HttpRoute.Gate.OPEN, threads, handler)));
    }

    private RawClient client() throws IOException {
        return new RawClient(server.address());
    }

    private static String head(String header) {
        return "POST /in HTTP/1.1\r\nHost: h\r\n" + header + "\r\n\r\n";
    }

    private String answerTo(String body) throws IOException {
        try (RawClient client = client()) {
            RawClient.Answer answer =
                    client.send(head("Content-Length: " + body.length()) + body).read();
            return answer.status() + " " + answer.body();
        }
    }
}
