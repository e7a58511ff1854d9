package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.http.server.Accept;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Fuzz;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes in from the network before anybody has shown a token. */
class HttpFuzzTest {
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\n";

    @TempDir
    private Path directory;

    @Test
    void accept_anyHeader_isOneOfTwo() {
        List<String> samples = List.of("application/json;q=0.5, application/octet-stream;q=0.4", "*/*", "text/html");
        Fuzz.text(0.3, samples, Accept::prefer);
    }

    @Test
    void match_anyPath_isParameterOrNothing() {
        HttpRoute route = HttpRoute.get("/a/", exchange -> HttpReply.empty(200));
        Fuzz.text(0.3, List.of("/a/b?c=d", "/a/%5Bfd00::1%5D:5"), path -> route.match("GET", path));
    }

    /** Whatever comes, the server closes the connection once the client has had its say, and serves the next. */
    @Test
    void server_anyBytes_areAnsweredOrCutOff() throws Exception {
        List<byte[]> samples = List.of(
                bytes("GET /hello HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\r\n"),
                bytes(POST + "Content-Length: 10\r\n\r\n\2\0\0\0\0\0\0\0ab"),
                bytes(POST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                bytes("POST /stream HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde"),
                bytes("POST /spool HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n"));
        AtomicInteger files = new AtomicInteger();
        // No memory: each body takes a file.
        Spools spools = new Spools(
                () -> directory.resolve("spool-" + files.incrementAndGet()), new Spools.Limits(0, 1 << 20, 1 << 20));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (EventLoops loops = EventLoops.start(1);
                HttpServer server = HttpServer.start(
                        loops,
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.empty(),
                        List.of(
                                HttpRoute.get("/hello", exchange -> exchange.reply(new Toolchain("hi"))),
                                HttpRoute.post(
                                        "/echo",
                                        HttpRoute.Gate.OPEN,
                                        Toolchain::decode,
                                        (exchange, message) ->
                                                CompletableFuture.completedFuture(exchange.reply(message))),
                                HttpRoute.postStream(
                                        "/stream",
                                        HttpRoute.Gate.OPEN,
                                        threads,
                                        Pace.OF_TOOLCHAIN,
                                        (exchange, body) -> {
                                            body.readAllBytes();
                                            return HttpReply.empty(200);
                                        }),
                                HttpRoute.postSpooled(
                                        "/spool",
                                        HttpRoute.Gate.OPEN,
                                        threads,
                                        new HttpRoute.Intake(spools, 10, Pace.OF_JOB),
                                        (exchange, body) -> HttpReply.empty(200))))) {
            // A client that goes at once may be gone before its body comes to a file: on a busy machine, each one is.
            try (RawClient client = new RawClient(server.address())) {
                assertEquals(200, client.send(samples.get(4)).read().status());
            }
            Fuzz.bytes(1, samples, input -> {
                try (RawClient client = new RawClient(server.address())) {
                    sendAndDrain(client, input);
                }
                try (RawClient client = new RawClient(server.address())) {
                    assertEquals(200, client.send(samples.get(0)).read().status());
                }
            });
        } finally {
            threads.shutdownNow();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
            spools.close();
        }
        assertTrue(files.get() > 0, "no body came to a file");
        assertEquals(0, spools.used());
    }

    private static void sendAndDrain(RawClient client, byte[] input) throws Exception {
        try {
            client.send(input);
            client.endOutput();
            client.drain();
        } catch (java.net.SocketException | EOFException e) {
            // Cut off in the middle, which is an answer too.
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
