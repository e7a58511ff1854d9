package dev.jdist.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JWTs are what {@code sccache-dist auth generate-jwt-hs256-server-token} of 0.17.0 printed. */
class ServerTokenTest {
    private static final Bytes KEY =
            Bytes.wrap(Base64.getUrlDecoder().decode("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabc"));
    private static final ServerId SERVER = ServerId.parse("1.2.3.4:5");
    private static final Secret TOKEN = new Secret("shared token");

    @ParameterizedTest
    @CsvSource({
        "1.2.3.4:5, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsInNlcnZlcl9pZCI6IjEuMi4zLjQ6NSJ9"
                + ".lhMJaqwYy2zNWDy0Qi8V2Yx1L4JJtgu-0JYHoClNixU",
        "[fd00::1]:10501, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsInNlcnZlcl9pZCI6IltmZDAwOjoxXToxMDUwMSJ9"
                + ".bzIhcKBLpULjP9NnF-xVUUVNuPdxAC9aC5Yor8Q-2Ws",
        "[::ffff:10.0.0.1]:10501, eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"
                + ".eyJleHAiOjAsInNlcnZlcl9pZCI6Ils6OmZmZmY6MTAuMC4wLjFdOjEwNTAxIn0"
                + ".yGTHdIQ0DJ3ysNYg4p05uGvc4QHZw0h2nKAl-3mN2MA",
    })
    void jwt_anyServer_isTheTokenOfStock(String server, String token) {
        ServerId id = ServerId.parse(server);

        assertEquals(token, ServerToken.jwt(id, KEY).value());
        assertEquals(Optional.of(id), ServerToken.verifyJwt(token, KEY));
        assertEquals(Optional.of(id), ServerToken.claimedByJwt(new Secret(token)));
    }

    @Test
    void verifyJwt_anotherKey_isRefused() {
        assertEquals(
                Optional.empty(),
                ServerToken.verifyJwt(ServerToken.jwt(SERVER, KEY).value(), RandomKey.bytes(32)));
        assertEquals(
                Optional.empty(),
                ServerToken.verifyJwt(ServerToken.jwt(SERVER, KEY).value(), TestKeys.counting(3)));
    }

    /** A builder may ask whom its own token names without having the key. */
    @Test
    void claimedByJwt_signatureOfAnybody_isBelieved() {
        Secret token = ServerToken.jwt(SERVER, RandomKey.bytes(32));

        assertEquals(Optional.of(SERVER), ServerToken.claimedByJwt(token));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"exp\":0}",
                "{\"server_id\":\"1.2.3.4:5\"}",
                "{\"exp\":\"0\",\"server_id\":\"1.2.3.4:5\"}",
                "{\"exp\":0,\"server_id\":\"host:5\"}",
                "{\"exp\":0,\"server_id\":5}",
                "{\"exp\":0,\"server_id\":null}",
                "[]",
                "x",
                ""
            })
    void verifyJwt_genuineButOtherClaims_isRefused(String claims) {
        String token = Hs256.sign(claims, KEY);

        assertEquals(Optional.empty(), ServerToken.verifyJwt(token, KEY));
        assertEquals(Optional.empty(), ServerToken.claimedByJwt(new Secret(token)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "a.b.c",
                "eyJhbGciOiJub25lIn0.eyJleHAiOjAsInNlcnZlcl9pZCI6IjEuMi4zLjQ6NSJ9.",
                "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJleHAiOjAsInNlcnZlcl9pZCI6IjEuMi4zLjQ6NSJ9."
            })
    void verifyJwt_unsigned_isRefused(String token) {
        assertEquals(Optional.empty(), ServerToken.verifyJwt(token, KEY));
    }

    @Test
    void verifyJwt_anotherAlgorithmOfTheFamily_isRefused() throws Exception {
        String token = TestKeys.hs512("{\"exp\":0,\"server_id\":\"1.2.3.4:5\"}");

        assertEquals(Optional.empty(), ServerToken.verifyJwt(token, TestKeys.counting(64)));
    }

    @Test
    void jwt_shortKey_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> ServerToken.jwt(SERVER, TestKeys.counting(31)));
    }

    @Test
    void shared_anyServer_isAddressAndToken() {
        assertEquals("1.2.3.4:5 shared token", ServerToken.shared(SERVER, TOKEN).value());
        assertEquals(Optional.of(SERVER), ServerToken.verifyShared("1.2.3.4:5 shared token", TOKEN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "shared token",
                "1.2.3.4:5",
                "1.2.3.4:5 ",
                "1.2.3.4:5 shared",
                "1.2.3.4:5 shared token ",
                "1.2.3.4:5  shared token",
                "host:5 shared token",
                " shared token"
            })
    void verifyShared_anythingElse_isRefused(String bearer) {
        assertEquals(Optional.empty(), ServerToken.verifyShared(bearer, TOKEN));
    }

    @Test
    void toString_anyToken_isHidden() {
        assertEquals("[secret]", ServerToken.shared(SERVER, TOKEN).toString());
        assertEquals("[secret]", ServerToken.jwt(SERVER, KEY).toString());
    }
}
