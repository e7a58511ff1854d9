package dev.jdist.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.protocol.testing.FreePorts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A real login server on loopback: Keycloak, from the folder that the system property {@code jdist.keycloak} names, with
 * everything in memory. It has one person and three clients, which differ in how they log in and in the keys that sign
 * their tokens.
 */
public final class Keycloak implements AutoCloseable {
    static final String PERSON = "dev";
    static final String PASSWORD = "correct horse";
    public static final String AUDIENCE = "the-farm";

    private static final long TIMEOUT_SECONDS = 180;
    private static final String ADMIN = "admin";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String CLIENT = """
            {"clientId": "%s", "publicClient": true, "standardFlowEnabled": %s, "implicitFlowEnabled": %s,
             "redirectUris": ["http://localhost:12731/redirect", "http://localhost:32492/redirect",
                              "http://localhost:56909/redirect"],
             "attributes": {"access.token.signed.response.alg": "%s"%s},
             "protocolMappers": [{"name": "audience", "protocol": "openid-connect",
                 "protocolMapper": "oidc-audience-mapper",
                 "config": {"included.custom.audience": "%s", "access.token.claim": "true"}}]}
            """;

    private static final String REALM = """
            {"realm": "farm", "enabled": true, "accessTokenLifespan": 864000,
             "accessTokenLifespanForImplicitFlow": 864000, "ssoSessionMaxLifespan": 864000,
             "users": [{"username": "%s", "enabled": true, "emailVerified": true, "firstName": "D", "lastName": "V",
                        "email": "dev@example.com", "credentials": [{"type": "password", "value": "%s"}]}],
             "clients": [%s, %s, %s]}
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;
    private final Process process;

    public Keycloak(Path directory) throws IOException, InterruptedException {
        String home = System.getProperty("jdist.keycloak");
        assertNotNull(home, "no login server: run scripts/check auth");
        port = FreePorts.next();
        Path log = directory.resolve("keycloak.out");
        ProcessBuilder builder = new ProcessBuilder(
                home + "/bin/kc.sh",
                "start-dev",
                "--db=dev-mem",
                "--cache=local",
                "--http-host=127.0.0.1",
                "--http-port=" + port);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN);
        builder.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN);
        builder.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            awaitStart(log);
            createRealm();
        } catch (IOException | InterruptedException | AssertionError e) {
            close();
            throw e;
        }
    }

    private void awaitStart(Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (!Files.readString(log).contains("Listening on: ")) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                fail("Keycloak does not start:\n" + Files.readString(log));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private void createRealm() throws IOException, InterruptedException {
        String pkce = ", \"pkce.code.challenge.method\": \"S256\"";
        admin(
                "POST",
                "",
                REALM.formatted(
                        PERSON,
                        PASSWORD,
                        CLIENT.formatted("rsa", true, false, "RS256", pkce, AUDIENCE),
                        CLIENT.formatted("ec", true, false, "ES256", pkce, AUDIENCE),
                        CLIENT.formatted("implicit", false, true, "RS256", "", AUDIENCE)));
        addKey("ecdsa-generated", 100);
    }

    /** From now on, tokens are signed with a key that nobody knows yet. */
    public void changeRsaKey() throws IOException, InterruptedException {
        addKey("rsa-generated", 1000);
    }

    private void addKey(String kind, int priority) throws IOException, InterruptedException {
        admin("POST", "/farm/components", """
                {"name": "%s-%d", "providerId": "%s", "providerType": "org.keycloak.keys.KeyProvider",
                 "config": {"priority": ["%d"], "enabled": ["true"], "active": ["true"]}}
                """.formatted(kind, priority, kind, priority));
    }

    /** Ends all sessions of the person, after which the server does not stand by their tokens any more. */
    public void logOut() throws IOException, InterruptedException {
        String id = admin("GET", "/farm/users?username=" + PERSON, "")
                .get(0)
                .get("id")
                .asText();
        admin("POST", "/farm/users/" + id + "/logout", "");
    }

    public String issuer() {
        return "http://127.0.0.1:" + port + "/realms/farm";
    }

    /** One of the addresses that every OpenID Connect server has; Keycloak calls them so. */
    public String endpoint(String name) {
        return issuer() + "/protocol/openid-connect/" + name;
    }

    private JsonNode admin(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest login = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/realms/master/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(
                        "grant_type=password&client_id=admin-cli&username=" + ADMIN + "&password=" + ADMIN))
                .build();
        String token = JSON.readTree(send(login).body()).get("access_token").asText();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/admin/realms" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return JSON.readTree(send(request).body());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        assertEquals(2, response.statusCode() / 100, request + ": " + response.body());
        return response;
    }

    @Override
    public void close() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "Keycloak does not end");
    }
}
