package dev.jdist.protocol.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.client.LostConnection;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports that speak TLS, and who is believed there. */
@Timeout(60)
class TlsTest {
    /** The certificate names the address alone; the port in its CN is not looked at by anybody. */
    private static final ServerId NAME = ServerId.parse("127.0.0.1:10501");

    private static final Secret TOKEN = new Secret("t");

    private final EventLoops loops = EventLoops.start(2);
    private final HttpClient client = new HttpClient(loops);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerIdentity identity;
    private HttpServer server;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        identity = ServerIdentity.create(NAME, Instant.now());
        server = serve(identity);
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        threads.shutdownNow();
        loops.close();
    }

    @Test
    void call_pinnedCertificate_works() throws Exception {
        HttpTarget builder = builder(identity.toServerCertificate());

        assertEquals("hello", text(client.call(HttpCall.get(builder, "/hello"))));
        assertEquals("hello", text(client.call(HttpCall.get(builder, "/hello"))));
        assertTrue(client.call(HttpCall.get(builder, "/hello")).fromJdist());
    }

    @Test
    void call_largeFile_arrivesWhole() throws Exception {
        Path file = directory.resolve("archive");
        Files.write(file, new byte[5_000_000]);

        HttpAnswer answer =
                client.call(HttpCall.postFile(builder(identity.toServerCertificate()), "/count", TOKEN, file));
        assertEquals("5000000", text(answer));
    }

    @Test
    void call_anotherCertificate_failsSayingSo() {
        ServerIdentity other = ServerIdentity.create(NAME, Instant.now());

        IOException failure = fails(HttpCall.get(builder(other.toServerCertificate()), "/hello"));
        assertTrue(
                failure.getMessage().contains("the builder's certificate is not the one that the scheduler named"),
                failure.getMessage());
        assertTrue(failure.getMessage().startsWith("builder 127.0.0.1:"), failure.getMessage());
    }

    /** A builder that restarted with a new certificate is believed as soon as the scheduler tells of it. */
    @Test
    void call_theRightCertificateAfterAWrongOne_works() throws Exception {
        fails(HttpCall.get(builder(ServerIdentity.create(NAME, Instant.now()).toServerCertificate()), "/hello"));

        assertEquals("hello", text(client.call(HttpCall.get(builder(identity.toServerCertificate()), "/hello"))));
    }

    /** A clock that is off must not stop a farm. */
    @Test
    void call_pinnedCertificateOutOfItsTime_works() throws Exception {
        for (Duration age : List.of(Duration.ofDays(5000), Duration.ofDays(-30))) {
            ServerIdentity strange = ServerIdentity.create(NAME, Instant.now().minus(age));
            try (HttpServer other = serve(strange)) {
                HttpTarget target = new HttpTarget.Builder(
                        new ServerId(NAME.ip(), other.address().getPort()), strange.toServerCertificate());

                assertEquals("hello", text(client.call(HttpCall.get(target, "/hello"))));
            }
        }
    }

    @Test
    void call_certificateThatIsNone_fails() {
        IOException failure =
                fails(HttpCall.get(builder(new ServerCertificate(Bytes.EMPTY, Bytes.utf8("junk"))), "/hello"));

        assertTrue(failure.getMessage().endsWith("no certificate in the PEM text"), failure.getMessage());
    }

    @Test
    void call_peerWithoutTls_failsSayingSomething() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {
            connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            connection.readToEnd();
        })) {
            HttpTarget target = new HttpTarget.Builder(
                    new ServerId(NAME.ip(), peer.target().port()), identity.toServerCertificate());

            assertSaysSomething(fails(HttpCall.get(target, "/hello")));
        }
    }

    @Test
    void call_peerHangsUpInTheHandshake_failsSayingSomething() throws Exception {
        try (RawPeer peer = RawPeer.serving(connection -> {})) {
            HttpTarget target = new HttpTarget.Builder(
                    new ServerId(NAME.ip(), peer.target().port()), identity.toServerCertificate());

            assertSaysSomething(fails(HttpCall.get(target, "/hello")));
        }
    }

    /** An error of the server, as stock clients compile locally after one; and before anything was looked at. */
    @Test
    void server_plainRequest_isToldAndTheServerGoesOn() throws Exception {
        try (RawClient plain = new RawClient(server.address())) {
            RawClient.Answer answer = plain.send(
                            "POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(50_000))
                    .read();

            assertEquals(500, answer.status());
            assertEquals(
                    "{\"description\":\"this port speaks https, and the request came by plain http: write https:// in"
                            + " place of http://\",\"cause\":null}",
                    answer.body());
            assertTrue(plain.isClosed());
        }

        assertEquals("hello", text(client.call(HttpCall.get(builder(identity.toServerCertificate()), "/hello"))));
    }

    @Test
    void call_byPlainHttpToThePortOfTls_failsSayingSo() {
        HttpTarget plain = scheduler("http", Optional.empty());

        IOException failure = assertThrows(
                IOException.class,
                () -> client.call(HttpCall.get(plain, "/hello")).decode(HeartbeatResult::decode));
        assertTrue(failure.getMessage().contains("this port speaks https"), failure.getMessage());
    }

    @Test
    void call_tlsToAPlainPort_failsSayingSo() throws Exception {
        try (HttpServer plain = HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                List.of(HttpRoute.get("/hello", exchange -> reply("hello"))))) {
            HttpTarget target = new HttpTarget.Scheduler(
                    HttpUrl.parse("https://127.0.0.1:" + plain.address().getPort()));

            IOException failure = fails(HttpCall.get(target, "/hello"));
            assertTrue(
                    failure.getMessage()
                            .endsWith(": what answers there does not speak TLS; write http:// in place of https://, or"
                                    + " switch TLS on there ([jdist] tls in the scheduler's settings)"),
                    failure.getMessage());
            assertTrue(LostConnection.tellsRemedy(failure));
        }
    }

    /** Bytes that are neither TLS nor HTTP end their own connection, and nothing else. */
    @Test
    void server_garbageInTheHandshake_endsThatConnectionAlone() throws Exception {
        SplittableRandom random = new SplittableRandom(20261201);
        byte[] hello = HexFormat.of().parseHex("16030100f8010000f40303");
        for (int round = 0; round < 200; round++) {
            byte[] garbage = new byte[random.nextInt(1, 2000)];
            random.nextBytes(garbage);
            if (round % 2 == 0) {
                System.arraycopy(hello, 0, garbage, 0, Math.min(hello.length, garbage.length));
            }
            try (RawClient hostile = new RawClient(server.address())) {
                hostile.send(garbage);
                hostile.endOutput();
                hostile.drain();
            }
        }

        assertEquals("hello", text(client.call(HttpCall.get(builder(identity.toServerCertificate()), "/hello"))));
    }

    @Test
    void call_schedulerWithACertificateOfItsOwnMaking_isNotBelievedAndItsPinTold() {
        IOException failure = fails(HttpCall.get(scheduler("https", Optional.empty()), "/hello"));

        String pin = CertificatePin.of(identity.certificate()).toString();
        assertTrue(
                failure.getMessage().contains("this machine does not trust its certificate (")
                        && failure.getMessage().contains("shows the pin " + pin + ", write it as scheduler_pin into"),
                failure.getMessage());
        assertTrue(LostConnection.tellsRemedy(failure));
    }

    @Test
    void call_pinnedScheduler_worksAndKeepsItsConnection() throws Exception {
        HttpTarget scheduler = scheduler("https", Optional.of(CertificatePin.of(identity.certificate())));

        assertEquals("hello", text(client.call(HttpCall.get(scheduler, "/hello"))));
        assertTrue(client.call(HttpCall.get(scheduler, "/hello")).fromJdist());
    }

    /** A pin is of the key: the certificate may be renewed, and name another address. */
    @Test
    void call_pinnedSchedulerWithARenewedCertificate_works() throws Exception {
        CertificatePin pin = CertificatePin.of(identity.certificate());
        ServerIdentity renewed = identity.renewed(ServerId.parse("10.9.8.7:1"), Instant.now());
        assertNotEquals(identity.certificate(), renewed.certificate());
        try (HttpServer other = serve(renewed)) {
            HttpTarget target = new HttpTarget.Scheduler(
                    HttpUrl.parse("https://127.0.0.1:" + other.address().getPort()), Optional.of(pin));

            assertEquals("hello", text(client.call(HttpCall.get(target, "/hello"))));
        }
    }

    @Test
    void call_schedulerWithAnotherKeyThanPinned_failsWithBothDigestsAndTheFile() {
        String wrong = "sha256:" + "5a".repeat(32);
        HttpTarget scheduler =
                scheduler("https", Optional.of(CertificatePin.parse(wrong, "[jdist] scheduler_pin in /etc/s.conf:9")));

        IOException failure = fails(HttpCall.get(scheduler, "/hello"));
        assertEquals(
                scheduler + ": its certificate has the pin " + CertificatePin.of(identity.certificate())
                        + ", but [jdist] scheduler_pin in /etc/s.conf:9 is " + wrong + "; if `jdist doctor` on the"
                        + " scheduler's machine shows the first one, write that, else something else answers in the"
                        + " scheduler's place",
                failure.getMessage());
        assertTrue(LostConnection.tellsRemedy(failure));
    }

    /** What a stock client does: trust exactly this PEM, and check the address against it. */
    @Test
    void server_strictClientOfAnotherMake_believesTheCertificateForItsAddress() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry(
                "builder",
                ServerIdentity.parseCertificate(identity.toServerCertificate().pem()));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        URL url = new URL("https://127.0.0.1:" + server.address().getPort() + "/hello");
        HttpsURLConnection connection = (HttpsURLConnection) url.openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());

        assertEquals("hello", new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private HttpServer serve(ServerIdentity shown) throws IOException {
        return HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.of(Tls.server(shown)),
                List.of(
                        HttpRoute.get("/hello", exchange -> reply("hello")),
                        HttpRoute.postStream(
                                "/count",
                                HttpRoute.Gate.OPEN,
                                threads,
                                Pace.OF_TOOLCHAIN,
                                (exchange, body) -> reply("" + body.readAllBytes().length))));
    }

    private HttpTarget builder(ServerCertificate certificate) {
        return new HttpTarget.Builder(new ServerId(NAME.ip(), server.address().getPort()), certificate);
    }

    private HttpTarget.Scheduler scheduler(String scheme, Optional<CertificatePin> pin) {
        return new HttpTarget.Scheduler(
                HttpUrl.parse(scheme + "://127.0.0.1:" + server.address().getPort()), pin);
    }

    private IOException fails(HttpCall call) {
        return assertThrows(IOException.class, () -> client.call(call));
    }

    private static void assertSaysSomething(IOException failure) {
        assertFalse(failure.getMessage().endsWith("null"), failure.getMessage());
    }

    private static HttpReply reply(String text) {
        return new HttpReply(200, "text/plain", Map.of(), text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(HttpAnswer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }
}
