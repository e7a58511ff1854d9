package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.RawClient;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.WireLimits;
import io.netty.handler.codec.DateFormatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests with small bodies, good and hostile, from raw sockets. */
@Timeout(60)
class HttpServerTest {
    private static final String TOOLCHAIN_BODY = "\2\0\0\0\0\0\0\0ab";
    private static final String GOOD = post("/echo", TOOLCHAIN_BODY, "Content-Type: application/octet-stream");

    private final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();
    private final BlockingQueue<HttpExchange> seen = new LinkedBlockingQueue<>();
    private final BlockingQueue<CompletableFuture<Optional<HttpReply>>> undecided = new LinkedBlockingQueue<>();
    private final CompletableFuture<HttpReply> heldReply = new CompletableFuture<>();
    private EventLoops loops;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        loops = EventLoops.start(1);
        server = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(
                        HttpRoute.get("/status", exchange -> exchange.reply(new SchedulerStatus(1, 2, 3))),
                        HttpRoute.get("/item/", exchange -> {
                            seen.add(exchange);
                            return text(exchange.parameter());
                        }),
                        HttpRoute.get("/broken", exchange -> {
                            throw new IllegalStateException("out of order");
                        }),
                        HttpRoute.post(
                                "/echo",
                                HttpRoute.Gate.OPEN,
                                Toolchain::decode,
                                (exchange, message) -> CompletableFuture.completedFuture(text(message.archiveId()))),
                        HttpRoute.post("/held", HttpRoute.Gate.OPEN, Toolchain::decode, (exchange, message) -> {
                            held.add(exchange);
                            return heldReply;
                        }),
                        HttpRoute.post(
                                "/gated",
                                HttpRoute.Gate.atOnce(
                                        exchange -> exchange.bearerToken().isPresent()
                                                ? Optional.empty()
                                                : Optional.of(HttpReply.unauthorized("no_token", "show a token"))),
                                Toolchain::decode,
                                (exchange, message) -> CompletableFuture.completedFuture(text("in"))),
                        new HttpRoute(
                                "POST",
                                "/slow",
                                exchange -> {
                                    CompletableFuture<Optional<HttpReply>> decision = new CompletableFuture<>();
                                    undecided.add(decision);
                                    return decision;
                                },
                                new HttpRoute.Small(
                                        (exchange, body) -> CompletableFuture.completedFuture(text("" + body.length)))),
                        new HttpRoute(
                                "POST",
                                "/size",
                                HttpRoute.Gate.OPEN,
                                new HttpRoute.Small((exchange, body) ->
                                        CompletableFuture.completedFuture(text("" + body.length))))));
    }

    @AfterEach
    void stop() {
        server.close();
        loops.close();
    }

    @Test
    void get_knownPath_isAnswered() throws IOException {
        RawClient.Answer answer = ask(get("/status", "Accept: application/json"));

        assertEquals(200, answer.status());
        assertEquals("{\"num_servers\":1,\"num_cpus\":2,\"in_progress\":3}", answer.body());
        assertEquals("application/json; charset=utf-8", answer.headers().get("content-type"));
        assertEquals("1", answer.headers().get("jdist-protocol"));
        Date date = DateFormatter.parseHttpDate(answer.headers().get("date"));
        assertTrue(Math.abs(Duration.between(date.toInstant(), Instant.now()).toMinutes()) < 10, "" + date);
    }

    @Test
    void get_noPreference_isBincode() throws IOException {
        RawClient.Answer answer = ask(get("/status"));

        assertEquals("application/octet-stream", answer.headers().get("content-type"));
        assertEquals("24", answer.headers().get("content-length"));
        assertEquals("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0", answer.body());
    }

    @Test
    void get_parameter_reachesTheHandler() throws IOException {
        assertEquals("[fd00::1]:5", ask(get("/item/[fd00::1]:5")).body());
        assertEquals("7", ask(get("/item/7?verbose")).body());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nothing", "/item/", "/status/", "/Status", "/held", "*", "/a/../status"})
    void get_unknownPath_is404WithoutBody(String path) throws IOException {
        RawClient.Answer answer = ask(get(path));

        assertEquals(404, answer.status());
        assertEquals("", answer.body());
        assertNull(answer.headers().get("content-type"));
    }

    @Test
    void post_toAQuestion_is404() throws IOException {
        assertEquals(404, ask(post("/status", "x")).status());
        assertEquals(404, ask("DELETE /status HTTP/1.1\r\nHost: h\r\n\r\n").status());
    }

    @Test
    void exchange_headers_areToldToTheHandler() throws Exception {
        ask(get("/item/1", "Authorization: Bearer ip:port to ken", "X-Real-IP: 1.2.3.4", "jdist-protocol: 1"));
        HttpExchange exchange = seen.poll(10, TimeUnit.SECONDS);

        assertEquals(Optional.of("ip:port to ken"), exchange.bearerToken());
        assertEquals(Optional.of("1.2.3.4"), exchange.header("x-real-ip"));
        assertEquals(Optional.empty(), exchange.header("absent"));
        assertTrue(exchange.isFromJdist());
        assertTrue(exchange.remoteAddress().isLoopbackAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Authorization: Basic eA==", "Authorization: bearer x", "Authorization: Bearer", "X: y"})
    void exchange_otherAuthorization_isNoToken(String header) throws Exception {
        ask(get("/item/1", header));

        assertEquals(Optional.empty(), seen.poll(10, TimeUnit.SECONDS).bearerToken());
    }

    @Test
    void post_goodMessage_isAnswered() throws IOException {
        assertEquals("ab", ask(GOOD).body());
    }

    @Test
    void post_chunkedInPieces_isAnswered() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    + "application/octet-stream\r\n\r\n");
            for (char next : TOOLCHAIN_BODY.toCharArray()) {
                client.send("1\r\n" + next + "\r\n");
            }
            assertEquals("ab", client.send("0\r\n\r\n").read().body());
        }
    }

    @Test
    void post_everyByteAlone_isAnswered() throws IOException {
        try (RawClient client = client()) {
            for (char next : GOOD.toCharArray()) {
                client.send(String.valueOf(next));
            }
            assertEquals("ab", client.read().body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: application/json", "Content-Type: text/plain", "X: y", "Content-Type:"})
    void post_otherContentType_is400(String type) throws IOException {
        RawClient.Answer answer = ask(post("/echo", TOOLCHAIN_BODY, type));

        assertEquals(400, answer.status());
        assertEquals(
                "{\"description\":\"the request didn't have a binary content type\",\"cause\":null}", answer.body());
    }

    @Test
    void post_contentTypeWithParameter_isTaken() throws IOException {
        assertEquals(
                200,
                ask(post("/echo", TOOLCHAIN_BODY, "Content-Type: application/octet-stream; x=y"))
                        .status());
    }

    @Test
    void post_undecodableBody_is400WithTheCause() throws IOException {
        RawClient.Answer answer = ask(post("/echo", "x", "Content-Type: application/octet-stream"));

        assertEquals(400, answer.status());
        assertEquals(
                "{\"description\":\"error while parsing the bincode body\",\"cause\":{\"description\":\"the message"
                        + " ends early: 8 bytes wanted, 1 remain\",\"cause\":null}}",
                answer.body());
    }

    @Test
    void post_noBody_is400() throws IOException {
        assertEquals(
                400,
                ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\n\r\n")
                        .status());
    }

    @Test
    void post_bodyAtTheLimit_isTaken() throws IOException {
        assertEquals(
                "" + WireLimits.SMALL_BODY,
                ask(post("/size", "x".repeat(WireLimits.SMALL_BODY))).body());
    }

    @Test
    void post_bodyOverTheLimit_is400() throws IOException {
        RawClient.Answer answer = ask(post("/size", "x".repeat(WireLimits.SMALL_BODY + 1)));

        assertEquals(400, answer.status());
        assertEquals("{\"description\":\"the body is over the limit of 1048576 bytes\",\"cause\":null}", answer.body());
    }

    /** The rest of a body that is too long is not waited for. */
    @Test
    void post_endlessBody_is400WhileItComes() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\n");
            client.send(new byte[WireLimits.SMALL_BODY + 1]);

            assertEquals(400, client.read().status());
            assertTrue(client.isClosed());
        }
    }

    @Test
    void gate_refusal_comesBeforeTheBody() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /gated HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
            RawClient.Answer answer = client.read();

            assertEquals(401, answer.status());
            assertEquals("Bearer error=\"no_token\"", answer.headers().get("www-authenticate"));
            assertEquals("show a token", answer.body());
            client.send("0123456789");
            assertTrue(client.isClosed());
        }
    }

    @Test
    void gate_refusalOfAnExpectation_doesNotAskForTheBody() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /gated HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");

            assertEquals(401, client.read().status());
        }
    }

    @Test
    void gate_passed_letsTheBodyIn() throws IOException {
        RawClient.Answer answer = ask(
                post("/gated", TOOLCHAIN_BODY, "Content-Type: application/octet-stream", "Authorization: Bearer x"));

        assertEquals("in", answer.body());
    }

    @Test
    void gate_thatTakesItsTime_findsTheWholeBodyAfterwardsAndTheConnectionGoesOn() throws Exception {
        byte[] body = new byte[WireLimits.SMALL_BODY];
        try (RawClient client = client()) {
            for (int i = 0; i < 2; i++) {
                client.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
                CompletableFuture<Optional<HttpReply>> decision = undecided.poll(10, TimeUnit.SECONDS);
                CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                    try {
                        client.send(body);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                decision.complete(Optional.empty());

                assertEquals("" + body.length, client.read().body());
                sending.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void get_query_reachesTheHandlerAsItWasSent() throws Exception {
        ask(get("/item/7?code=a%2Fb&state=" + "s".repeat(8000)));
        HttpExchange exchange = seen.poll(10, TimeUnit.SECONDS);

        assertEquals("code=a%2Fb&state=" + "s".repeat(8000), exchange.query());
        ask(get("/item/7"));
        assertEquals("", seen.poll(10, TimeUnit.SECONDS).query());
    }

    @Test
    void post_expectingContinue_isToldToGoOn() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(100, client.read().status());
            client.send("abc");

            assertEquals("3", client.read().body());
        }
    }

    @Test
    void handler_throws_is500WithDescription() throws IOException {
        RawClient.Answer answer = ask(get("/broken"));

        assertEquals(500, answer.status());
        assertEquals("{\"description\":\"out of order\",\"cause\":null}", answer.body());
        assertEquals(200, ask(get("/status")).status());
    }

    @Test
    void handler_failsLater_is500() throws Exception {
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            held.poll(10, TimeUnit.SECONDS);
            heldReply.completeExceptionally(new CompletionException(new IOException("later")));

            RawClient.Answer answer = client.read();
            assertEquals(500, answer.status());
            assertEquals("{\"description\":\"later\",\"cause\":null}", answer.body());
        }
    }

    @Test
    void handler_requestException_isItsAnswer() throws Exception {
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            held.poll(10, TimeUnit.SECONDS);
            heldReply.completeExceptionally(new RequestException(418, "no", "because"));

            RawClient.Answer answer = client.read();
            assertEquals(418, answer.status());
            assertEquals(
                    "{\"description\":\"no\",\"cause\":{\"description\":\"because\",\"cause\":null}}", answer.body());
        }
    }

    @Test
    void connection_kept_servesAnotherRequest() throws IOException {
        try (RawClient client = client()) {
            for (int i = 0; i < 3; i++) {
                assertEquals("" + i, client.send(get("/item/" + i)).read().body());
                assertEquals("ab", client.send(GOOD).read().body());
                assertEquals(404, client.send(get("/nothing")).read().status());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /status HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                "GET /status HTTP/1.0\r\n\r\n",
                "GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"
            })
    void connection_toBeClosed_isClosed(String request) throws IOException {
        try (RawClient client = client()) {
            assertEquals("close", client.send(request).read().headers().get("connection"));
            assertTrue(client.isClosed());
        }
    }

    static List<String> malformed() {
        return List.of(
                "\r\n\r\n\r\n\0",
                "GARBAGE\r\n\r\n",
                "GET\r\n\r\n",
                "GET /status\r\n\r\n",
                "GET /status HTTP/x\r\n\r\n",
                "\u0016\3\1\2\0\1\0\1\u00fc\3\3" + "x".repeat(50) + "\r\n\r\n",
                "GET /" + "x".repeat(17_000) + " HTTP/1.1\r\n\r\n",
                "GET /status HTTP/1.1\r\nHost: h\r\nLong: " + "x".repeat(17_000) + "\r\n\r\n",
                "GET /status HTTP/1.1\r\n" + "A: b\r\n".repeat(5000) + "\r\n",
                "GET /status HTTP/1.1\r\nno colon\r\n\r\n",
                "GET /status HTTP/1.1\r\n: no name\r\n\r\n",
                "GET /status HTTP/1.1\r\nbad name: x\r\n\r\n",
                "GET /status HTTP/1.1\r\nNul: a\0b\r\n\r\n",
                "POST /size HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST /size HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                "POST /size HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "POST /size HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
                "POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
                "POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n\r\n",
                "POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + "1".repeat(5000) + "\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void request_malformed_is400AndClosesAndTheServerGoesOn(String request) throws IOException {
        try (RawClient client = client()) {
            assertEquals(400, client.send(request).read().status());
            assertTrue(client.isClosed());
        }
        assertEquals(200, ask(get("/status")).status());
    }

    /** Two answers on one connection would be taken for the answers to two requests. */
    @Test
    void request_malformedBodyAfterTheAnswer_isNotAnsweredTwice() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /nothing HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertEquals(404, client.read().status());
            client.send("zz\r\n\r\n");

            assertTrue(client.isClosed());
        }
    }

    @Test
    void request_bodyBreaksOff_isForgotten() throws IOException {
        try (RawClient client = client()) {
            client.send("POST /held HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
                    .endOutput();
            assertTrue(client.isClosed());
        }
        assertEquals(200, ask(get("/status")).status());
        assertTrue(held.isEmpty());
    }

    @Test
    void client_gone_isToldToTheHandler() throws Exception {
        HttpExchange exchange;
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            exchange = held.poll(10, TimeUnit.SECONDS);
            assertFalse(exchange.disconnected().isDone());
        }
        exchange.disconnected().get(10, TimeUnit.SECONDS);
        heldReply.complete(text("too late"));
        assertEquals(200, ask(get("/status")).status());
    }

    @Test
    void client_answered_isNotToldAsGone() throws Exception {
        HttpExchange exchange;
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            exchange = held.poll(10, TimeUnit.SECONDS);
            heldReply.complete(text("done"));
            assertEquals("done", client.read().body());
        }
        ask(get("/status"));
        assertFalse(exchange.disconnected().isDone());
    }

    /** Whoever does not wait for an answer does not get it; the handler must not go on for nobody. */
    @ParameterizedTest
    @ValueSource(strings = {"GET /status HTTP/1.1\r\nHost: h\r\n\r\n", "GARBAGE\r\n\r\n"})
    void client_sendingMoreBeforeTheAnswer_isCutOffAndToldAsGone(String more) throws Exception {
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            HttpExchange exchange = held.poll(10, TimeUnit.SECONDS);
            client.send(more);

            exchange.disconnected().get(10, TimeUnit.SECONDS);
            assertTrue(client.isClosed());
        }
    }

    @Test
    void stopAccepting_openConnection_isStillServed() throws Exception {
        try (RawClient client = client()) {
            client.send(GOOD.replace("/echo", "/held"));
            held.poll(10, TimeUnit.SECONDS);
            server.stopAccepting();

            assertRefused();
            heldReply.complete(text("still"));
            assertEquals("still", client.read().body());
        }
    }

    @Test
    void close_openConnections_areClosed() throws Exception {
        try (RawClient client = client()) {
            client.send(get("/status")).read();
            server.close();

            assertTrue(client.isClosed());
        }
    }

    @Test
    void start_portTaken_saysWhatToDo() {
        InetSocketAddress taken = server.address();
        IOException refusal =
                assertThrows(IOException.class, () -> HttpServer.start(loops, taken, Optional.empty(), List.of()));

        assertEquals(
                "cannot listen on 127.0.0.1:" + taken.getPort()
                        + ": another program has this port; stop it (`ss -ltnp | grep " + taken.getPort()
                        + "` shows it) or choose another port",
                refusal.getMessage());
    }

    @Test
    void start_addressOfAnotherMachine_saysWhatToDo() {
        // From a block that is reserved: no machine has it, not even in a test network of addresses for documentation.
        InetSocketAddress elsewhere = new InetSocketAddress("240.0.0.1", 0);
        IOException refusal =
                assertThrows(IOException.class, () -> HttpServer.start(loops, elsewhere, Optional.empty(), List.of()));

        assertEquals(
                "cannot listen on 240.0.0.1:0: this machine has no such address (`ip addr` shows those it has)",
                refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"Connection: keep-alive, true", "X: y, true", "Connection: close, false"})
    void answer_tellsWhetherTheConnectionStays(String header, boolean stays) throws IOException {
        RawClient.Answer answer = ask(get("/status", header));

        assertEquals(stays, !"close".equals(answer.headers().get("connection")));
    }

    /** A connection that comes in while the listener closes may be made, and is then cut at once. */
    private void assertRefused() throws IOException {
        try (RawClient late = client()) {
            assertTrue(late.isClosed());
        } catch (ConnectException e) {
            // The usual way.
        }
    }

    private RawClient client() throws IOException {
        return new RawClient(server.address());
    }

    private RawClient.Answer ask(String request) throws IOException {
        try (RawClient client = client()) {
            return client.send(request).read();
        }
    }

    private static String get(String path, String... headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + lines(headers) + "\r\n";
    }

    private static String post(String path, String body, String... headers) {
        return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length() + "\r\n" + lines(headers)
                + "\r\n" + body;
    }

    private static String lines(String... headers) {
        StringBuilder lines = new StringBuilder();
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        return lines.toString();
    }

    private static HttpReply text(String text) {
        return new HttpReply(200, "text/plain", java.util.Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }
}
