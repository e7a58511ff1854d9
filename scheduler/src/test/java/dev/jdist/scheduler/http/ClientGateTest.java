package dev.jdist.scheduler.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpServer;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.scheduler.auth.LoginServerKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients at the door of a real scheduler, which asks a real web server about them. */
@Timeout(60)
class ClientGateTest {
    private final AtomicReference<String> authorization = new AtomicReference<>("");
    private HttpServer login;

    @BeforeEach
    void startLoginServer() throws IOException {
        login = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        login.createContext("/userinfo", exchange -> {
            authorization.set(exchange.getRequestHeaders().getFirst("Authorization"));
            int status = authorization.get().equals("Bearer good") ? 200 : 401;
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        login.createContext("/keys", exchange -> {
            byte[] document = LoginServerKeys.document().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, document.length);
            exchange.getResponseBody().write(document);
            exchange.close();
        });
        login.start();
    }

    @AfterEach
    void stopLoginServer() {
        login.stop(0);
    }

    @Test
    void allocJob_underProxyToken_isForThoseWhomTheServerTakes() throws Exception {
        // By name: names are looked up elsewhere than addresses.
        String auth = "type = \"proxy_token\", url = \"" + url("localhost", "/userinfo") + "\"";
        try (SchedulerServer scheduler = scheduler(auth)) {
            assertTrue(allocJob(scheduler, "good").body().contains("Fail"), "a farm without builders has no place");
            assertEquals("Bearer good", authorization.get());

            HttpResponse<String> refused = allocJob(scheduler, "bad");
            assertEquals(401, refused.statusCode());
            assertEquals("Validation with token forwarding failed", refused.body());
            assertEquals(
                    "Bearer error=\"bearer_auth_failed\"",
                    refused.headers().firstValue("WWW-Authenticate").orElseThrow());

            login.stop(0);
            assertEquals(503, allocJob(scheduler, "good").statusCode());
        }
    }

    @Test
    void allocJob_underJwtValidate_isForThoseWithASignedToken() throws Exception {
        String auth = jwtValidate(url("127.0.0.1", "/keys"));
        try (SchedulerServer scheduler = scheduler(auth)) {
            assertEquals(200, allocJob(scheduler, token("farm")).statusCode());
            assertEquals(401, allocJob(scheduler, token("other")).statusCode());
            assertEquals(401, allocJob(scheduler, "abc").statusCode());
        }
    }

    @Test
    void scheduler_underJwtValidate_startsBeforeTheLoginServer() throws Exception {
        int port = login.getAddress().getPort();
        login.stop(0);
        String auth = jwtValidate(HttpUrl.parse("http://127.0.0.1:" + port + "/keys"));
        try (SchedulerServer scheduler = scheduler(auth)) {
            assertEquals(503, allocJob(scheduler, token("farm")).statusCode());
        }
    }

    @Test
    void scheduler_withAnAddressThatHoldsNoKeys_doesNotStart() {
        String auth = jwtValidate(url("127.0.0.1", "/nothing"));

        StartupException refusal = assertThrows(StartupException.class, () -> scheduler(auth));
        assertTrue(refusal.getMessage().contains("/nothing answers 404"), refusal.getMessage());
    }

    private HttpUrl url(String host, String path) {
        return HttpUrl.parse("http://" + host + ":" + login.getAddress().getPort() + path);
    }

    private static String jwtValidate(HttpUrl keys) {
        return "type = \"jwt_validate\", audience = \"farm\", issuer = \"me\", jwks_url = \"" + keys + "\"";
    }

    /** @param auth what stands in the table {@code client_auth} */
    private static SchedulerServer scheduler(String auth) throws Exception {
        String settings = """
                public_addr = "127.0.0.1:0"
                client_auth = { %s }
                server_auth = { type = "DANGEROUSLY_INSECURE" }
                """.formatted(auth);
        return SchedulerServer.start(SchedulerConfig.from(ConfigTable.parse("scheduler.conf", settings)));
    }

    private static String token(String audience) {
        return LoginServerKeys.sign(
                LoginServerKeys.RSA,
                JWSAlgorithm.RS256,
                "JWT",
                new JWTClaimsSet.Builder()
                        .audience(audience)
                        .issuer("me")
                        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                        .build());
    }

    private static HttpResponse<String> allocJob(SchedulerServer scheduler, String token) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + scheduler.address().getPort() + "/api/v1/scheduler/alloc_job");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/octet-stream")
                .header("Accept", "application/json")
                .POST(BodyPublishers.ofByteArray(new Toolchain("00".repeat(32)).toBincode()))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
