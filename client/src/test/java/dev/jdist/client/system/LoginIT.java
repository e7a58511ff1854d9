package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.Browser;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.Keycloak;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.protocol.testing.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Farms whose clients log in at a real login server. {@code scripts/check auth} runs this. */
@Tag("login-server")
@Timeout(600)
class LoginIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long TIMEOUT_SECONDS = 240;

    @TempDir
    static Path common;

    private static Keycloak keycloak;

    @TempDir
    Path directory;

    private final Browser browser = new Browser();
    private Farm farm;

    @BeforeAll
    static void startLoginServer() throws IOException, InterruptedException {
        keycloak = new Keycloak(common);
    }

    @AfterAll
    static void stopLoginServer() throws InterruptedException {
        keycloak.close();
    }

    @BeforeEach
    void prepare() throws IOException {
        farm = new Farm(directory, PackedToolchains.directory());
        Files.writeString(directory.resolve("a.c"), "int a(void) { return 1; }\n");
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void codeGrant_underJwtValidate_letsTheClientIn(String client) throws Exception {
        startFarm(jwtValidate(), codeGrant(client));
        farm.expectWarning("compiling locally: " + directory.resolve("cached-config") + " has no token for ");

        Result first = compile();
        assertEquals(
                "jdist: warning: nobody has logged in to the farm, so everything is compiled here; run jdist --dist-auth\n",
                first.stderr());
        assertEquals("", compile().stderr());
        assertEquals(
                "{\"NotConnected\":[\"" + farm.schedulerUrl() + "/\",\"enabled, auth not configured\"]}\n",
                farm.run(directory, List.of("--dist-status")).stdout());
        assertEquals(0, distributed());

        try (DistAuth login = new DistAuth(farm.jdist())) {
            Browser.Page end = browser.logIn(login.origin());
            assertEquals(200, end.status());
            assertTrue(end.text().contains("You are logged in"), end.text());
            assertEquals("Saved token", login.end());
        }
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("cached-config"))));
        // The daemon is still the same.
        compile();
        assertEquals(1, distributed());
    }

    @Test
    void implicit_underProxyToken_letsTheClientInUntilTheServerWithdrawsTheToken() throws Exception {
        startFarm(
                "type = \"proxy_token\"\nurl = \"" + keycloak.endpoint("userinfo") + "\"\ncache_secs = 1", implicit());
        farm.expectWarning("has no token for ");

        try (DistAuth login = new DistAuth(farm.jdist())) {
            Browser.Page handOver = browser.logIn(login.origin());
            assertEquals("/redirect", handOver.address().getPath());
            assertEquals(
                    "You are logged in\nYou can close this page; jdist goes on in the terminal.\n/redirect\n",
                    Browser.runScript(handOver, directory));
            assertEquals("Saved token", login.end());
        }
        compile();
        assertEquals(1, distributed());

        keycloak.logOut();
        farm.expectWarning("refuses the token of the last login; run `jdist --dist-auth` to get a new one");
        farm.expectWarning("was refused: " + keycloak.endpoint("userinfo") + " answers 401");
        awaitLocalCompile();
    }

    @Test
    void token_signedWithANewKey_isTakenByASchedulerThatKnowsTheOldOnes() throws Exception {
        startFarm(jwtValidate(), codeGrant("rsa"));
        farm.expectWarning("has no token for ");
        logIn();
        compile();
        assertEquals(1, distributed());

        keycloak.changeRsaKey();
        // The scheduler does not ask for keys all the time, and clients leave it alone for a while after a refusal.
        farm.expectWarning("was refused: the login server has no key with the name in its token");
        farm.expectWarning("refuses the token of the last login");
        logIn();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (distributed() < 2) {
            assertTrue(System.nanoTime() < deadline, "the scheduler does not learn the new key");
            compile();
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    @Test
    void token_forAnotherAudience_isRefusedAndTheUnitCompiledHere() throws Exception {
        startFarm(jwtValidate().replace(Keycloak.AUDIENCE, "another-farm"), codeGrant("rsa"));
        farm.expectWarning("has no token for ");
        farm.expectWarning("was refused: JWT aud claim");
        farm.expectWarning("refuses the token of the last login; run `jdist --dist-auth` to get a new one");
        logIn();

        assertEquals("", compile().stderr());
        assertEquals(0, distributed());
    }

    /** Both programs read and write the same file. */
    @Test
    void login_withOneProgram_servesTheOther() throws Exception {
        String program = System.getProperty("jdist.sccache", "");
        assumeTrue(!program.isEmpty(), "the real sccache is not there");
        Path sccache = Path.of(program);
        farm.shareSettingsWithSccache();
        startFarm(jwtValidate(), codeGrant("rsa"));
        farm.expectWarning("has no token for ");
        logIn();
        assertStockCompilesRemotely(sccache);

        // Keycloak takes no JSON, so the real one can only log in by the implicit grant.
        farm.writeClientConfigWithAuth(implicit(), "");
        restartClient();
        try (DistAuth login = new DistAuth(sccache)) {
            String origin = login.origin();
            URI loginUrl = URI.create(JSON.readTree(browser.get(URI.create(origin + "/auth_detail.json"))
                            .text())
                    .asText());
            Browser.Page handOver = browser.logInAt(loginUrl);
            browser.post(URI.create(origin + "/save_auth?" + handOver.address().getRawFragment()));
            assertEquals("Saved token", login.end());
        }
        assertTrue(Files.readString(directory.resolve("cached-config")).contains("response_mode=fragment"));
        compile();
        assertEquals(1, distributed());
    }

    private void assertStockCompilesRemotely(Path sccache) throws Exception {
        farm.environment().put("SCCACHE_DIR", directory.resolve("stock-cache").toString());
        farm.environment().put("SCCACHE_SERVER_PORT", String.valueOf(FreePorts.next()));
        String socket = farm.environment().remove("SCCACHE_SERVER_UDS");
        String log = farm.environment().remove("SCCACHE_ERROR_LOG");
        try {
            farm.runProgram(directory, List.of(sccache.toString(), "--start-server"))
                    .assertSuccess();
            farm.runProgram(directory, List.of(sccache.toString(), "gcc", "-O2", "-c", "a.c", "-o", "stock.o"))
                    .assertSuccess();
            Result shown = farm.runProgram(
                            directory, List.of(sccache.toString(), "--show-stats", "--stats-format", "json"))
                    .assertSuccess();
            JsonNode statistics = JSON.readTree(shown.stdout()).get("stats");
            assertEquals(1, Farm.distributed(statistics), statistics.toPrettyString());
        } finally {
            farm.runProgram(directory, List.of(sccache.toString(), "--stop-server"));
            farm.environment().put("SCCACHE_SERVER_UDS", socket);
            farm.environment().put("SCCACHE_ERROR_LOG", log);
        }
    }

    private void startFarm(String clientAuth, String auth) throws IOException, InterruptedException {
        farm.startScheduler(clientAuth);
        farm.startBuilder();
        farm.writeClientConfigWithAuth(auth, "");
        farm.startClient();
    }

    private void restartClient() throws Exception {
        ProcessHandle daemon = ProcessHandle.of(farm.clientPid()).orElseThrow();
        farm.stopClient();
        daemon.onExit().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        farm.startClient();
    }

    private static String jwtValidate() {
        return """
                type = "jwt_validate"
                audience = "%s"
                issuer = "%s"
                jwks_url = "%s"
                """.formatted(Keycloak.AUDIENCE, keycloak.issuer(), keycloak.endpoint("certs"));
    }

    private static String codeGrant(String client) {
        return """
                type = "oauth2_code_grant_pkce"
                client_id = "%s"
                auth_url = "%s"
                token_url = "%s"
                """.formatted(client, keycloak.endpoint("auth"), keycloak.endpoint("token"));
    }

    /** Keycloak's userinfo is for those alone who asked for the scope openid. */
    private static String implicit() {
        return """
                type = "oauth2_implicit"
                client_id = "implicit"
                auth_url = "%s?scope=openid&response_mode=fragment"
                """.formatted(keycloak.endpoint("auth"));
    }

    private void logIn() throws IOException, InterruptedException {
        try (DistAuth login = new DistAuth(farm.jdist())) {
            browser.logIn(login.origin());
            assertEquals("Saved token", login.end());
        }
    }

    private Result compile() throws IOException, InterruptedException {
        Files.deleteIfExists(directory.resolve("a.o"));
        Result result = farm.run(directory, List.of("gcc", "-O2", "-c", "a.c")).assertSuccess();
        assertTrue(Files.exists(directory.resolve("a.o")));
        return result;
    }

    private long distributed() throws IOException, InterruptedException {
        return Farm.distributed(farm.statistics());
    }

    private void awaitLocalCompile() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        long before;
        do {
            assertTrue(System.nanoTime() < deadline, "the token is still taken");
            before = distributed();
            TimeUnit.MILLISECONDS.sleep(200);
            compile();
        } while (distributed() > before);
    }

    /** {@code --dist-auth} of jdist or sccache, waiting for a browser. */
    private final class DistAuth implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;

        DistAuth(Path program) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(program.toString(), "--dist-auth");
            builder.environment().putAll(farm.environment());
            builder.environment().remove("SSH_CONNECTION");
            process = builder.redirectErrorStream(true).start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        /** The address that it asks the person to visit. */
        String origin() throws IOException {
            List<String> lines = new ArrayList<>();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (line.contains("Please visit http://localhost:")) {
                    return line.split(" ")[3];
                }
            }
            throw new AssertionError("--dist-auth ended: " + lines);
        }

        /** The last line that it prints. */
        String end() throws IOException, InterruptedException {
            String last = "";
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                last = line;
            }
            assertEquals(0, process.waitFor(), last);
            return last;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
