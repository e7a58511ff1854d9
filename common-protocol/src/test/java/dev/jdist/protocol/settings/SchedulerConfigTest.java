package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.SchedulerConfig.ClientAuth;
import dev.jdist.protocol.settings.SchedulerConfig.ServerAuth;
import dev.jdist.protocol.settings.SchedulerConfig.Tls;
import dev.jdist.protocol.wire.IpAddress;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerConfigTest {
    private static final String KEY = "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabc";
    private static final String HEAD = "public_addr = \"10.0.0.1:10600\"\n";
    private static final String CLIENT = "[client_auth]\ntype = \"token\"\ntoken = \"hush-client\"\n";
    private static final String SERVER = "[server_auth]\ntype = \"token\"\ntoken = \"hush-server\"\n";

    @Test
    void read_theSample_isGood() throws ConfigException {
        SchedulerConfig config = SchedulerConfig.read(Path.of("../configs/scheduler.conf"));

        assertEquals(ServerId.parse("127.0.0.1:10600"), config.publicAddr());
        assertEquals(new ClientAuth.Token(new Secret("change-me-client")), config.clientAuth());
        assertEquals(new ServerAuth.Token(new Secret("change-me-server")), config.serverAuth());
        assertEquals(Optional.empty(), config.trustedProxies());
        assertEquals(Optional.empty(), config.tokens());
    }

    @Test
    void from_jwtAndHs256_isGood() throws ConfigException {
        SchedulerConfig config = from(
                "c.toml",
                HEAD
                        + "[client_auth]\ntype = \"jwt_validate\"\n"
                        + "audience = \"a\"\nissuer = \"i\"\njwks_url = \"https://j/k\"\n"
                        + "[server_auth]\ntype = \"jwt_hs256\"\nsecret_key = \"" + KEY + "\"\n");

        assertEquals(new ClientAuth.JwtValidate("a", "i", HttpUrl.parse("https://j/k")), config.clientAuth());
        assertEquals(new ServerAuth.JwtHs256(new Secret(KEY)), config.serverAuth());
    }

    @Test
    void from_jsonWithProxyToken_isGood() throws ConfigException {
        SchedulerConfig config = from(
                "c.json",
                "{\"public_addr\": \"[fd00::1]:10600\", \"client_auth\": {\"type\": \"proxy_token\","
                        + " \"url\": \"http://p/\", \"cache_secs\": 60}, \"server_auth\": {\"type\":"
                        + " \"DANGEROUSLY_INSECURE\"}}");

        assertEquals(new ClientAuth.ProxyToken(HttpUrl.parse("http://p/"), Optional.of(60L)), config.clientAuth());
        assertEquals(new ServerAuth.Insecure(), config.serverAuth());
        assertEquals(ServerId.parse("[fd00::1]:10600"), config.publicAddr());
    }

    @Test
    void from_proxyTokenWithoutCache_isGood() throws ConfigException {
        SchedulerConfig config =
                from("c", HEAD + "[client_auth]\ntype = \"proxy_token\"\nurl = \"http://p\"\n" + SERVER);

        assertEquals(new ClientAuth.ProxyToken(HttpUrl.parse("http://p"), Optional.empty()), config.clientAuth());
    }

    @Test
    void from_trustedProxies_areAddresses() throws ConfigException {
        SchedulerConfig named =
                from("c", HEAD + CLIENT + SERVER + "[jdist]\ntrusted_proxies = [\"127.0.0.1\", \"fd00::1\"]\n");
        SchedulerConfig nobody = from("c", HEAD + CLIENT + SERVER + "[jdist]\ntrusted_proxies = []\n");
        SchedulerConfig asStock = from("c", HEAD + CLIENT + SERVER);

        assertEquals(
                Optional.of(Set.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("fd00::1"))), named.trustedProxies());
        assertEquals(Optional.of(Set.of()), nobody.trustedProxies());
        assertEquals(Optional.empty(), asStock.trustedProxies());
    }

    @Test
    void from_trustedProxyThatIsNoAddress_isRefusedWithItsLine() {
        ConfigException e = assertThrows(
                ConfigException.class,
                () -> from("c", HEAD + CLIENT + SERVER + "[jdist]\ntrusted_proxies = [\"nginx\"]\n"));

        assertEquals("c:9: jdist.trusted_proxies is wrong: \"nginx\" is not an IP address", e.getMessage());
    }

    @Test
    void from_fileOfTokens_standsBesideTheTablesOrAlone() throws ConfigException {
        String tokens = "[jdist]\ntokens = \"/etc/jdist/tokens\"\n";
        SchedulerConfig beside = from("c", HEAD + CLIENT + SERVER + tokens);
        SchedulerConfig alone = from("c", HEAD + tokens);

        assertEquals(Optional.of(Path.of("/etc/jdist/tokens")), beside.tokens());
        assertEquals(new ClientAuth.Token(new Secret("hush-client")), beside.clientAuth());
        assertEquals(Optional.of(Path.of("/etc/jdist/tokens")), alone.tokens());
        assertEquals(new ClientAuth.NamedTokens(), alone.clientAuth());
        assertEquals(new ServerAuth.NamedTokens(), alone.serverAuth());
        assertEquals(Optional.empty(), from("c", HEAD + CLIENT + SERVER).tokens());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tokens = \"tokens\" | c:3: jdist.tokens = \"tokens\" must begin with /: the scheduler and `jdist token`"
                        + " have to find the same file, wherever they are started",
                "tokens = \"/a.json\" | c:3: jdist.tokens = \"/a.json\" must not end in .json, as what is written there is"
                        + " TOML",
                "tokens = \"\" | c:3: jdist.tokens is empty; it must be a path",
                "token = \"/a\" | c:3: unknown key \"jdist.token\"; did you mean \"tokens\"?",
            })
    void from_badFileOfTokens_saysWhatWouldBeRight(String line, String message) {
        complains(message, HEAD + "[jdist]\n" + line + "\n" + CLIENT + SERVER);
    }

    @Test
    void from_everybodyWelcome_isGood() throws ConfigException {
        SchedulerConfig config = from(
                "c", "public_addr = \"0.0.0.0:10600\"\n[client_auth]\ntype =" + " \"DANGEROUSLY_INSECURE\"\n" + SERVER);

        assertEquals(new ClientAuth.Insecure(), config.clientAuth());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 'c:1: the key \"public_addr\" is missing'",
                "'public_addr = \"10.0.0.1:1\"' | 'c:1: the key \"client_auth\" is missing'",
                "'public_adr = \"10.0.0.1:1\"' | 'c:1: unknown key \"public_adr\"; did you mean \"public_addr\"?'",
                "'public_addr = 10600' | 'c:1: public_addr must be a string, not a number'",
                "'public_addr = \"10.0.0.1\"' | 'c:1: public_addr is wrong: \"10.0.0.1\" is not an address of the form"
                        + " IP:PORT'",
                "'\npublic_addr = \"scheduler:10600\"' | 'c:2: public_addr is wrong: \"scheduler\" is not an IP address"
                        + " (host names do not work here; write 192.168.1.5 or [fd00::5])'",
            })
    void from_badAddress_saysWhatWouldBeRight(String text, String message) {
        complains(message, text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 'c:2: the key \"client_auth.type\" is missing'",
                "'type = \"token\"' | 'c:2: the key \"client_auth.token\" is missing'",
                "'type = \"token\"\ntoken = \"\"' | 'c:4: client_auth.token must be printable ASCII and not empty, as it"
                        + " travels in an HTTP header'",
                "'type = \"token\"\ntoken = \"a\"\ntokens = \"b\"' | 'c:5: unknown key \"client_auth.tokens\"; did you"
                        + " mean \"token\"?'",
                "'type = \"tokn\"' | 'c:3: client_auth.type = \"tokn\" is not known; did you mean \"token\"?'",
                "'type = \"jwt_hs256\"' | 'c:3: client_auth.type = \"jwt_hs256\" is not known; known: token,"
                        + " jwt_validate, proxy_token, DANGEROUSLY_INSECURE'",
                "'type = \"mozilla\"' | 'c:3: client_auth.type = \"mozilla\" needs Mozilla''s own identity service,"
                        + " which sccache dropped; use \"token\", \"jwt_validate\" or \"proxy_token\"'",
                "'type = \"jwt_validate\"\naudience = \"a\"\nissuer = \"i\"' | 'c:2: the key \"client_auth.jwks_url\" is"
                        + " missing'",
                "'type = \"proxy_token\"\nurl = \"p\"' | 'c:4: client_auth.url is wrong: \"p\" must start with"
                        + " http:// or https://'",
                "'type = \"proxy_token\"\nurl = \"http://p\"\ncache_secs = -1' | 'c:5: client_auth.cache_secs must not be"
                        + " negative'",
                "'type = \"DANGEROUSLY_INSECURE\"\ntoken = \"a\"' | 'c:4: unknown key \"client_auth.token\"; known here:"
                        + " type'",
            })
    void from_badClientAuth_saysWhatWouldBeRight(String auth, String message) {
        complains(message, HEAD + "[client_auth]\n" + auth + "\n" + SERVER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", KEY + "d", "a", "!bcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabc"})
    void from_badHs256Key_saysHowToMakeOneAndHidesIt(String key) {
        String text = HEAD + CLIENT + "[server_auth]\ntype = \"jwt_hs256\"\nsecret_key = \"" + key + "\"\n";
        complains(
                "c:7: server_auth.secret_key is not a key of 32 bytes; make one with `jdist auth"
                        + " generate-jwt-hs256-key`",
                text);
    }

    @Test
    void from_badServerAuth_saysWhatWouldBeRight() {
        complains("c:5: the key \"server_auth.type\" is missing", HEAD + CLIENT + "[server_auth]");
        complains(
                "c:6: server_auth.type = \"jwt_token\" is not known; known: token, jwt_hs256, DANGEROUSLY_INSECURE",
                HEAD + CLIENT + "[server_auth]\ntype = \"jwt_token\"");
    }

    @Test
    void from_unknownKeyAtTheTop_isRefused() {
        complains(
                "c:1: unknown key \"port\"; known here: client_auth, jdist, public_addr, server_auth",
                "port = 1\n" + HEAD + CLIENT + SERVER);
    }

    @Test
    void toString_anyAuth_hidesSecrets() throws ConfigException {
        String token = from("c", HEAD + CLIENT + SERVER).toString();
        String hs256 = from("c", HEAD + CLIENT + "[server_auth]\ntype = \"jwt_hs256\"\nsecret_key = \"" + KEY + "\"")
                .toString();

        assertFalse(token.contains("hush"), token);
        assertFalse(hs256.contains(KEY), hs256);
    }

    private static SchedulerConfig from(String file, String text) throws ConfigException {
        return SchedulerConfig.from(ConfigTable.parse(file, text));
    }

    private static void complains(String message, String text) {
        assertEquals(
                message,
                assertThrows(ConfigException.class, () -> from("c", text)).getMessage());
    }

    @Test
    void tls_nothingSaid_isOff() throws ConfigException {
        assertEquals(new Tls.Off(), from("c.toml", HEAD + CLIENT + SERVER).tls());
    }

    /** All who are given the same settings file find the same key, wherever they are started. */
    @ParameterizedTest
    @CsvSource({
        "/etc/jdist/scheduler.conf, /var/lib/jdist-scheduler/tls.pem",
        "/etc/jdist/../jdist/other.conf, /var/lib/jdist-scheduler/tls.pem",
        "/home/me/scheduler.conf, /home/me/scheduler-tls.pem",
        "/scheduler.conf, /scheduler-tls.pem"
    })
    void tls_selfSigned_isKeptBesideTheSettings(String file, String identity) throws ConfigException {
        SchedulerConfig config = from(file, HEAD + "[jdist]\ntls = \"self-signed\"\n" + CLIENT + SERVER);

        assertEquals(new Tls.SelfSigned(Path.of(identity)), config.tls());
    }

    @Test
    void tls_relativeSettingsFile_isBesideItToo() throws ConfigException {
        SchedulerConfig config = from("c.toml", HEAD + "[jdist]\ntls = \"self-signed\"\n" + CLIENT + SERVER);

        assertEquals(new Tls.SelfSigned(Path.of("scheduler-tls.pem").toAbsolutePath()), config.tls());
    }

    @Test
    void tls_identityNamed_isThere() throws ConfigException {
        SchedulerConfig config = from(
                "c.toml", HEAD + "[jdist]\ntls = \"self-signed\"\ntls_identity = \"/k/t.pem\"\n" + CLIENT + SERVER);

        assertEquals(new Tls.SelfSigned(Path.of("/k/t.pem")), config.tls());
    }

    @Test
    void tls_files_areBothNamed() throws ConfigException {
        SchedulerConfig config = from(
                "c.toml",
                HEAD + "[jdist]\ntls = \"files\"\ntls_certificate = \"/c.pem\"\ntls_key = \"/k.pem\"\n" + CLIENT
                        + SERVER);

        assertEquals(new Tls.Files(Path.of("/c.pem"), Path.of("/k.pem")), config.tls());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tls = \"files\"|c.toml:2: the key \"jdist.tls_certificate\" is missing",
                "tls = \"files\" ~ tls_certificate = \"c\"|c.toml:2: the key \"jdist.tls_key\" is missing",
                "tls = \"on\"|c.toml:3: jdist.tls = \"on\" is not known; known: off, self-signed, files",
                "tls = true|c.toml:3: jdist.tls must be a string, not true",
                "tls = \"self-signed\" ~ tls_identity = \"t.pem\"|c.toml:4: jdist.tls_identity = \"t.pem\" must begin"
                        + " with /: the scheduler and `jdist token` have to find the same file, wherever they are started",
                "tls_identity = \"/t.pem\"|c.toml:3: jdist.tls_identity is for tls = \"self-signed\" only",
                "tls_key = \"/t.pem\"|c.toml:3: jdist.tls_key is for tls = \"files\" only"
            })
    void tls_mistakes_areNamed(String lines, String message) {
        String text = HEAD + "[jdist]\n" + lines.replace(" ~ ", "\n") + "\n" + CLIENT + SERVER;

        assertEquals(
                message,
                assertThrows(ConfigException.class, () -> from("c.toml", text)).getMessage());
    }
}
