package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.jdist.scheduler.farm.ManualTime;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Date;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Anybody can send anything as a token; there is a verdict on all of it, and a good one only on what was signed. */
class JwtFuzzTest {
    private static final int ROUNDS = 5_000;
    private static final String[] VALUES = {
        "null",
        "1",
        "-1",
        "1e999",
        "[]",
        "{}",
        "\"\"",
        "true",
        "\"RS256\"",
        "\"none\"",
        "[\"exp\"]",
        "\"\\ud800\"",
        "[[[]]]"
    };
    private static final String[] NAMES = {
        "alg", "kid", "typ", "crit", "b64", "jwk", "x5c", "jku", "zip", "cty", "exp", "nbf", "aud", "iss", "iat", "sub"
    };

    private final Random random = new Random(7);
    private final ManualTime time = new ManualTime();
    private final FakeWebServer server = new FakeWebServer();
    private final JwtAuthenticator authenticator =
            new JwtAuthenticator("farm", "me", new SigningKeys(FakeWebServer.URL, server, time), time);

    @Test
    void token_madeUpOrTamperedWith_isNeverAccepted() {
        String good = LoginServerKeys.sign(
                LoginServerKeys.RSA,
                JWSAlgorithm.RS256,
                "JWT",
                new JWTClaimsSet.Builder()
                        .audience("farm")
                        .issuer("me")
                        .expirationTime(Date.from(time.instant().plusSeconds(60)))
                        .build());
        CompletableFuture<ClientVerdict> first = check(good);
        server.answer(200, LoginServerKeys.document());
        assertInstanceOf(ClientVerdict.Accepted.class, first.join());

        for (int i = 0; i < ROUNDS; i++) {
            String token = random.nextBoolean() ? tampered(good) : madeUp();
            CompletableFuture<ClientVerdict> verdict = check(token);
            assertTrue(verdict.isDone(), token);
            assertInstanceOf(ClientVerdict.Refused.class, verdict.join(), token);
        }
    }

    private CompletableFuture<ClientVerdict> check(String token) {
        return authenticator.check(token).toCompletableFuture();
    }

    /** One character less, more or other, but for the last, whose low bits mean nothing. */
    private String tampered(String token) {
        int at = random.nextInt(token.length() - 1);
        char other = (char) (32 + random.nextInt(95));
        if (token.charAt(at) == other) {
            other = other == 'A' ? 'B' : 'A';
        }
        return switch (random.nextInt(3)) {
            case 0 -> token.substring(0, at);
            case 1 -> token.substring(0, at) + other + token.substring(at + 1);
            default -> token.substring(0, at) + (other == '=' ? 'A' : other) + token.substring(at);
        };
    }

    private String madeUp() {
        StringBuilder token = new StringBuilder();
        for (int part = 0; part < 2; part++) {
            StringBuilder json = new StringBuilder("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"");
            for (int i = random.nextInt(4); i > 0; i--) {
                json.append(",\"").append(NAMES[random.nextInt(NAMES.length)]).append("\":");
                json.append(VALUES[random.nextInt(VALUES.length)]);
            }
            json.append(random.nextInt(10) == 0 ? "" : "}");
            token.append(Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(json.toString().getBytes(StandardCharsets.UTF_8)))
                    .append('.');
        }
        return token.append("A".repeat(random.nextInt(400))).toString();
    }
}
