package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsListingTest {
    @TempDir
    private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("file.conf"), text);
    }

    private static Machine machine(String... namesAndValues) {
        Map<String, String> variables = new HashMap<>(Map.of("HOME", "/home/u"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            variables.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Machine(false, new Environment(variables));
    }

    private String text(Role role, Path file, Machine machine) throws ConfigException {
        return SettingsListing.of(role, file, machine).toText().replace(directory.toString(), "DIR");
    }

    @Test
    void toText_ofABuilder_saysOfEachValueWhereItComesFrom() throws Exception {
        Path file = file("""
                public_addr = "10.0.0.2:10501"
                scheduler_url = 'http://10.0.0.1:10600'
                [builder]
                type = "overlay"
                [scheduler_auth]
                type = "token"
                token = "hush"
                [jdist]
                job_memory = "3G"
                job_timeout_secs = 60
                """);

        assertEquals("""
                Settings of a builder (DIR/file.conf):

                SETTING                    VALUE                     FROM
                public_addr                "10.0.0.2:10501"          DIR/file.conf:1
                bind_address               (public_addr)             default
                scheduler_url              "http://10.0.0.1:10600/"  DIR/file.conf:2
                [jdist] scheduler_pin      (as this machine trusts)  default
                cache_dir                  "/fast/jdist/toolchains"  default
                toolchain_cache_size       "10G"                     default
                [jdist] source_cache_size  "5G"                      default
                [builder] type             "overlay"                 DIR/file.conf:4
                [builder] build_dir        "/fast/jdist/build"       default
                [builder] bwrap_path       "/usr/bin/bwrap"          default
                [jdist] sandbox            (the best that works)     default
                [jdist] job_uid            0                         default
                [scheduler_auth] type      "token"                   DIR/file.conf:6
                [scheduler_auth] token     [secret]                  DIR/file.conf:7
                [jdist] cpus               (all that it sees)        default
                [jdist] job_timeout_secs   60                        DIR/file.conf:10
                [jdist] job_memory         "3G"                      DIR/file.conf:9
                [jdist] job_processes      512                       default
                [jdist] job_scratch_bytes  "4G"                      default
                [jdist] build_dir_bytes    (90 % of what is free)    default
                [jdist] job_output_bytes   "1G"                      default
                [jdist] job_log_bytes      "8M"                      default
                [jdist] job_nice           10                        default
                [jdist] drain_secs         60                        default
                [jdist] only_when_idle     false                     default

                """, settingsOf(text(Role.BUILDER, file, machine("XDG_CACHE_HOME", "/fast"))));
    }

    /** The first of the two tables. */
    private static String settingsOf(String text) {
        return text.substring(0, text.indexOf("VARIABLE"));
    }

    @Test
    void toText_variables_areThoseOfTheRole() throws Exception {
        String text = text(Role.SCHEDULER, file("""
                public_addr = "10.0.0.1:10600"
                [jdist]
                tokens = "/etc/jdist/tokens"
                """), machine("SCCACHE_NO_DAEMON", "1", "PATH", "/bin"));

        assertEquals("""
                Settings of a scheduler (DIR/file.conf):

                SETTING                  VALUE                       FROM
                public_addr              "10.0.0.1:10600"            DIR/file.conf:1
                [jdist] tokens           "/etc/jdist/tokens"         DIR/file.conf:3
                [jdist] trusted_proxies  (anybody's, as in sccache)  default
                [jdist] tls              "off"                       default

                VARIABLE            VALUE                     FROM
                """, text.substring(0, text.indexOf("SCCACHE_LOG")));
        assertTrue(text.matches("(?s).*\nSCCACHE_NO_DAEMON +\"1\" +environment\n.*"), text);
        assertTrue(text.matches("(?s).*\nPATH +\"/bin\" +environment\n.*"), text);
        assertTrue(text.matches("(?s).*\nJDIST_JAVA +\\(the newest one found\\) +default\n.*"), text);
        assertFalse(text.contains("SCCACHE_DIR") || text.contains("SCCACHE_RECACHE"), text);
    }

    @Test
    void toJson_ofAClient_saysOfEachValueWhereItComesFrom() throws Exception {
        Path file = file("""
                basedirs = ["/src", "/b"]
                client_side_mode = true
                [dist.auth]
                type = "token"
                token = "hush"
                [[dist.toolchains]]
                type = "no_dist"
                compiler_executable = "/usr/bin/gcc"
                [cache.redis]
                url = "redis://user:hush@10.0.0.9"
                db = 3
                """);

        String json = SettingsListing.of(Role.CLIENT, file, machine("SCCACHE_CACHE_SIZE", "5G", "SCCACHE_LOG", "debug"))
                .toJson();
        JsonNode root = new ObjectMapper().readTree(json);

        assertEquals("client", root.get("role").asText());
        assertEquals(file.toString(), root.get("config").asText());
        assertEquals(
                "[\"/src\",\"/b\"]",
                named(root.get("settings"), "basedirs").get("value").toString());
        JsonNode size = named(root.get("settings"), "cache.disk.size");
        assertEquals("5G variable SCCACHE_CACHE_SIZE", values(size, "value", "from", "variable"));
        JsonNode token = named(root.get("settings"), "dist.auth.token");
        assertEquals("[secret] true file 5", values(token, "value", "secret", "from", "line"));
        JsonNode timeout = named(root.get("settings"), "server_startup_timeout_ms");
        assertEquals("10000 default", values(timeout, "value", "from"));
        assertTrue(timeout.get("value").isInt(), json);
        JsonNode url = named(root.get("settings"), "dist.scheduler_url");
        assertEquals("null none: nothing is distributed default", values(url, "value", "default", "from"));
        JsonNode compiler = named(root.get("settings"), "dist.toolchains.compiler_executable");
        assertEquals("/usr/bin/gcc file 8", values(compiler, "value", "from", "line"));
        JsonNode mode = named(root.get("settings"), "client_side_mode");
        assertEquals("true file without effect", values(mode, "value", "from", "comment"));
        assertEquals("3", values(named(root.get("settings"), "cache.redis.db"), "value"));
        JsonNode level = named(root.get("variables"), "SCCACHE_LOG");
        assertEquals("debug variable", values(level, "value", "from"));
        assertFalse(json.contains("hush"), json);
        assertFalse(json.contains("cache.s3"), "what is neither set nor used is not listed");
    }

    private static JsonNode named(JsonNode lines, String name) {
        return StreamSupport.stream(lines.spliterator(), false)
                .filter(line -> line.get("name").asText().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + lines));
    }

    private static String values(JsonNode line, String... fields) {
        return Arrays.stream(fields).map(field -> line.get(field).asText()).collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @MethodSource("dev.jdist.protocol.settings.SettingDeclarationTest#everySetting")
    void listing_fileWithASecret_hidesIt(Role role, Setting<?> setting) throws Exception {
        Path file =
                file(SampleFile.with(role, setting, SampleFile.literal(setting)).text());

        SettingsListing listing = SettingsListing.of(role, file, machine());

        String both = listing.toText() + listing.toJson();
        assertTrue(both.contains(setting.toString()), "it is not listed");
        assertFalse(setting.isSecret() && both.contains("hush"), both);
    }

    @Test
    void of_clientWithoutAFile_hasDefaults() throws Exception {
        Path none = directory.resolve("none");

        String text = text(Role.CLIENT, none, machine());

        assertTrue(text.startsWith("Settings of a client (DIR/none, which is not there):\n"), text);
        assertTrue(text.contains("[cache.disk] dir "), text);
    }

    @Test
    void of_builderWithoutAFile_isRefused() {
        ConfigException refusal = assertThrows(
                ConfigException.class, () -> SettingsListing.of(Role.BUILDER, directory.resolve("none"), machine()));

        assertTrue(refusal.getMessage().endsWith("none: there is no such file"), refusal.getMessage());
    }

    @Test
    void of_wrongVariable_isRefused() {
        assertThrows(
                ConfigException.class,
                () -> SettingsListing.of(Role.CLIENT, file(""), machine("SCCACHE_CACHE_SIZE", "lots")));
    }
}
