package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.jdist.scheduler.auth.ClientVerdict.Refused;
import dev.jdist.scheduler.farm.ManualTime;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code jwt_validate}: which tokens let a client in. */
class JwtAuthenticatorTest {
    private static final String AUDIENCE = "jdist-farm";
    private static final String ISSUER = "https://login.example.com/realm";
    private static final Map<String, JWK> KEYS = Map.of(
            "rsa", LoginServerKeys.RSA,
            "ec-256", LoginServerKeys.EC_256,
            "ec-384", LoginServerKeys.EC_384,
            "ec-521", LoginServerKeys.EC_521);

    private final FakeWebServer server = new FakeWebServer();
    private final ManualTime time = new ManualTime();
    private final JwtAuthenticator authenticator =
            new JwtAuthenticator(AUDIENCE, ISSUER, new SigningKeys(FakeWebServer.URL, server, time), time);

    @BeforeEach
    void fetchKeys() {
        authenticator.check(token(good().build()));
        server.answer(200, LoginServerKeys.document());
    }

    @ParameterizedTest
    @CsvSource({
        "rsa,RS256",
        "rsa,RS384",
        "rsa,RS512",
        "rsa,PS256",
        "rsa,PS384",
        "rsa,PS512",
        "ec-256,ES256",
        "ec-384,ES384",
        "ec-521,ES512"
    })
    void token_ofEachKindOfKey_isAccepted(String key, String algorithm) {
        assertAccepted(LoginServerKeys.sign(KEYS.get(key), JWSAlgorithm.parse(algorithm), "JWT", good().build()));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"JWT", "at+jwt", "application/at+jwt"})
    void token_ofEachTypeThatLoginServersWrite_isAccepted(String type) {
        assertAccepted(LoginServerKeys.sign(LoginServerKeys.RSA, JWSAlgorithm.RS256, type, good().build()));
    }

    @Test
    void token_forSeveralAudiences_isAcceptedIfWeAreOne() {
        assertAccepted(token(good().audience(List.of("account", AUDIENCE)).build()));
        assertRefused(token(good().audience(List.of("account", "other")).build()), "aud claim");
    }

    @Test
    void token_withoutAudienceIssuerOrExpiry_isRefused() {
        assertRefused(token(good().audience((String) null).build()), "aud claim");
        assertRefused(token(good().issuer(null).build()), "iss");
        assertRefused(token(good().expirationTime(null).build()), "exp");
    }

    @Test
    void token_ofAnotherIssuer_isRefused() {
        assertRefused(token(good().issuer(ISSUER + "/").build()), "iss");
    }

    @Test
    void token_expired_isRefusedAMinuteLaterAndTheClientIsTold() {
        String token = token(good().build());
        time.pass(Duration.ofSeconds(300 + 59));
        assertAccepted(token);
        time.pass(Duration.ofSeconds(1));

        Refused refused = assertInstanceOf(Refused.class, check(token));
        assertEquals("JWT could not be validated: it has expired", refused.toldToClient());
    }

    @Test
    void token_notYetValid_isTakenAMinuteEarly() {
        assertAccepted(token(good().notBeforeTime(in(59)).build()));
        assertRefused(token(good().notBeforeTime(in(61)).build()), "before");
    }

    @Test
    void token_signedByAnother_isRefused() {
        JWK impostor = new com.nimbusds.jose.jwk.RSAKey.Builder(LoginServerKeys.RSA_LATER)
                .keyID(LoginServerKeys.RSA.getKeyID())
                .build();
        assertRefused(LoginServerKeys.sign(impostor, JWSAlgorithm.RS256, "JWT", good().build()), "signature");

        String changed = token(good().build());
        int dot = changed.indexOf('.') + 10;
        char other = changed.charAt(dot) == 'A' ? 'B' : 'A';
        assertInstanceOf(Refused.class, check(changed.substring(0, dot) + other + changed.substring(dot + 1)));
    }

    /** Who knows the public key must not be able to use it as a shared secret. */
    @Test
    void token_signedWithThePublicKeyAsASecret_isRefused() throws Exception {
        SignedJWT forged = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(LoginServerKeys.RSA.getKeyID())
                        .build(),
                good().build());
        forged.sign(new MACSigner(LoginServerKeys.RSA.toRSAPublicKey().getEncoded()));

        assertRefused(forged.serialize(), "");
    }

    @Test
    void token_ofAKeyOfAnotherKind_isRefused() {
        ECKey named = new ECKey.Builder(LoginServerKeys.EC_256)
                .keyID(LoginServerKeys.RSA.getKeyID())
                .build();
        assertRefused(LoginServerKeys.sign(named, JWSAlgorithm.ES256, "JWT", good().build()), "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "a.b.c", "dangerously_insecure_client", "eyJhbGciOiJSUzI1NiJ9.e30.", "...."})
    void token_thatIsNone_isRefusedWithoutAskingTheServer(String token) {
        assertInstanceOf(Refused.class, check(token));
        assertEquals(1, server.questions());
    }

    @Test
    void token_withoutASignature_isRefused() {
        assertRefused(new PlainJWT(good().build()).serialize(), "not a signed JWT");
    }

    @Test
    void token_withoutTheNameOfItsKey_isRefused() {
        JWK nameless = new com.nimbusds.jose.jwk.RSAKey.Builder(LoginServerKeys.RSA)
                .keyID(null)
                .build();
        assertRefused(
                LoginServerKeys.sign(nameless, JWSAlgorithm.RS256, "JWT", good().build()), "does not name the key");
    }

    @Test
    void token_ofAKeyThatTheServerHasSince_isAcceptedOnceTheKeysAreFetched() {
        time.pass(SigningKeys.PAUSE);
        String token = LoginServerKeys.sign(LoginServerKeys.RSA_LATER, JWSAlgorithm.RS256, "JWT", good().build());
        CompletableFuture<ClientVerdict> verdict = authenticator.check(token).toCompletableFuture();
        server.answer(200, LoginServerKeys.document(LoginServerKeys.RSA_LATER));

        assertInstanceOf(ClientVerdict.Accepted.class, verdict.join());
    }

    @Test
    void token_ofAnUnknownKey_isRefused() {
        assertRefused(
                LoginServerKeys.sign(LoginServerKeys.RSA_LATER, JWSAlgorithm.RS256, "JWT", good().build()),
                "the login server has no key with the name");
    }

    @Test
    void token_ofAnUnknownKeyWhileTheServerIsDown_isUndecided() {
        time.pass(SigningKeys.PAUSE);
        CompletableFuture<ClientVerdict> verdict = authenticator
                .check(LoginServerKeys.sign(LoginServerKeys.RSA_LATER, JWSAlgorithm.RS256, "JWT", good().build()))
                .toCompletableFuture();
        server.isDown();

        assertInstanceOf(ClientVerdict.Undecided.class, verdict.join());
    }

    @Test
    void refusal_ofATokenWithLineBreaks_keepsTheLogInOneLine() {
        Refused refused = assertInstanceOf(
                Refused.class,
                check(LoginServerKeys.sign(
                        LoginServerKeys.RSA, JWSAlgorithm.RS256, "x\nERROR all is lost", good().build())));
        assertTrue(refused.reason().contains("?"), refused.reason());
        assertEquals(1, refused.reason().lines().count());
    }

    private JWTClaimsSet.Builder good() {
        return new JWTClaimsSet.Builder()
                .subject("somebody")
                .audience(AUDIENCE)
                .issuer(ISSUER)
                .expirationTime(in(300));
    }

    private Date in(int seconds) {
        return Date.from(time.instant().plusSeconds(seconds));
    }

    private static String token(JWTClaimsSet claims) {
        return LoginServerKeys.sign(LoginServerKeys.RSA, JWSAlgorithm.RS256, "JWT", claims);
    }

    private ClientVerdict check(String token) {
        return authenticator.check(token).toCompletableFuture().join();
    }

    private void assertAccepted(String token) {
        assertEquals(new ClientVerdict.Accepted(), check(token));
    }

    private void assertRefused(String token, String reason) {
        Refused refused = assertInstanceOf(Refused.class, check(token));
        assertTrue(refused.reason().contains(reason), refused.reason());
        assertTrue(refused.toldToClient().startsWith("JWT could not be validated"), refused.toldToClient());
    }
}
