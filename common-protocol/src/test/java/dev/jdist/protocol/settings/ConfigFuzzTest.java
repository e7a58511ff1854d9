package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.wire.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Any text is a settings file or a {@link ConfigException}, and so with the small forms in it. */
class ConfigFuzzTest {
    private static final Environment HOME = new Environment(Map.of("HOME", "/home/u"));
    private static final String CLIENT_JSON =
            "{\"server_startup_timeout_ms\": 5, \"basedirs\": [\"/a\"], \"dist\": {\"scheduler_url\": \"http://h:1\","
                    + " \"cache_dir\": \"/c\", \"toolchain_cache_size\": \"5G\", \"auth\": {\"type\": \"token\","
                    + " \"token\": \"t\"}, \"toolchains\": [{\"type\": \"no_dist\", \"compiler_executable\": \"/a\"}]}}";
    private static final String SCHEDULER_JSON =
            "{\"public_addr\": \"1.2.3.4:5\", \"client_auth\": {\"type\": \"proxy_token\", \"url\": \"http://p\","
                    + " \"cache_secs\": 5}, \"server_auth\": {\"type\": \"jwt_hs256\", \"secret_key\":"
                    + " \"abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabc\"}}";
    private static final String SERVER_JSON =
            "{\"cache_dir\": \"tc\", \"public_addr\": \"[fd00::2]:5\", \"scheduler_url\": \"http://s\", \"builder\":"
                    + " {\"type\": \"overlay\", \"build_dir\": \"b\", \"bwrap_path\": \"bwrap\"}, \"scheduler_auth\":"
                    + " {\"type\": \"DANGEROUSLY_INSECURE\"}}";

    @Test
    void toml_anyText_isSettingsOrRefusal() throws IOException {
        List<String> samples = List.of(
                Files.readString(Path.of("../configs/client.conf")).replace("\n# ", "\n"),
                "[dist.auth]\ntype = \"token\"\ntoken = 'x'\n[[dist.toolchains]]\ntype = \"no_dist\"\n",
                Files.readString(Path.of("../configs/scheduler.conf")),
                Files.readString(Path.of("../configs/server.conf")));
        Fuzz.text(1, samples, text -> readAll("c.toml", text));
    }

    @Test
    void json_anyText_isSettingsOrRefusal() {
        Fuzz.text(1, List.of(CLIENT_JSON, SCHEDULER_JSON, SERVER_JSON), text -> readAll("c.json", text));
    }

    @Test
    void httpUrl_anyText_isUrlOrRefusal() {
        List<String> samples = List.of("http://farm.example:10600/a?b#c", "https://[fd00::1]:1/", "http://a_b:5");
        Fuzz.text(
                0.5,
                samples,
                text -> {
                    HttpUrl url = HttpUrl.parse(text);
                    assertEquals(url, HttpUrl.parse(url.toString()));
                },
                IllegalArgumentException.class);
    }

    @Test
    void byteSizeAndIdleTimeout_anyText_isValueOrNothing() {
        Fuzz.text(0.5, List.of("10G", "10737418240", "5k", "0"), text -> {
            ByteSize.parse(text);
            new Environment(Map.of("SCCACHE_IDLE_TIMEOUT", text)).idleTimeout();
        });
    }

    private static void readAll(String file, String text) {
        refusable(() -> ClientConfig.from(ConfigTable.parse(file, text), HOME));
        refusable(() -> SchedulerConfig.from(ConfigTable.parse(file, text)));
        refusable(() -> ServerConfig.from(ConfigTable.parse(file, text), new Machine(false, HOME)));
    }

    private interface Reading {
        Object read() throws ConfigException;
    }

    private static void refusable(Reading reading) {
        try {
            reading.read();
        } catch (ConfigException e) {
            assertEquals('c', e.getMessage().charAt(0), e.getMessage());
        }
    }
}
