package dev.jdist.scheduler.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.farm.Samples;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in by which setting. */
class AuthenticatorTest {
    private static final Secret TOKEN = new Secret("the token");
    private static final ServerId BUILDER = Samples.builder(1);
    private static final Bytes KEY = Bytes.utf8("0123456789abcdef0123456789abcdef");
    private static final Secret KEY_SETTING =
            new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(KEY.toByteArray()));

    private final ServerAuthenticator jwt = ServerAuthenticator.of(new ServerAuth.JwtHs256(KEY_SETTING));

    private static ClientVerdict verdict(ClientAuth auth, String bearer) {
        return ClientAuthenticator.of(auth, null)
                .check(bearer)
                .toCompletableFuture()
                .join();
    }

    @Test
    void client_withTheToken_isLetIn() {
        assertEquals(new ClientVerdict.Accepted(), verdict(new ClientAuth.Token(TOKEN), "the token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "the toke", "the token ", "THE TOKEN", "other", "dangerously_insecure_client", "\0"})
    void client_withAnotherToken_isRefused(String bearer) {
        ClientVerdict.Refused refused =
                assertInstanceOf(ClientVerdict.Refused.class, verdict(new ClientAuth.Token(TOKEN), bearer));

        assertEquals("Fixed token mismatch", refused.toldToClient());
    }

    /** Stock clients without a token of their own send this one. */
    @Test
    void client_ofAnInsecureFarm_showsTheKnownToken() {
        ClientAuth insecure = new ClientAuth.Insecure();

        assertEquals(new ClientVerdict.Accepted(), verdict(insecure, "dangerously_insecure_client"));
        assertInstanceOf(ClientVerdict.Refused.class, verdict(insecure, "anything"));
    }

    @Test
    void server_withTheToken_isWhomItSays() {
        ServerAuthenticator shared = ServerAuthenticator.of(new ServerAuth.Token(TOKEN));

        assertEquals(Optional.of(BUILDER), shared.identify("10.0.0.1:10501 the token"));
        assertEquals(
                Optional.of(ServerId.parse("[fd00::1]:5")),
                shared.identify(
                        ServerToken.shared(ServerId.parse("[fd00::1]:5"), TOKEN).value()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "the token",
                "10.0.0.1:10501",
                "10.0.0.1:10501 ",
                "10.0.0.1:10501 other",
                "10.0.0.1:10501  the token",
                "10.0.0.1 the token",
                "host:10501 the token",
                "10.0.0.1:99999 the token",
                "10.0.0.1:10501 dangerously_insecure_server"
            })
    void server_withAnythingElse_isNobody(String bearer) {
        assertEquals(
                Optional.empty(),
                ServerAuthenticator.of(new ServerAuth.Token(TOKEN)).identify(bearer));
    }

    @Test
    void server_ofAnInsecureFarm_showsTheKnownToken() {
        ServerAuthenticator insecure = ServerAuthenticator.of(new ServerAuth.Insecure());

        assertEquals(Optional.of(BUILDER), insecure.identify("10.0.0.1:10501 dangerously_insecure_server"));
        assertEquals(Optional.empty(), insecure.identify("10.0.0.1:10501 other"));
    }

    @Test
    void server_withASignedToken_isWhomItNames() {
        assertEquals(
                Optional.of(BUILDER), jwt.identify(ServerToken.jwt(BUILDER, KEY).value()));
    }

    @Test
    void server_withAForgedToken_isNobody() {
        String good = ServerToken.jwt(BUILDER, KEY).value();
        String[] parts = good.split("\\.");
        String claims = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"exp\":0,\"server_id\":\"10.0.0.2:10501\"}".getBytes(StandardCharsets.UTF_8));
        String none = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        Bytes otherKey = Bytes.utf8("f".repeat(32));

        assertEquals(Optional.empty(), jwt.identify(parts[0] + "." + claims + "." + parts[2]));
        assertEquals(Optional.empty(), jwt.identify(none + "." + parts[1] + "."));
        assertEquals(Optional.empty(), jwt.identify(none + "." + parts[1] + "." + parts[2]));
        assertEquals(
                Optional.empty(),
                jwt.identify(ServerToken.jwt(BUILDER, otherKey).value()));
        assertEquals(Optional.empty(), jwt.identify(JobToken.sign(new JobId(1), KEY)));
        assertEquals(Optional.empty(), jwt.identify("10.0.0.1:10501 " + KEY_SETTING.value()));
        assertEquals(Optional.empty(), jwt.identify(good + "x"));
        assertEquals(Optional.empty(), jwt.identify(""));
    }
}
