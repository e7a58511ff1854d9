package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.jdist.protocol.config.Secret;
import dev.jdist.scheduler.farm.ManualTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code proxy_token}, with a web server that answers when the test says so. */
class ProxyAuthenticatorTest {
    private final FakeWebServer server = new FakeWebServer();
    private final ManualTime time = new ManualTime();
    private final ProxyAuthenticator authenticator =
            new ProxyAuthenticator(FakeWebServer.URL, Optional.of(60L), server, time);

    @ParameterizedTest
    @ValueSource(ints = {200, 204, 299})
    void token_thatTheServerTakes_isAccepted(int status) {
        CompletableFuture<ClientVerdict> verdict = check("good");
        assertFalse(verdict.isDone());
        server.answer(status, "{}");

        assertEquals(new ClientVerdict.Accepted(), verdict.join());
        assertEquals(Optional.of(new Secret("good")), server.lastToken());
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 400, 401, 403, 404})
    void token_thatTheServerDoesNotTake_isRefused(int status) {
        CompletableFuture<ClientVerdict> verdict = check("bad");
        server.answer(status, "");

        assertEquals(
                new ClientVerdict.Refused(
                        "Validation with token forwarding failed", FakeWebServer.URL + " answers " + status),
                verdict.join());
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void token_aboutWhichTheServerCannotTell_isUndecided(int status) {
        CompletableFuture<ClientVerdict> verdict = check("any");
        server.answer(status, "");

        assertInstanceOf(ClientVerdict.Undecided.class, verdict.join());
    }

    @Test
    void token_whileTheServerIsDown_isUndecidedAndAskedAboutAgainNextTime() {
        CompletableFuture<ClientVerdict> verdict = check("any");
        server.isDown();
        assertEquals(new ClientVerdict.Undecided(FakeWebServer.URL + ": Connection refused"), verdict.join());

        CompletableFuture<ClientVerdict> next = check("any");
        server.answer(200, "");
        assertInstanceOf(ClientVerdict.Accepted.class, next.join());
    }

    @Test
    void token_accepted_isBelievedForCacheSecs() {
        check("good");
        server.answer(200, "");
        time.pass(Duration.ofSeconds(59));
        assertInstanceOf(ClientVerdict.Accepted.class, check("good").join());
        assertEquals(1, server.questions());

        time.pass(Duration.ofSeconds(1));
        CompletableFuture<ClientVerdict> verdict = check("good");
        server.answer(401, "");
        assertInstanceOf(ClientVerdict.Refused.class, verdict.join());
        assertEquals(2, server.questions());
    }

    @Test
    void token_refused_isAskedAboutAgainNextTime() {
        check("new");
        server.answer(401, "");
        CompletableFuture<ClientVerdict> verdict = check("new");
        server.answer(200, "");

        assertInstanceOf(ClientVerdict.Accepted.class, verdict.join());
    }

    @Test
    void token_beingAskedAbout_isNotAskedAboutTwice() {
        CompletableFuture<ClientVerdict> first = check("good");
        time.pass(Duration.ofSeconds(100));
        CompletableFuture<ClientVerdict> second = check("good");
        assertEquals(1, server.questions());
        server.answer(200, "");

        assertInstanceOf(ClientVerdict.Accepted.class, first.join());
        assertInstanceOf(ClientVerdict.Accepted.class, second.join());
    }

    @Test
    void token_withoutCacheSecs_isAskedAboutForEveryJobButOnceAtATime() {
        ProxyAuthenticator forgetful = new ProxyAuthenticator(FakeWebServer.URL, Optional.empty(), server, time);
        var first = forgetful.check("good").toCompletableFuture();
        var second = forgetful.check("good").toCompletableFuture();
        assertEquals(1, server.questions());
        server.answer(200, "");
        assertInstanceOf(ClientVerdict.Accepted.class, first.join());
        assertInstanceOf(ClientVerdict.Accepted.class, second.join());

        var third = forgetful.check("good").toCompletableFuture();
        server.answer(401, "");
        assertInstanceOf(ClientVerdict.Refused.class, third.join());
    }

    @Test
    void tokens_differing_areAskedAboutEach() {
        CompletableFuture<ClientVerdict> good = check("good");
        CompletableFuture<ClientVerdict> bad = check("bad");
        server.answer(1, 401, "");
        server.answer(0, 200, "");

        assertInstanceOf(ClientVerdict.Accepted.class, good.join());
        assertInstanceOf(ClientVerdict.Refused.class, bad.join());
    }

    @Test
    void tokens_tooManyAtOnce_areUndecidedUntilSomeAreAnswered() {
        for (int i = 0; i < ProxyAuthenticator.MAX_QUESTIONS; i++) {
            check("token " + i);
        }
        assertInstanceOf(ClientVerdict.Undecided.class, check("one more").join());
        assertEquals(ProxyAuthenticator.MAX_QUESTIONS, server.questions());

        server.answer(0, 200, "");
        CompletableFuture<ClientVerdict> verdict = check("one more");
        server.answer(200, "");
        assertInstanceOf(ClientVerdict.Accepted.class, verdict.join());
    }

    private CompletableFuture<ClientVerdict> check(String token) {
        return authenticator.check(token).toCompletableFuture();
    }
}
