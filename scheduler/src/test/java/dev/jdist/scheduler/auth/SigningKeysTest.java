package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.jwk.JWKSet;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.scheduler.farm.ManualTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the JWKS document is fetched, and what happens if it cannot be. */
class SigningKeysTest {
    private static final String OLD = LoginServerKeys.document(LoginServerKeys.RSA);
    private static final String NEW = LoginServerKeys.document(LoginServerKeys.RSA_LATER);
    private static final String OLD_KID = LoginServerKeys.RSA.getKeyID();
    private static final String NEW_KID = LoginServerKeys.RSA_LATER.getKeyID();

    private final FakeWebServer server = new FakeWebServer();
    private final ManualTime time = new ManualTime();
    private final SigningKeys keys = new SigningKeys(FakeWebServer.URL, server, time);

    @Test
    void find_first_waitsForTheDocument() {
        CompletableFuture<JWKSet> found = find(OLD_KID);
        assertFalse(found.isDone());
        server.answer(200, OLD);

        assertNotNull(found.join().getKeyByKeyId(OLD_KID));
        assertEquals(Optional.empty(), server.lastToken());
    }

    @Test
    void find_manyAtOnce_shareOneFetch() {
        CompletableFuture<JWKSet> first = find(OLD_KID);
        CompletableFuture<JWKSet> second = find("another");
        server.answer(200, OLD);

        assertEquals(1, server.questions());
        assertNotNull(first.join().getKeyByKeyId(OLD_KID));
        assertNull(second.join().getKeyByKeyId("another"));
    }

    @Test
    void find_knownKey_asksNobody() {
        start();
        assertTrue(find(OLD_KID).isDone());
        assertEquals(1, server.questions());
    }

    @Test
    void find_keyThatTheServerHasSince_fetchesAgain() {
        start();
        time.pass(SigningKeys.PAUSE);
        CompletableFuture<JWKSet> found = find(NEW_KID);
        assertFalse(found.isDone());
        server.answer(200, NEW);

        assertNotNull(found.join().getKeyByKeyId(NEW_KID));
        time.pass(SigningKeys.PAUSE);
        CompletableFuture<JWKSet> withdrawn = find(OLD_KID);
        server.answer(200, NEW);
        assertNull(withdrawn.join().getKeyByKeyId(OLD_KID), "a key that was withdrawn");
    }

    @Test
    void find_unknownKeysAgainAndAgain_fetchOnlyOncePerPause() {
        start();
        for (int i = 0; i < 100; i++) {
            assertNull(find("made up " + i).join().getKeyByKeyId("made up " + i));
        }
        assertEquals(1, server.questions());

        time.pass(SigningKeys.PAUSE);
        find("made up");
        server.answer(200, OLD);
        assertTrue(find("made up too").isDone());
        assertEquals(2, server.questions());
    }

    @Test
    void find_keyOfAnOldDocument_isServedWhileTheNextIsFetched() {
        start();
        time.pass(SigningKeys.MAX_AGE);
        assertNotNull(find(OLD_KID).join().getKeyByKeyId(OLD_KID));
        assertEquals(2, server.questions());
        server.answer(200, NEW);

        assertNull(find(OLD_KID).join().getKeyByKeyId(OLD_KID), "a key that was withdrawn");
    }

    @Test
    void find_whileTheServerIsDown_servesTheKeysFromBeforeAndCannotTellOfOthers() {
        start();
        time.pass(SigningKeys.MAX_AGE);
        find(OLD_KID);
        server.isDown();

        assertNotNull(find(OLD_KID).join().getKeyByKeyId(OLD_KID));
        assertEquals("https://login.example.com/it: Connection refused", failure(NEW_KID));
        assertEquals(2, server.questions(), "asked again too early");

        time.pass(SigningKeys.PAUSE);
        CompletableFuture<JWKSet> found = find(NEW_KID);
        server.answer(200, NEW);
        assertNotNull(found.join().getKeyByKeyId(NEW_KID));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 408, 429, 500, 503})
    void prepare_serverThatIsNotUpYet_isNoReasonNotToStart(int status) throws Exception {
        WebServers notYet = (url, token) -> status == 0
                ? CompletableFuture.failedFuture(new IOException("Connection refused"))
                : CompletableFuture.completedFuture(new HttpAnswer(status, false, new byte[0]));
        Switch web = new Switch(notYet);
        SigningKeys late = new SigningKeys(FakeWebServer.URL, web, time);
        late.prepare();

        assertThrows(
                CompletionException.class,
                () -> late.find(OLD_KID).toCompletableFuture().join());
        web.current = server;
        time.pass(SigningKeys.PAUSE);
        CompletableFuture<JWKSet> found = late.find(OLD_KID).toCompletableFuture();
        server.answer(200, OLD);
        assertNotNull(found.join().getKeyByKeyId(OLD_KID));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | not here              | answers 404 instead of a JWKS document",
                "302 |                       | answers 302 instead of a JWKS document",
                "200 | <html>Welcome</html>  | is not a JWKS document",
                "200 | {\"issuer\": \"x\"}   | is not a JWKS document",
                "200 | {\"keys\": []}        | contains no RSA or EC key",
                "200 | {\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\", \"kid\": \"a\"}]} | contains no RSA or EC key",
                "200 | {\"keys\": [{\"kty\": \"new\", \"kid\": \"a\"}]} | contains no RSA or EC key",
            })
    void prepare_addressThatHoldsNoKeys_isAMistakeInTheSettings(int status, String body, String message) {
        byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        SigningKeys wrong = new SigningKeys(
                FakeWebServer.URL,
                (url, token) -> CompletableFuture.completedFuture(new HttpAnswer(status, false, bytes)),
                time);

        StartupException refusal = assertThrows(StartupException.class, wrong::prepare);
        assertTrue(
                refusal.getMessage().startsWith("client_auth.jwks_url: https://login.example.com/it " + message),
                refusal.getMessage());
    }

    /** A web server that the test may replace by another. */
    private static final class Switch implements WebServers {
        private WebServers current;

        Switch(WebServers first) {
            this.current = first;
        }

        @Override
        public CompletionStage<HttpAnswer> get(HttpUrl url, Optional<Secret> bearerToken) {
            return current.get(url, bearerToken);
        }
    }

    private void start() {
        find(OLD_KID);
        server.answer(200, OLD);
    }

    private CompletableFuture<JWKSet> find(String kid) {
        return keys.find(kid).toCompletableFuture();
    }

    private String failure(String kid) {
        return assertThrows(CompletionException.class, () -> find(kid).join())
                .getCause()
                .getMessage();
    }
}
