package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.settings.ClientConfig.Auth;
import dev.jdist.protocol.settings.ClientConfig.CustomToolchain;
import dev.jdist.protocol.settings.ClientConfig.LoginUrl;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientConfigTest {
    @TempDir
    private Path directory;

    private static final Environment HOME = new Environment(Map.of("HOME", "/home/u"));

    @Test
    void read_theSample_isGood() throws ConfigException {
        ClientConfig config = ClientConfig.read(Path.of("../configs/client.conf"), HOME);

        assertEquals(
                Optional.of(HttpUrl.parse("http://127.0.0.1:10600")),
                config.dist().schedulerUrl());
        assertEquals(
                new Auth.Token(new Secret("change-me-client")), config.dist().auth());
        assertEquals(10L << 30, config.dist().toolchainCacheSize());
    }

    @Test
    void defaults_nothingSet_areThoseOfStock() throws ConfigException {
        ClientConfig config = ClientConfig.defaults(HOME);

        assertEquals(
                new ClientConfig.Dist(
                        Optional.empty(),
                        Optional.empty(),
                        new Auth.Token(new Secret("dangerously_insecure_client")),
                        Path.of("/home/u/.cache/sccache-dist-client"),
                        10L << 30,
                        List.of(),
                        false,
                        BuilderChoice.ANY),
                config.dist());
        assertEquals(
                new CacheConfig(
                        Path.of("/home/u/.cache/sccache"), 10L << 30, true, 3, true, false, List.of(), List.of()),
                config.cache());
        assertEquals(Duration.ofSeconds(10), config.startupTimeout());
    }

    @Test
    void from_everythingSet_isRead() throws ConfigException {
        ClientConfig config = from("c", """
                server_startup_timeout_ms = 2500
                basedirs = ["/src", "/home/u/src"]
                client_side_mode = true
                [dist]
                scheduler_url = "https://farm.example"
                cache_dir = "/tmp/c"
                toolchain_cache_size = "1M"
                rewrite_includes_only = true
                [jdist]
                builders = ["10.0.0.1:10501", "[fd00::1]:10501"]
                [dist.auth]
                type = "oauth2_code_grant_pkce"
                client_id = "id"
                auth_url = "https://a"
                token_url = "https://t"
                [[dist.toolchains]]
                type = "no_dist"
                compiler_executable = "/usr/bin/gcc"
                [[dist.toolchains]]
                type = "path_override"
                compiler_executable = "/usr/bin/clang"
                archive = "/a.tar.gz"
                archive_compiler_executable = "/bin/clang"
                """);

        assertEquals(
                new ClientConfig.Dist(
                        Optional.of(HttpUrl.parse("https://farm.example")),
                        Optional.empty(),
                        new Auth.CodeGrantPkce(
                                "id",
                                new LoginUrl("https://a", HttpUrl.parse("https://a/")),
                                HttpUrl.parse("https://t")),
                        Path.of("/tmp/c"),
                        1 << 20,
                        List.of(
                                new CustomToolchain.NoDist(Path.of("/usr/bin/gcc")),
                                new CustomToolchain.PathOverride(
                                        Path.of("/usr/bin/clang"), Path.of("/a.tar.gz"), "/bin/clang")),
                        true,
                        new BuilderChoice(Set.of(ServerId.parse("10.0.0.1:10501"), ServerId.parse("[fd00::1]:10501")))),
                config.dist());
        assertEquals(Duration.ofMillis(2500), config.startupTimeout());
    }

    @Test
    void from_json_isRead() throws ConfigException {
        ClientConfig config = from(
                "c.json",
                "{\"dist\": {\"auth\": {\"type\": \"oauth2_implicit\", \"client_id\": \"i\", \"auth_url\":"
                        + " \"http://a\"}}, \"cache\": {\"disk\": {\"size\": 5}}}");

        assertEquals(
                new Auth.Implicit("i", new LoginUrl("http://a", HttpUrl.parse("http://a"))),
                config.dist().auth());
        assertEquals(5, config.cache().limit());
    }

    /** A file that stock takes must be taken, though most caches are not there. */
    @Test
    void from_everyCacheOfStock_isTakenAndTold() throws ConfigException {
        ClientConfig config = from("c", """
                [cache.azure]
                connection_string = "x"
                [cache.disk]
                dir = "/tmp/.cache/sccache"
                size = 7516192768
                rw_mode = "READ_WRITE"
                [cache.disk.preprocessor_cache_mode]
                use_preprocessor_cache_mode = true
                file_stat_matches = true
                [cache.gcs]
                rw_mode = "READ_ONLY"
                bucket = "name"
                [cache.gha]
                enabled = true
                version = "my-version"
                [cache.memcached]
                url = "tcp://127.0.0.1:11211"
                expiration = 86400
                [cache.redis]
                url = "redis://user:passwd@1.2.3.4:6379/?db=1"
                expiration = 86400
                [cache.s3]
                bucket = "name"
                endpoint = "s3-us-east-1.amazonaws.com"
                use_ssl = true
                no_credentials = true
                [cache.webdav]
                endpoint = "http://127.0.0.1"
                [cache.oss]
                bucket = "name"
                [cache.cos]
                bucket = "name"
                [cache.multilevel]
                chain = ["disk", "s3"]
                """);

        assertEquals(
                List.of("azure", "cos", "gcs", "gha", "memcached", "multilevel", "oss", "redis", "s3", "webdav"),
                config.cache().unused());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'[dits]' | 'c:1: unknown key \"dits\"; did you mean \"dist\"?'",
                "'dist = 1' | 'c:1: dist must be a table, not a number'",
                "'[dist]\nscheduler_ulr = \"http://s\"' | 'c:2: unknown key \"dist.scheduler_ulr\"; did you mean"
                        + " \"scheduler_url\"?'",
                "'[dist]\nscheduler_url = \"10.0.0.1:10600\"' | 'c:2: dist.scheduler_url is wrong: \"10.0.0.1:10600\" is"
                        + " not a URL such as http://192.168.1.5:10600'",
                "'[dist]\nscheduler_url = \"http://\"' | 'c:2: dist.scheduler_url is wrong: \"http://\" is not a URL"
                        + " such as http://192.168.1.5:10600'",
                "'[dist]\ntoolchain_cache_size = \"ten\"' | 'c:2: dist.toolchain_cache_size \"ten\" is not a size; write"
                        + " bytes, or a number with K, M, G or T'",
                "'[dist]\nrewrite_includes_only = 1' | 'c:2: dist.rewrite_includes_only must be true or false, not a"
                        + " number'",
                "'[dist.auth]\ntoken = \"x\"' | 'c:1: the key \"dist.auth.type\" is missing'",
                "'[dist.auth]\ntype = \"token\"' | 'c:1: the key \"dist.auth.token\" is missing'",
                "'[dist.auth]\ntype = \"mozilla\"' | 'c:2: dist.auth.type = \"mozilla\" needs Mozilla''s own identity"
                        + " service, which sccache dropped; use \"token\", \"oauth2_code_grant_pkce\" or"
                        + " \"oauth2_implicit\"'",
                "'[dist.auth]\ntype = \"oauth2\"' | 'c:2: dist.auth.type = \"oauth2\" is not known; known: token,"
                        + " oauth2_code_grant_pkce, oauth2_implicit'",
                "'[dist.auth]\ntype = \"oauth2_implicit\"\nclient_id = \"i\"\nauth_url = \"nowhere\"' | 'c:4:"
                        + " dist.auth.auth_url is wrong: \"nowhere\" must start with http:// or https://'",
                "'dist.auth = \"token\"' | 'c:1: dist.auth must be a table, not a string'",
                "'[[dist.toolchains]]\ntype = \"nodist\"' | 'c:2: dist.toolchains[0].type = \"nodist\" is not known; did"
                        + " you mean \"no_dist\"?'",
                "'[[dist.toolchains]]\ntype = \"no_dist\"' | 'c:1: the key \"dist.toolchains[0].compiler_executable\" is"
                        + " missing'",
                "'[[dist.toolchains]]\ntype = \"path_override\"\ncompiler_executable = \"/a\"\narchive = \"/b\"' | 'c:1:"
                        + " the key \"dist.toolchains[0].archive_compiler_executable\" is missing'",
                "'[[dist.toolchains]]\ntype = \"no_dist\"\ncompiler_executable = \"/a\"\narchive = \"/b\"' | 'c:4:"
                        + " unknown key \"dist.toolchains[0].archive\"; known here: compiler_executable, type'",
                "'[[dist.toolchains]]\ntype = \"no_dist\"\ncompiler_executable = \"/a\"\n[[dist.toolchains]]\ntype ="
                        + " \"no_dist\"\ncompiler_executable = \"/a\"' | 'c:6: dist.toolchains[1].compiler_executable ="
                        + " \"/a\" stands in two entries; keep one of them'",
                "'basedirs = [\"src\"]' | 'c:1: basedirs must hold absolute paths; \"src\" is not'",
                "'basedirs = [\"/ok\",\n\"\"]' | 'c:1: basedirs must hold absolute paths; \"\" is not'",
                "'basedirs = [\"/a\\u0000\"]' | 'c:1: basedirs is not a path: Nul character not allowed'",
                "'basedirs = \"/src\"' | 'c:1: basedirs must be a list, not a string'",
                "'server_startup_timeout_ms = \"1s\"' | 'c:1: server_startup_timeout_ms must be a number, not a string'",
                "'server_startup_timeout_ms = -5' | 'c:1: server_startup_timeout_ms must not be negative'",
                "'client_side_mode = \"yes\"' | 'c:1: client_side_mode must be true or false, not a string'",
                "'[cache.s4]' | 'c:1: unknown key \"cache.s4\"; did you mean \"s3\"?'",
                "'[cache.redis]\nurll = \"x\"' | 'c:2: unknown key \"cache.redis.urll\"; did you mean \"url\"?'",
                "'cache = 1' | 'c:1: cache must be a table, not a number'",
                "'[jdist]\nbuilder = []' | 'c:2: unknown key \"jdist.builder\"; did you mean \"builders\"?'",
                "'[jdist]\nbuilders = []' | 'c:2: jdist.builders names none; leave it out to use all, and [dist]"
                        + " scheduler_url to use no farm'",
                "'[jdist]\nbuilders = [\"box:10501\"]' | 'c:2: jdist.builders is wrong: \"box\" is not an IP address"
                        + " (host names do not work here; write 192.168.1.5 or [fd00::5])'",
                "'cache.disk = 1' | 'c:1: cache.disk must be a table, not a number'",
            })
    void from_oneMistake_saysWhatWouldBeRight(String text, String message) {
        assertEquals(
                message,
                assertThrows(ConfigException.class, () -> from("c", text)).getMessage());
    }

    @Test
    void from_jsonKeyTwice_isRefused() {
        ConfigException refusal =
                assertThrows(ConfigException.class, () -> from("c.json", "{\"dist\": {},\n\"dist\": {}}"));

        assertEquals("c.json:2: not valid JSON: Duplicate field 'dist'", refusal.getMessage());
    }

    @Test
    void toString_always_hidesSecrets() throws ConfigException {
        String text =
                from("c", "[dist.auth]\ntype = \"token\"\ntoken = \"hush\"").toString();

        assertFalse(text.contains("hush"), text);
        assertTrue(text.contains("[secret]"), text);
    }

    @Test
    void inForce_fileNamed_isRead() throws IOException, ConfigException {
        Path file = Files.writeString(directory.resolve("c"), "[dist]\nscheduler_url = \"http://s\"\n");

        ClientConfig config = ClientConfig.inForce(environment("SCCACHE_CONF", file.toString()));

        assertEquals(Optional.of(HttpUrl.parse("http://s")), config.dist().schedulerUrl());
    }

    @Test
    void inForce_fileInTheDefaultPlace_isRead() throws IOException, ConfigException {
        Files.createDirectories(directory.resolve(".config/sccache"));
        Files.writeString(directory.resolve(".config/sccache/config"), "server_startup_timeout_ms = 1\n");

        assertEquals(
                Duration.ofMillis(1),
                ClientConfig.inForce(environment("HOME", directory.toString())).startupTimeout());
    }

    @Test
    void inForce_noFile_isDefaults() throws ConfigException {
        Environment environment = environment(
                "HOME", "/home/u", "SCCACHE_CONF", directory.resolve("none").toString());

        assertEquals(ClientConfig.defaults(environment), ClientConfig.inForce(environment));
    }

    /** To stock, the empty name is the name of no file: a way to say "no settings". */
    @Test
    void inForce_emptyName_isDefaults() throws IOException, ConfigException {
        Files.createDirectories(directory.resolve(".config/sccache"));
        Files.writeString(directory.resolve(".config/sccache/config"), "server_startup_timeout_ms = 1\n");
        Environment environment = environment("HOME", directory.toString(), "SCCACHE_CONF", "");

        assertEquals(ClientConfig.defaults(environment), ClientConfig.inForce(environment));
    }

    @Test
    void inForce_badFile_isRefused() throws IOException {
        Path file = Files.writeString(directory.resolve("c"), "x = 1");

        assertThrows(ConfigException.class, () -> ClientConfig.inForce(environment("SCCACHE_CONF", file.toString())));
    }

    private static Environment environment(String... namesAndValues) {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            variables.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Environment(variables);
    }

    private static ClientConfig from(String file, String text) throws ConfigException {
        return ClientConfig.from(ConfigTable.parse(file, text), HOME);
    }

    @Test
    void from_aPin_saysWhereItIsWritten() throws Exception {
        String pin = "sha256:" + "aB".repeat(32);
        ClientConfig config =
                from("c.toml", "[dist]\nscheduler_url = \"https://s\"\n[jdist]\nscheduler_pin = \"" + pin + "\"\n");

        CertificatePin read = config.dist().schedulerPin().orElseThrow();
        assertEquals(pin.toLowerCase(Locale.ROOT), read.toString());
        assertEquals("[jdist] scheduler_pin in c.toml:4", read.source());
    }

    @Test
    void from_aPinForPlainHttp_isRefused() {
        String pin = "[jdist]\nscheduler_pin = \"sha256:" + "00".repeat(32) + "\"\n";

        assertEquals(
                "c.toml:4: jdist.scheduler_pin is for https, but scheduler_url is http://s/; write https:// there, or"
                        + " remove scheduler_pin",
                assertThrows(
                                ConfigException.class,
                                () -> from("c.toml", "[dist]\nscheduler_url = \"http://s\"\n" + pin))
                        .getMessage());
        assertEquals(
                "c.toml:2: jdist.scheduler_pin is for https, but no scheduler_url is set; write https:// there, or"
                        + " remove scheduler_pin",
                assertThrows(ConfigException.class, () -> from("c.toml", pin)).getMessage());
    }

    @Test
    void from_aPinThatIsNone_isRefused() {
        for (String wrong :
                List.of("", "sha256:", "00".repeat(32), "sha1:" + "00".repeat(20), "sha256:" + "0g".repeat(32))) {
            String message = assertThrows(
                            ConfigException.class,
                            () -> from(
                                    "c.toml",
                                    "[dist]\nscheduler_url = \"https://s\"\n[jdist]\nscheduler_pin = \"" + wrong
                                            + "\"\n"))
                    .getMessage();
            assertEquals(
                    "c.toml:4: jdist.scheduler_pin = \"" + wrong + "\" is not sha256: and 64 hexadecimal digits;"
                            + " `jdist doctor` on the scheduler's machine shows the pin",
                    message);
        }
    }
}
