package dev.jdist.scheduler.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.scheduler.auth.ServerAuthenticator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code jdist auth} prints can be used as it is. */
class AuthCommandTest {
    private static final String SERVER = "192.168.1.5:10501";

    private final PrintStream standardOutput = System.out;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path directory;

    @BeforeEach
    void redirect() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOutput);
    }

    private int run(String... arguments) {
        return SchedulerMain.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
    }

    /** The one line that was printed. */
    private String printed(String... arguments) {
        out.reset();
        assertEquals(0, run(arguments), err.toString());
        String text = out.toString(StandardCharsets.UTF_8);
        assertTrue(text.matches("[A-Za-z0-9._-]+\n"), text);
        return text.strip();
    }

    private Path config(String serverAuth) throws IOException {
        return Files.writeString(directory.resolve("scheduler.conf"), """
                public_addr = "192.168.1.5:10600"
                [client_auth]
                type = "token"
                token = "t"
                [server_auth]
                """ + serverAuth);
    }

    @Test
    void sharedToken_always_isNewAndLongEnough() {
        String one = printed("auth", "generate-shared-token");

        assertEquals(32, Base64.getUrlDecoder().decode(one).length);
        assertNotEquals(one, printed("auth", "generate-shared-token"));
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 128, 4096})
    void sharedToken_bits_areAsAskedFor(int bits) {
        String token = printed("auth", "generate-shared-token", "--bits", "" + bits);

        assertEquals(bits / 8, Base64.getUrlDecoder().decode(token).length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-8", "56", "65", "4104", "x", "99999999999"})
    void sharedToken_oddBits_areAUsageError(String bits) {
        assertEquals(2, run("auth", "generate-shared-token", "--bits", bits));
        assertEquals("", out.toString(StandardCharsets.UTF_8));
        assertTrue(err.toString().contains("--bits"), err.toString());
    }

    /** Key into the scheduler's settings, token of a builder out of them, and the scheduler knows the builder. */
    @Test
    void hs256_keyAndToken_letThatBuilderIn() throws IOException, ConfigException {
        String key = printed("auth", "generate-jwt-hs256-key");
        Path file = config("type = \"jwt_hs256\"\nsecret_key = \"" + key + "\"\n");

        String byConfig =
                printed("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--config", file.toString());
        String byKey = printed("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--secret-key", key);

        ServerAuthenticator scheduler =
                ServerAuthenticator.of(SchedulerConfig.read(file).serverAuth());
        assertEquals(Optional.of(ServerId.parse(SERVER)), scheduler.identify(byConfig));
        assertEquals(byConfig, byKey);
        assertEquals(Optional.of(ServerId.parse(SERVER)), ServerToken.claimedByJwt(new Secret(byKey)));
        assertEquals(
                Optional.of(ServerId.parse(SERVER)),
                ServerToken.verifyJwt(byKey, Bytes.wrap(Base64.getUrlDecoder().decode(key))));
    }

    /** As sccache-dist makes one in 64. */
    @ParameterizedTest
    @ValueSource(strings = {"-", "--", "-h", "--config", "--server"})
    void hs256Token_keyThatBeginsLikeAnOption_isAKey(String beginning) {
        String key = beginning + "A".repeat(43 - beginning.length());
        String apart = printed("auth", "generate-jwt-hs256-server-token", "--secret-key", key, "--server", SERVER);

        assertEquals(
                apart, printed("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--secret-key=" + key));
        assertEquals(
                Optional.of(ServerId.parse(SERVER)),
                ServerToken.verifyJwt(apart, Bytes.wrap(Base64.getUrlDecoder().decode(key))));
    }

    @Test
    void hs256Token_schedulerWithoutAKey_saysSo() throws IOException {
        Path file = config("type = \"token\"\ntoken = \"t\"\n");

        assertEquals(
                2, run("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--config", file.toString()));
        assertEquals(
                "jdist auth: error: " + file + ": server_auth is not of type \"jwt_hs256\", so there is no key\n",
                err.toString());
    }

    @Test
    void hs256Token_brokenSettings_namesFileLineAndKey() throws IOException {
        Path file = config("type = \"jwt_hs256\"\nsecret_key = \"short\"\n");

        assertEquals(
                2, run("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--config", file.toString()));
        assertTrue(err.toString().contains(file + ":7"), err.toString());
        assertTrue(err.toString().contains("secret_key"), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"host:10501", "192.168.1.5", "192.168.1.5:99999", ""})
    void hs256Token_serverThatIsNoAddress_isAUsageError(String server) {
        String key = printed("auth", "generate-jwt-hs256-key");

        assertEquals(2, run("auth", "generate-jwt-hs256-server-token", "--server", server, "--secret-key", key));
        assertTrue(err.toString().contains("wrong --server or key"), err.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "not base64 at all!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void hs256Token_badKey_isAUsageErrorThatDoesNotRepeatIt(String key) {
        assertEquals(2, run("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--secret-key", key));
        assertTrue(err.toString().contains("wrong --server or key"), err.toString());
        assertTrue(key.isEmpty() || !err.toString().contains(key), err.toString());
    }

    /** The scheduler takes keys of 32 bytes only: a token for another could never be used. */
    @Test
    void hs256Token_longKey_isAUsageError() {
        String longer = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[48]);

        assertEquals(2, run("auth", "generate-jwt-hs256-server-token", "--server", SERVER, "--secret-key", longer));
    }

    @Test
    void hs256Token_noOrTwoSources_isAUsageError() {
        assertEquals(2, run("auth", "generate-jwt-hs256-server-token", "--server", SERVER));
        assertEquals(
                2,
                run(
                        "auth",
                        "generate-jwt-hs256-server-token",
                        "--server",
                        SERVER,
                        "--secret-key",
                        "x",
                        "--config",
                        "y"));
        assertEquals(2, run("auth", "generate-jwt-hs256-server-token", "--secret-key", "x"));
    }

    @Test
    void auth_alone_asksWhichKind() {
        assertEquals(2, run("auth"));
        assertTrue(err.toString().contains("say which kind of token to generate"), err.toString());
        assertTrue(err.toString().contains("generate-shared-token"), err.toString());
    }
}
