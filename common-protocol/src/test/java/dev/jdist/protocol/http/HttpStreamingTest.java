package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.read.ListAppender;
import ch.qos.logback.core.spi.FilterReply;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.http.server.ServerConnection;
import dev.jdist.protocol.http.server.StreamedReply;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.BlockInputStream;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Bodies that are read as they arrive, toolchains and inputs, and answers that are made as they leave. */
@Timeout(60)
class HttpStreamingTest {
    /** Far beyond the server's buffer and the kernel's. */
    private static final int LARGE = 24 << 20;

    private static final HttpReply DONE =
            new HttpReply(200, "text/plain", Map.of(), "done".getBytes(StandardCharsets.US_ASCII));

    private final EventLoops loops = EventLoops.start(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();
    private @Nullable HttpServer server;
    private @Nullable Spools spools;

    @TempDir
    private Path directory;

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
        threads.shutdownNow();
        if (server != null) {
            server.close();
            server = null;
        }
        if (!loops.group().isShutdown()) {
            loops.close();
        }
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

        assertEquals("503 {\"description\":\"this server is stopping or overloaded\",\"cause\":null}", answerTo("abc"));
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

    // Bodies that are spooled.

    private static final Pace HASTY = new Pace(Duration.ofMillis(200), 1000, Duration.ofMinutes(1));

    /** @param memory bytes that all spools may have of it */
    private void serveSpooled(long memory, long most, Pace pace, HttpRoute.SpooledHandler handler) throws IOException {
        AtomicInteger files = new AtomicInteger();
        spools = new Spools(
                () -> directory.resolve("spool-" + files.incrementAndGet()), new Spools.Limits(memory, LARGE, LARGE));
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(HttpRoute.postSpooled(
                        "/in", HttpRoute.Gate.OPEN, threads, new HttpRoute.Intake(spools, most, pace), handler)));
    }

    /** @return what a handler is called with */
    private CompletableFuture<byte[]> serveSpooled(long memory, long most, Pace pace) throws IOException {
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        serveSpooled(memory, most, pace, (exchange, body) -> {
            received.complete(body.toInputStream().readAllBytes());
            return DONE;
        });
        return received;
    }

    /** In memory, on the edge of it, far beyond it, and where there is no memory. */
    @ParameterizedTest
    @CsvSource({
        "0, 1048576",
        "1, 1048576",
        "262144, 1048576",
        "262145, 1048576",
        "5000000, 1048576",
        "3, 0",
        "300000, 0"
    })
    void spooledBody_anySize_arrivesWhole(int length, long memory) throws Exception {
        CompletableFuture<byte[]> received = serveSpooled(memory, LARGE, Pace.OF_JOB);
        byte[] sent = noise(length);
        try (RawClient client = client()) {
            client.send(head("Content-Length: " + length));
            client.send(sent);
            assertEquals("done", client.read().body());
        }
        assertArrayEquals(sent, received.get(10, TimeUnit.SECONDS));
        assertNothingSpooled();
    }

    @Test
    void spooledBody_chunkedTwiceOverOneConnection_arrivesWhole() throws Exception {
        CompletableFuture<byte[]> received = serveSpooled(0, LARGE, Pace.OF_JOB);
        try (RawClient client = client()) {
            for (int round = 0; round < 2; round++) {
                client.send(head("Transfer-Encoding: chunked") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
                assertEquals("done", client.read().body());
            }
        }
        assertEquals("abcde", new String(received.get(10, TimeUnit.SECONDS), StandardCharsets.US_ASCII));
        assertNothingSpooled();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20})
    void spooledBody_breaksOff_reachesNoHandlerAndLeavesNothing(long memory) throws Exception {
        CompletableFuture<byte[]> received = serveSpooled(memory, LARGE, Pace.OF_JOB);
        try (RawClient client = client()) {
            client.send(head("Content-Length: 1000000"));
            client.send(noise(500_000));
        }
        assertNothingSpooled();
        assertFalse(received.isDone());
        assertEquals(List.of(), warnings.list);
    }

    @Test
    void spooledBody_overItsLimit_isRefused() throws Exception {
        CompletableFuture<byte[]> received = serveSpooled(0, 999, Pace.OF_JOB);
        try (RawClient client = client()) {
            client.send(head("Content-Length: 1000"));
            client.send(noise(1000));
            RawClient.Answer answer = client.read();
            assertEquals(507, answer.status());
            assertTrue(answer.body().contains("the body is over the limit of 999 bytes"), answer.body());
        }
        assertFalse(received.isDone());
        assertNothingSpooled();
    }

    @Test
    void spooledBody_moreThanThereIsRoomFor_isRefused() throws Exception {
        serveSpooled(0, 2L * LARGE, Pace.OF_JOB);
        try (RawClient client = client()) {
            client.send(head("Content-Length: " + (LARGE + (1 << 20))));
            client.send(noise(LARGE + (1 << 20)));
            RawClient.Answer answer = client.read();
            assertEquals(503, answer.status());
            assertTrue(answer.body().contains("24.0 MiB"), answer.body());
        }
        assertNothingSpooled();
    }

    /** No thread waits for them, and after a while nobody does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void body_thatDrips_isCutOff(boolean spooled) throws Exception {
        CompletableFuture<Exception> failure = new CompletableFuture<>();
        if (spooled) {
            serveSpooled(0, LARGE, HASTY);
        } else {
            serve((exchange, body) -> readAll(body, failure), HASTY, Pace.OF_JOB);
        }
        try (RawClient client = client()) {
            client.send(head("Content-Length: 2000") + "abc");
            RawClient.Answer answer = client.read();
            assertEquals(503, answer.status());
            assertTrue(answer.body().contains("3 bytes in 200 ms, and 1000 are the least"), answer.body());
            assertTrue(client.isClosed());
        }
        if (spooled) {
            assertNothingSpooled();
        } else {
            assertInstanceOf(IOException.class, failure.get(10, TimeUnit.SECONDS));
        }
        assertEquals(1, warnings.list.size());
    }

    private void assertNothingSpooled() throws InterruptedException {
        stopThreads();
        stop();
        Spools used = Objects.requireNonNull(spools);
        used.close();
        assertEquals(0, used.used());
        assertEquals(0, used.memoryUsed());
        assertEquals(List.of(), List.of(directory.toFile().list()));
    }

    // Answers that are larger than memory.

    private static RunJobResult.Complete result(PrimitiveBytes zlib) {
        ProcessOutput output = new ProcessOutput(0, Bytes.utf8("o"), Bytes.utf8("e"));
        return new RunJobResult.Complete(output, List.of(new OutputFile("/a.o", zlib, 1)));
    }

    private static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new SplittableRandom(2).nextBytes(noise);
        return noise;
    }

    /** So many zeros, of which none is in memory before it is asked for. */
    private record Zeros(long length) implements PrimitiveBytes {
        @Override
        public InputStream toInputStream() {
            return new BlockInputStream() {
                private long left = length;

                @Override
                public int read(byte[] target, int offset, int count) {
                    int bytes = (int) Math.min(count, left);
                    left -= bytes;
                    return bytes == 0 ? -1 : bytes;
                }
            };
        }
    }

    /** Has 300,000 bytes, and then a disk that is gone. */
    private record Broken() implements PrimitiveBytes {
        @Override
        public long length() {
            return 400_000;
        }

        @Override
        public InputStream toInputStream() {
            InputStream there = new Zeros(300_000).toInputStream();
            return new BlockInputStream() {
                @Override
                public int read(byte[] target, int offset, int count) throws IOException {
                    int got = there.read(target, offset, count);
                    if (got < 0) {
                        throw new IOException("the disk is gone");
                    }
                    return got;
                }
            };
        }
    }

    /** Small ones, those that are just too large to be small, and large ones, several over one connection. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1000, (64 << 10) - 200, 64 << 10, (64 << 10) + 1, LARGE})
    void reply_largeMessage_isTheOneFromMemoryWithItsLength(int length) throws Exception {
        RunJobResult.Complete result = result(Bytes.wrap(noise(length)));
        AtomicInteger closed = new AtomicInteger();
        serve((exchange, body) -> {
            body.readAllBytes();
            return exchange.reply(result, closed::incrementAndGet);
        });
        try (RawClient client = client()) {
            for (int round = 1; round <= 2; round++) {
                RawClient.Answer answer =
                        client.send(head("Content-Length: 3") + "abc").read();

                assertEquals(200, answer.status());
                assertEquals("application/octet-stream", answer.headers().get("content-type"));
                assertArrayEquals(result.toBincode(), answer.bytes());
            }
            RawClient.Answer json = client.send(head("Accept: application/json\r\nContent-Length: 3") + "abc")
                    .read();
            assertEquals("application/json; charset=utf-8", json.headers().get("content-type"));
            assertArrayEquals(result.toJson(), json.bytes());
        }
        stopThreads();
        assertEquals(3, closed.get());
    }

    @Test
    void reply_largeMessage_toStock_endsTheConnection() throws Exception {
        RunJobResult.Complete result = result(Bytes.wrap(noise(200_000)));
        serve((exchange, body) -> {
            body.readAllBytes();
            return exchange.reply(result, () -> {});
        });
        try (RawClient client = client()) {
            RawClient.Answer answer =
                    client.send(head("Connection: close\r\nContent-Length: 0")).read();

            assertArrayEquals(result.toBincode(), answer.bytes());
            assertTrue(client.isClosed());
        }
    }

    /** Answers with a terabyte. */
    private static HttpRoute.StreamingHandler endless(
            CompletableFuture<Void> answered, CompletableFuture<Void> closed) {
        return (exchange, body) -> {
            body.readAllBytes();
            exchange.answered().thenRun(() -> answered.complete(null));
            return new StreamedReply("text/plain", 1L << 40, new Zeros(1L << 40), () -> closed.complete(null));
        };
    }

    /** The client takes some of it and goes. What it would have been made of is given up. */
    @Test
    void reply_clientThatGoesAway_isGivenUp() throws Exception {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        CompletableFuture<Void> answered = new CompletableFuture<>();
        serve(endless(answered, closed));
        try (RawClient client = client()) {
            client.send(head("Content-Length: 0")).skip(1 << 20);
        }

        closed.get(30, TimeUnit.SECONDS);
        answered.get(30, TimeUnit.SECONDS);
    }

    /** It stays, and would have a thread and what the answer is made of wait for ever. */
    @Test
    void reply_clientThatTakesNothing_isGivenUp() throws Exception {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        CompletableFuture<Void> answered = new CompletableFuture<>();
        serve(endless(answered, closed), new Pace(Duration.ofMillis(200), 1000, Duration.ofMinutes(1)));
        try (RawClient client = client()) {
            client.send(head("Content-Length: 0"));

            closed.get(30, TimeUnit.SECONDS);
            answered.get(30, TimeUnit.SECONDS);
        }
        stopThreads();
        assertEquals(
                List.of(
                        "an answer to 127.0.0.1 broke off: it is taken too slowly: 0 bytes in 200 ms, and 1000 are the least"),
                warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    /** The length was told already; the client must not take what it got for whole. */
    @Test
    void reply_messageThatBreaksOff_endsTheConnectionEarly() throws Exception {
        serve((exchange, body) -> {
            body.readAllBytes();
            return new StreamedReply("text/plain", 400_000, new Broken(), () -> {});
        });
        try (RawClient client = client()) {
            client.send(head("Content-Length: 0"));
            assertThrows(EOFException.class, client::read);
        }
        stopThreads();
        assertEquals(
                List.of("an answer to 127.0.0.1 broke off: java.io.IOException: the disk is gone"),
                warnings.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void reply_messageOfAnotherLengthThanTold_endsTheConnection(long difference) throws Exception {
        serve((exchange, body) -> {
            body.readAllBytes();
            return new StreamedReply("text/plain", 300_000, new Zeros(300_000 + difference), () -> {});
        });
        try (RawClient client = client()) {
            client.send(head("Content-Length: 0"));
            assertThrows(EOFException.class, client::read);
        }
        stopThreads();
        assertEquals(1, warnings.list.size());
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
        serve(handler, Pace.OF_JOB);
    }

    private void serve(HttpRoute.StreamingHandler handler, Pace answers) throws IOException {
        serve(handler, Pace.OF_TOOLCHAIN, answers);
    }

    private void serve(HttpRoute.StreamingHandler handler, Pace bodies, Pace answers) throws IOException {
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(HttpRoute.postStream("/in", HttpRoute.Gate.OPEN, threads, bodies, handler)),
                answers);
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
