package dev.jdist.client.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ClientConfig.Auth;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import dev.jdist.protocol.settings.ClientConfig.OAuth;
import dev.jdist.protocol.testing.FreePorts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole logins, with the test as the browser and as the login server. */
@Timeout(60)
class DistAuthTest {
    private static final String TOKEN_ANSWER =
            "{\"access_token\": \"the.token\", \"token_type\": \"Bearer\", \"expires_in\": 864000}";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private final HttpClient browser = HttpClient.newHttpClient();
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> warned = new LinkedBlockingQueue<>();

    @Test
    void codeGrant_fromLinkToToken_savesIt() throws Exception {
        try (FakeLoginServer server = FakeLoginServer.always(200, TOKEN_ANSWER)) {
            OAuth auth = codeGrant(server, "https://login.example.com/authorize?audience=a%20farm");
            CompletableFuture<Void> login = start(auth);
            String origin = origin();
            String start = get(origin + "/").body();
            Parameters request = loginUrl(origin, "https://login.example.com/authorize?audience=a%20farm&");

            assertTrue(start.contains("https://login.example.com/authorize?audience=a%20farm&amp;"), start);
            assertTrue(start.contains("http-equiv=\"refresh\""), "without JavaScript");
            assertFalse(start.contains("<script"), start);
            assertEquals(Optional.of("a farm"), request.get("audience"));
            assertEquals(Optional.of("the client"), request.get("client_id"));
            assertEquals(Optional.of("code"), request.get("response_type"));
            assertEquals(Optional.of("S256"), request.get("code_challenge_method"));
            assertEquals(Optional.of(origin + "/redirect"), request.get("redirect_uri"));

            HttpResponse<String> page = get(origin + "/redirect?code=c%2F1&session_state=x&state="
                    + request.get("state").get());
            assertEquals(200, page.statusCode());
            assertTrue(page.body().contains("You are logged in"), page.body());
            login.get(30, TimeUnit.SECONDS);

            FakeLoginServer.Question question = server.questions.get(0);
            Parameters asked = Parameters.parse(question.body());
            assertEquals(1, server.questions.size());
            assertEquals("application/x-www-form-urlencoded", question.contentType());
            assertEquals(Optional.of("authorization_code"), asked.get("grant_type"));
            assertEquals(Optional.of("the client"), asked.get("client_id"));
            assertEquals(Optional.of("c/1"), asked.get("code"));
            assertEquals(request.get("redirect_uri"), asked.get("redirect_uri"));
            assertEquals(
                    request.get("code_challenge").get(),
                    new Pkce(asked.get("code_verifier").get()).challenge());
            assertEquals(Optional.of(new Secret("the.token")), store().token(auth.authUrl()));
            assertEquals("Saved token", printed.poll(10, TimeUnit.SECONDS));
            assertEquals(0, warned.size());
            assertThrows(IOException.class, () -> get(origin + "/"), "somebody still listens");
        }
    }

    /** What servers want that were set up for sccache. */
    @ParameterizedTest
    @ValueSource(ints = {400, 415})
    void codeGrant_atAServerThatWantsJson_isRepeatedInJson(int status) throws Exception {
        try (FakeLoginServer server = new FakeLoginServer((type, body) -> type.equals("application/json")
                ? new FakeLoginServer.Answer(200, TOKEN_ANSWER)
                : new FakeLoginServer.Answer(status, "what is this?"))) {
            OAuth auth = codeGrant(server, "http://login/authorize");
            CompletableFuture<Void> login = start(auth);
            bringCode(origin());
            login.get(30, TimeUnit.SECONDS);

            String json = server.questions.get(1).body();
            for (String part : List.of(
                    "\"grant_type\":\"authorization_code\"",
                    "\"client_id\":\"the client\"",
                    "\"code\":\"c1\"",
                    "\"code_verifier\":\"",
                    "/redirect\"")) {
                assertTrue(json.contains(part), json);
            }
            assertEquals(Optional.of(new Secret("the.token")), store().token(auth.authUrl()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "400 | {\"error\": \"invalid_grant\", \"error_description\": \"too old\"} | answers 400: invalid_grant, too old",
                "500 | oops | answers 500",
                "302 | | answers 302",
                "200 | <html> | the answer is not JSON",
                "200 | {\"access_token\": \"x\", \"token_type\": \"mac\"} | not a bearer token",
            })
    void codeGrant_withoutATokenInTheEnd_saysWhyInBothPlaces(int status, String body, String reason) throws Exception {
        try (FakeLoginServer server = FakeLoginServer.always(status, body == null ? "" : body)) {
            OAuth auth = codeGrant(server, "http://login/authorize");
            CompletableFuture<Void> login = start(auth);
            HttpResponse<String> page = bringCode(origin());

            assertEquals(400, page.statusCode());
            assertTrue(page.body().contains("The login failed"), page.body());
            assertTrue(page.body().contains(reason), page.body());
            assertFailure(login, reason);
            assertEquals(Optional.empty(), store().token(auth.authUrl()));
        }
    }

    @Test
    void login_thatThePersonOrTheServerRefuses_endsWithTheirWordsMadeHarmless() throws Exception {
        try (FakeLoginServer server = FakeLoginServer.always(200, TOKEN_ANSWER)) {
            CompletableFuture<Void> login = start(codeGrant(server, "http://login/authorize"));
            String origin = origin();
            String state =
                    loginUrl(origin, "http://login/authorize?").get("state").get();
            String page = get(origin + "/redirect?error=access_denied&error_description=%3Cscript%3E%0A%1b%5B2J&state="
                            + state)
                    .body();

            assertTrue(page.contains("access_denied, &lt;script&gt;??[2J"), page);
            assertFailure(login, "the login server says: access_denied, <script>??[2J");
            assertEquals(0, server.questions.size());
        }
    }

    @Test
    void redirect_ofSomebodyElse_isRefusedAndTheLoginGoesOn() throws Exception {
        try (FakeLoginServer server = FakeLoginServer.always(200, TOKEN_ANSWER)) {
            CompletableFuture<Void> login = start(codeGrant(server, "http://login/authorize"));
            String origin = origin();
            for (String query : List.of("", "?code=evil", "?code=evil&state=", "?code=evil&state=guess")) {
                assertEquals(400, get(origin + "/redirect" + query).statusCode(), query);
            }
            int port = URI.create(origin).getPort();
            assertTrue(raw(port, "GET /redirect?state=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .startsWith("HTTP/1.1 400 "));
            assertEquals(0, server.questions.size());
            assertFalse(login.isDone());

            bringCode(origin);
            login.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void implicit_fromLinkToToken_savesIt() throws Exception {
        OAuth auth = implicit("http://login/authorize");
        CompletableFuture<Void> login = start(auth);
        String origin = origin();
        Parameters request = loginUrl(origin, "http://login/authorize?");
        assertEquals(Optional.of("token"), request.get("response_type"));
        assertEquals(Optional.empty(), request.get("code_challenge"));
        String page = get(origin + "/redirect").body();
        assertTrue(page.contains("<noscript>"), page);

        String brought = "access_token=the.token&token_type=bearer&expires_in=172799&state=";
        assertEquals(400, post(origin, brought + "guess").statusCode());
        HttpResponse<String> answer =
                post(origin, brought + request.get("state").get());
        assertEquals(200, answer.statusCode());
        assertEquals(
                "{\"title\":\"You are logged in\",\"text\":\"You can close this page; jdist goes on in the terminal.\"}",
                answer.body());
        login.get(30, TimeUnit.SECONDS);

        assertEquals(Optional.of(new Secret("the.token")), store().token(auth.authUrl()));
        assertEquals("jdist: Token retrieved expires in under two days", warned.poll(10, TimeUnit.SECONDS));
    }

    /** As a script written for sccache does it. */
    @Test
    void implicit_withTheTokenInTheQuery_savesIt() throws Exception {
        OAuth auth = implicit("http://login/authorize");
        CompletableFuture<Void> login = start(auth);
        String origin = origin();
        String state = loginUrl(origin, "http://login/authorize?").get("state").get();
        String query = "?access_token=the.token&token_type=bearer&expires_in=864000&state=" + state;
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin + "/save_auth" + query))
                .POST(BodyPublishers.noBody())
                .build();

        assertEquals(200, browser.send(request, BodyHandlers.ofString()).statusCode());
        login.get(30, TimeUnit.SECONDS);
        assertEquals(Optional.of(new Secret("the.token")), store().token(auth.authUrl()));
    }

    @Test
    void implicit_withoutAToken_saysWhy() throws Exception {
        CompletableFuture<Void> login = start(implicit("http://login/authorize"));
        String origin = origin();
        String state = loginUrl(origin, "http://login/authorize?").get("state").get();
        HttpResponse<String> answer = post(origin, "token_type=bearer&state=" + state);

        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().contains("there is no access_token"), answer.body());
        assertFailure(login, "there is no access_token");
    }

    /** A site whose name leads to loopback could otherwise read the state from these pages. */
    @Test
    void pages_underAnotherName_areNotShown() throws Exception {
        CompletableFuture<Void> login = start(implicit("http://login/authorize"));
        String origin = origin();
        int port = URI.create(origin).getPort();
        for (String path : List.of("/", "/auth_detail.json", "/redirect")) {
            assertTrue(raw(port, "GET " + path + " HTTP/1.1\r\nHost: evil.example.com:" + port + "\r\n\r\n")
                    .startsWith("HTTP/1.1 403 "));
            assertTrue(raw(port, "GET " + path + " HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 403 "));
            assertTrue(raw(port, "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
                    .startsWith("HTTP/1.1 200 "));
        }
        login.cancel(true);
    }

    @Test
    void port_thatIsTaken_isPassedOver() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            List<Integer> ports = List.of(taken.getLocalPort(), FreePorts.next());
            CompletableFuture<Void> login = start(implicit("http://login/authorize"), ports, TIMEOUT, Optional.empty());

            assertEquals("http://localhost:" + ports.get(1), origin());
            login.cancel(true);
        }
    }

    @Test
    void ports_allTaken_areNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<Void> login =
                    start(implicit("http://login/authorize"), List.of(taken.getLocalPort()), TIMEOUT, Optional.empty());
            assertFailure(login, "can return to: " + taken.getLocalPort() + "; stop one of them");
        }
    }

    @Test
    void login_thatNobodyFinishes_endsWithAWord() throws Exception {
        CompletableFuture<Void> login = start(
                implicit("http://login/authorize"), List.of(FreePorts.next()), Duration.ofMillis(1), Optional.empty());

        assertFailure(login, "nobody logged in within");
        assertFailure(login, "run `jdist --dist-auth` again");
    }

    @Test
    void login_overSsh_saysHowToGetThere() throws Exception {
        int port = FreePorts.next();
        CompletableFuture<Void> login = start(
                implicit("http://login/authorize"), List.of(port), TIMEOUT, Optional.of("10.0.0.9 50000 10.0.0.1 22"));
        origin();

        assertEquals(
                "jdist: If the browser is on another machine, first run there: ssh -L " + port + ":localhost:" + port
                        + " 10.0.0.1",
                printed.poll(10, TimeUnit.SECONDS));
        login.cancel(true);
    }

    private CachedConfig store() {
        return new CachedConfig(directory.resolve("cached-config"));
    }

    private static OAuth codeGrant(FakeLoginServer server, String authUrl) {
        return new Auth.CodeGrantPkce(
                "the client", new LoginUrl(authUrl, HttpUrl.parse(authUrl)), HttpUrl.parse(server.url("/token")));
    }

    private static OAuth implicit(String authUrl) {
        return new Auth.Implicit("the client", new LoginUrl(authUrl, HttpUrl.parse(authUrl)));
    }

    private CompletableFuture<Void> start(OAuth auth) throws IOException {
        return start(auth, List.of(FreePorts.next()), TIMEOUT, Optional.empty());
    }

    private CompletableFuture<Void> start(
            OAuth auth, List<Integer> ports, Duration timeout, Optional<String> sshConnection) {
        DistAuth distAuth = new DistAuth(store(), ports, timeout, sshConnection, lines(printed), lines(warned));
        return CompletableFuture.runAsync(() -> {
            try {
                distAuth.run(auth);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    private static PrintStream lines(BlockingQueue<String> queue) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        return new PrintStream(line, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String text) {
                queue.add(text);
            }
        };
    }

    /** The address that the person is asked to visit. */
    private String origin() throws InterruptedException {
        String line = printed.poll(10, TimeUnit.SECONDS);
        assertTrue(line.startsWith("jdist: Please visit http://localhost:"), line);
        return line.split(" ")[3];
    }

    private Parameters loginUrl(String origin, String beginning) throws Exception {
        String json = get(origin + "/auth_detail.json").body();
        assertTrue(json.startsWith("\"" + beginning), json);
        return Parameters.parse(json.substring(json.indexOf('?') + 1, json.length() - 1));
    }

    private HttpResponse<String> bringCode(String origin) throws Exception {
        String state = loginUrl(origin, "http://login/authorize?").get("state").get();
        return get(origin + "/redirect?code=c1&state=" + state);
    }

    private HttpResponse<String> get(String url) throws Exception {
        return browser.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String origin, String form) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(origin + "/save_auth"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form))
                .build();
        return browser.send(request, BodyHandlers.ofString());
    }

    private static String raw(int port, String request) throws IOException {
        try (var socket = new java.net.Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
        }
    }

    private static void assertFailure(CompletableFuture<Void> login, String reason) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> login.get(30, TimeUnit.SECONDS));
        List<String> messages = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            messages.add(String.valueOf(cause.getMessage()));
        }
        assertTrue(messages.stream().anyMatch(message -> message.contains(reason)), messages.toString());
    }
}
