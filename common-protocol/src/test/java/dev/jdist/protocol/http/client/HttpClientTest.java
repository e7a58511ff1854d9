package dev.jdist.protocol.http.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.RawPeer;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.Toolchain;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls to peers that behave, and to peers that do not. */
@Timeout(60)
class HttpClientTest {
    private static final Secret TOKEN = new Secret("the token");
    private static final String JDIST_OK = "HTTP/1.1 200 OK\r\nJdist-Protocol: 1\r\nContent-Length: 2\r\n\r\nok";
    private static final String STOCK_OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final EventLoops loops = EventLoops.start(1);
    private final HttpClient client = new HttpClient(loops);

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        client.close();
        loops.close();
    }

    @ParameterizedTest
    @CsvSource({"'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n', 1994-11-06T08:49:37Z", "'', ", "'Date: yesterday\r\n', "})
    void call_answerWithADate_tellsIt(String header, Instant date) throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write("HTTP/1.1 200 OK\r\n" + header + "Content-Length: 2\r\n\r\nok");
        })) {
            assertEquals(
                    Optional.ofNullable(date),
                    client.call(HttpCall.get(peer.target(), "/")).date());
        }
    }

    @Test
    void call_toAWebServer_asksForJsonAndDoesNotSpeakOfJdist() throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            received.complete(connection.read());
            connection.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno");
        })) {
            HttpTarget target = new HttpTarget.Web(
                    HttpUrl.parse("http://127.0.0.1:" + peer.target().port() + "/token"));
            HttpAnswer answer = client.call(HttpCall.postText(target, "/token?a=b", "text/plain", "caf\u00e9"));

            assertEquals(302, answer.status());
            String request = received.get(10, TimeUnit.SECONDS);
            assertTrue(request.startsWith("POST /token?a=b HTTP/1.1\r\n"), request);
            assertTrue(request.toLowerCase(Locale.ROOT).contains("\r\naccept: application/json"), request);
            assertTrue(request.toLowerCase(Locale.ROOT).contains("\r\ncontent-type: text/plain\r\n"), request);
            assertTrue(request.endsWith("\r\n\r\ncaf\u00c3\u00a9"), request);
            assertFalse(request.toLowerCase(Locale.ROOT).contains("jdist"), request);
            assertFalse(request.toLowerCase(Locale.ROOT).contains("authorization"), request);
        }
    }

    @Test
    void get_always_sendsWhatStockPeersNeed() throws Exception {
        CompletableFuture<String> request = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            request.complete(connection.read());
            connection.write(STOCK_OK);
        })) {
            HttpAnswer answer = client.call(HttpCall.get(peer.target(), "/a?b"));

            assertEquals("ok", text(answer));
            assertFalse(answer.fromJdist());
            assertEquals("200 with 2 bytes", answer.toString());
            String sent = request.get(10, TimeUnit.SECONDS).toLowerCase(Locale.ROOT);
            assertTrue(sent.startsWith("get /a?b http/1.1\r\n"), sent);
            assertTrue(sent.contains("\r\nhost: " + peer.target().authority() + "\r\n"), sent);
            assertTrue(sent.contains("\r\naccept: */*\r\n"), sent);
            assertTrue(sent.contains("\r\njdist-protocol: 1\r\n"), sent);
            assertFalse(sent.contains("authorization"), sent);
            assertFalse(sent.contains("content-"), sent);
        }
    }

    @Test
    void post_message_sendsTypeLengthAndToken() throws Exception {
        CompletableFuture<String> request = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            request.complete(connection.read());
            connection.write(STOCK_OK);
        })) {
            client.call(HttpCall.post(peer.target(), "/p", TOKEN, new Toolchain("ab")));

            String sent = request.get(10, TimeUnit.SECONDS);
            assertTrue(sent.contains("\r\nauthorization: Bearer the token\r\n"), sent);
            assertTrue(sent.contains("\r\ncontent-type: application/octet-stream\r\n"), sent);
            assertTrue(sent.contains("\r\ncontent-length: 10\r\n"), sent);
            assertTrue(sent.endsWith("\r\n\r\n\2\0\0\0\0\0\0\0ab"), sent);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 1_000_000})
    void postFile_anyLength_sendsItWhole(int length) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "x".repeat(length));
        CompletableFuture<String> request = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            request.complete(connection.read());
            connection.write(STOCK_OK);
        })) {
            client.call(HttpCall.postFile(peer.target(), "/p", TOKEN, file));

            String sent = request.get(10, TimeUnit.SECONDS);
            assertTrue(sent.contains("\r\ncontent-length: " + length + "\r\n"));
            assertEquals(length, sent.length() - sent.indexOf("\r\n\r\n") - 4);
        }
    }

    /** Nobody knows how long a file takes: what counts is that parts of it go out. */
    @Test
    void postFile_slowly_takesAsLongAsItGoesOn() throws Exception {
        Path file = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(40 << 20);
        }
        CompletableFuture<Long> received = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            received.complete(connection.readSlowly(1 << 20, Duration.ofMillis(50)));
            connection.write(STOCK_OK);
        })) {
            long began = System.nanoTime();
            client.call(HttpCall.postFile(peer.target(), "/p", TOKEN, file).within(Duration.ofSeconds(1)));
            assertEquals(40 << 20, received.get(10, TimeUnit.SECONDS));
            assertTrue(System.nanoTime() - began > Duration.ofSeconds(1).toNanos(), "longer than it may stand still");
        }
    }

    @Test
    void postFile_thatStandsStill_failsSayingSo() throws Exception {
        Path file = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(40 << 20);
        }
        CompletableFuture<Void> over = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> over.get(60, TimeUnit.SECONDS))) {
            IOException failure =
                    fails(HttpCall.postFile(peer.target(), "/p", TOKEN, file).within(Duration.ofMillis(300)));
            over.complete(null);
            assertTrue(failure.getMessage().contains("no answer within 300 milliseconds"), failure.getMessage());
        }
    }

    @Test
    void postFile_missing_failsAndSendsNothing() throws Exception {
        Path file = directory.resolve("none");
        CompletableFuture<String> request = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> request.complete(connection.readToEnd()))) {
            IOException failure = fails(HttpCall.postFile(peer.target(), "/p", TOKEN, file));

            assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
            assertEquals("", request.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void connection_toJdist_isUsedAgain() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            for (int i = 0; i < 3; i++) {
                connection.read();
                connection.write(JDIST_OK);
            }
        })) {
            for (int i = 0; i < 3; i++) {
                assertTrue(client.call(HttpCall.get(peer.target(), "/")).fromJdist());
            }
            peer.outcome(0).get(10, TimeUnit.SECONDS);
            assertEquals(1, peer.connections());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                STOCK_OK,
                "HTTP/1.1 200 OK\r\nJdist-Protocol: 1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nJdist-Protocol: 1\r\nContent-Length: 2\r\n\r\nok"
            })
    void connection_toStockOrToBeClosed_isClosedByUs(String answer) throws Exception {
        RawPeer.Script once = connection -> {
            connection.read();
            connection.write(answer);
            assertEquals("", connection.readToEnd());
        };
        try (RawPeer peer = RawPeer.serving(once, once)) {
            assertEquals("ok", text(client.call(HttpCall.get(peer.target(), "/"))));
            peer.outcome(0).get(10, TimeUnit.SECONDS);
            assertEquals("ok", text(client.call(HttpCall.get(peer.target(), "/"))));
            peer.outcome(1).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void calls_atTheSameTime_eachGetAConnection() throws Exception {
        CountDownLatch bothIn = new CountDownLatch(2);
        RawPeer.Script script = connection -> {
            connection.read();
            bothIn.countDown();
            bothIn.await();
            connection.write(JDIST_OK);
        };
        try (RawPeer peer = RawPeer.serving(script, script)) {
            CompletableFuture<HttpAnswer> one = client.send(HttpCall.get(peer.target(), "/"));
            CompletableFuture<HttpAnswer> other = client.send(HttpCall.get(peer.target(), "/"));

            assertEquals("ok", text(one.get(10, TimeUnit.SECONDS)));
            assertEquals("ok", text(other.get(10, TimeUnit.SECONDS)));
        }
    }

    /** The peer hung up while the connection lay idle, and the news came just after the next call had begun. */
    @Test
    void connection_stale_isReplacedAndTheCallMadeAgain() throws Exception {
        CompletableFuture<String> again = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK);
                    connection.read();
                },
                connection -> {
                    again.complete(connection.read());
                    connection.write(JDIST_OK);
                })) {
            client.call(HttpCall.get(peer.target(), "/first"));

            assertEquals(
                    "ok", text(client.call(HttpCall.postBytes(peer.target(), "/second", TOKEN, new byte[] {'x'}))));
            assertTrue(again.get(10, TimeUnit.SECONDS).startsWith("POST /second "));
            assertTrue(again.get().endsWith("\r\n\r\nx"));
        }
    }

    @Test
    void connection_staleAndThenAFreshOneThatBreaks_failsOnce() throws Exception {
        try (RawPeer peer = RawPeer.serving(
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK);
                    connection.read();
                },
                RawPeer.Connection::read,
                connection -> connection.write("must not come to this"))) {
            client.call(HttpCall.get(peer.target(), "/"));

            IOException failure = fails(HttpCall.get(peer.target(), "/"));
            assertTrue(
                    failure.getMessage().endsWith("the connection ended before the answer was complete"),
                    failure.getMessage());
            assertEquals(2, peer.connections());
        }
    }

    /** Once an answer has begun, the request has been acted upon: making it again could do it twice. */
    @Test
    void connection_breaksInTheAnswer_isNotTriedAgain() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(JDIST_OK);
            connection.read();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
        })) {
            client.call(HttpCall.get(peer.target(), "/"));

            IOException failure = fails(HttpCall.get(peer.target(), "/"));
            assertTrue(
                    failure.getMessage().endsWith("the connection ended before the answer was complete"),
                    failure.getMessage());
            assertEquals(1, peer.connections());
        }
    }

    @Test
    void connection_closedWhileIdle_isNotUsed() throws Exception {
        try (RawPeer peer = RawPeer.serving(
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK);
                },
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK);
                })) {
            client.call(HttpCall.get(peer.target(), "/"));
            peer.outcome(0).get(10, TimeUnit.SECONDS);

            assertEquals("ok", text(client.call(HttpCall.get(peer.target(), "/"))));
        }
    }

    @Test
    void answer_chunked_isWhole() throws Exception {
        assertEquals(
                "abcde",
                text(answerOf(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")));
    }

    @Test
    void answer_endingWithTheConnection_isWhole() throws Exception {
        assertEquals("abc", text(answerOf("HTTP/1.0 200 OK\r\n\r\nabc")));
    }

    /** A proxy may say it unasked; the answer is what follows. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"})
    void answer_provisional_isSkipped(String provisional) throws Exception {
        HttpAnswer answer = answerOf(provisional + STOCK_OK);

        assertEquals(200, answer.status());
        assertEquals("ok", text(answer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200",
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"
            })
    void answer_brokenOff_failsSayingSo(String answer) throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(answer);
        })) {
            assertEquals(
                    peer.target() + ": the connection ended before the answer was complete",
                    fails(HttpCall.get(peer.target(), "/")).getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "GARBAGE\r\n\r\n",
                "HTTP/1.1 two hundred\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void answer_notHttp_failsSayingSo(String answer) throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(answer);
            connection.readToEnd();
        })) {
            assertEquals(
                    peer.target() + ": the answer is not HTTP",
                    fails(HttpCall.get(peer.target(), "/")).getMessage());
        }
    }

    @Test
    void answer_overTheLimit_failsAndCloses() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write("HTTP/1.1 200 OK\r\nJdist-Protocol: 1\r\nContent-Length: 6\r\n\r\nabcdef");
            connection.readToEnd();
        })) {
            assertEquals(
                    peer.target() + ": the answer is over the limit of 5 bytes",
                    fails(HttpCall.get(peer.target(), "/").withMaxAnswer(5)).getMessage());
            peer.outcome(0).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void answer_atTheLimit_isTaken() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(STOCK_OK);
        })) {
            assertEquals("ok", text(client.call(HttpCall.get(peer.target(), "/").withMaxAnswer(2))));
        }
    }

    @Test
    void answer_unasked_closesTheConnection() throws Exception {
        try (RawPeer peer = RawPeer.serving(
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK + JDIST_OK);
                    connection.readToEnd();
                },
                connection -> {
                    connection.read();
                    connection.write(JDIST_OK.replace("ok", "no"));
                })) {
            client.call(HttpCall.get(peer.target(), "/"));
            peer.outcome(0).get(10, TimeUnit.SECONDS);

            assertEquals("no", text(client.call(HttpCall.get(peer.target(), "/"))));
        }
    }

    @Test
    void timeout_noAnswer_failsAndCloses() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.readToEnd();
        })) {
            assertEquals(
                    peer.target() + ": no answer within 50 milliseconds",
                    fails(HttpCall.get(peer.target(), "/").within(Duration.ofMillis(50)))
                            .getMessage());
            peer.outcome(0).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void timeout_answerThatDoesNotEnd_fails() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
            connection.readToEnd();
        })) {
            assertEquals(
                    peer.target() + ": no answer within 100 milliseconds",
                    fails(HttpCall.get(peer.target(), "/").within(Duration.ofMillis(100)))
                            .getMessage());
        }
    }

    @Test
    void cancel_callUnderWay_closesTheConnection() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            asked.countDown();
            assertEquals("", connection.readToEnd());
        })) {
            CompletableFuture<HttpAnswer> call = client.send(HttpCall.get(peer.target(), "/"));
            asked.await();
            call.cancel(false);

            peer.outcome(0).get(10, TimeUnit.SECONDS);
        }
    }

    /** A request that nobody waits for any more must not be made: it could take a place on the farm. */
    @Test
    void cancel_beforeTheConnectionIsThere_sendsNothing() throws Exception {
        CompletableFuture<String> sent = new CompletableFuture<>();
        CountDownLatch cancelled = new CountDownLatch(1);
        try (RawPeer peer = RawPeer.serving(connection -> sent.complete(connection.readToEnd()))) {
            loops.group().execute(() -> {
                try {
                    cancelled.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            CompletableFuture<HttpAnswer> call = client.send(HttpCall.get(peer.target(), "/"));
            call.cancel(false);
            cancelled.countDown();

            assertEquals("", sent.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void call_interrupted_closesTheConnection() throws Exception {
        CompletableFuture<Thread> caller = new CompletableFuture<>();
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            caller.get(10, TimeUnit.SECONDS).interrupt();
            assertEquals("", connection.readToEnd());
        })) {
            caller.complete(Thread.currentThread());

            assertThrows(InterruptedException.class, () -> client.call(HttpCall.get(peer.target(), "/")));
            peer.outcome(0).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void connect_nobodyListens_failsNamingWhoAndWhy() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        HttpTarget nobody = new HttpTarget.Scheduler(HttpUrl.parse("http://127.0.0.1:" + port));

        assertEquals(
                "scheduler http://127.0.0.1:" + port + "/: Connection refused: /127.0.0.1:" + port,
                fails(HttpCall.get(nobody, "/")).getMessage());
    }

    @Test
    void send_failing_completesWithAnIoException() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {})) {
            ExecutionException failure = assertThrows(
                    ExecutionException.class,
                    () -> client.send(HttpCall.get(peer.target(), "/")).get(10, TimeUnit.SECONDS));
            assertInstanceOf(IOException.class, failure.getCause());
        }
    }

    @Test
    void close_keptConnections_areClosed() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(JDIST_OK);
            assertEquals("", connection.readToEnd());
        })) {
            client.call(HttpCall.get(peer.target(), "/"));
            client.close();

            peer.outcome(0).get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void decode_goodAnswer_isTheMessage() throws IOException {
        SchedulerStatus status = new SchedulerStatus(1, 2, 3);

        assertEquals(status, new HttpAnswer(200, true, status.toBincode()).decode(SchedulerStatus::decode));
    }

    @Test
    void decode_error_isTheStatusWithItsText() {
        HttpStatusException failure = assertThrows(
                HttpStatusException.class,
                () -> new HttpAnswer(401, true, "Fixed token mismatch".getBytes(StandardCharsets.UTF_8))
                        .decode(SchedulerStatus::decode));

        assertEquals(401, failure.status());
        assertEquals("error 401: Fixed token mismatch", failure.getMessage());
    }

    @Test
    void decode_longError_isCut() {
        HttpStatusException failure = assertThrows(
                HttpStatusException.class,
                () -> new HttpAnswer(500, true, "x".repeat(10_000).getBytes(StandardCharsets.UTF_8))
                        .decode(SchedulerStatus::decode));
        HttpStatusException silent = assertThrows(
                HttpStatusException.class,
                () -> new HttpAnswer(502, true, new byte[0]).decode(SchedulerStatus::decode));

        assertEquals("error 500: " + "x".repeat(500) + "…", failure.getMessage());
        assertEquals("error 502", silent.getMessage());
    }

    @Test
    void decode_anotherMessage_fails() {
        IOException failure = assertThrows(
                IOException.class, () -> new HttpAnswer(200, true, new byte[3]).decode(SchedulerStatus::decode));

        assertEquals(
                "the answer is not what was expected: the message ends early: 8 bytes wanted, 3 remain",
                failure.getMessage());
    }

    @Test
    void toString_call_hidesTheToken() {
        HttpTarget target = new HttpTarget.Scheduler(HttpUrl.parse("http://[fd00::1]:5/"));
        HttpCall call = HttpCall.postBytes(target, "/p", TOKEN, new byte[0]);

        assertEquals("POST /p to scheduler http://[fd00::1]:5/", call.toString());
        assertEquals("fd00::1", target.host());
        assertEquals("[fd00::1]:5", target.authority());
    }

    private HttpAnswer answerOf(String answer) throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.read();
            connection.write(answer);
        })) {
            return client.call(HttpCall.get(peer.target(), "/"));
        }
    }

    private IOException fails(HttpCall call) {
        return assertThrows(IOException.class, () -> client.call(call));
    }

    private static String text(HttpAnswer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
