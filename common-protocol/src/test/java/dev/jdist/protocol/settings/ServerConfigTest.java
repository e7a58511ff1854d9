package dev.jdist.protocol.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.config.ConfigException;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.config.Environment;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.settings.ServerConfig.Docker;
import dev.jdist.protocol.settings.ServerConfig.Overlay;
import dev.jdist.protocol.settings.ServerConfig.SchedulerAuth;
import dev.jdist.protocol.wire.ServerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {
    private static final Machine MACHINE = new Machine(false, new Environment(Map.of("HOME", "/home/u")));
    private static final String GOOD = """
            cache_dir = "/var/cache/tc"
            public_addr = "10.0.0.2:10501"
            scheduler_url = "https://farm.example/"
            [builder]
            type = "overlay"
            build_dir = "/var/build"
            bwrap_path = "/usr/bin/bwrap"
            [scheduler_auth]
            type = "jwt_token"
            token = "hush-builder"
            """;

    @Test
    void read_theSample_isGood() throws ConfigException {
        ServerConfig config = ServerConfig.read(Path.of("../configs/server.conf"), MACHINE);

        assertEquals(
                new Overlay(
                        Path.of("/var/lib/jdist/build"),
                        Path.of("/usr/bin/bwrap"),
                        Optional.empty(),
                        0,
                        Optional.empty()),
                config.builder());
        assertEquals(Path.of("/var/cache/jdist/toolchains"), config.cacheDir());
        assertEquals(ServerId.parse("127.0.0.1:10501"), config.publicAddr());
        assertEquals(Optional.empty(), config.get(ServerSettings.BIND_ADDRESS));
        assertEquals(HttpUrl.parse("http://127.0.0.1:10600"), config.schedulerUrl());
        assertEquals(new SchedulerAuth.Token(new Secret("change-me-server")), config.schedulerAuth());
        assertEquals(10L << 30, config.get(ServerSettings.TOOLCHAIN_CACHE_SIZE));
        assertEquals(5L << 30, config.get(ServerSettings.SOURCE_CACHE_SIZE));
        assertEquals(Duration.ofSeconds(1200), config.get(ServerSettings.JOB_TIMEOUT));
        assertEquals(Optional.empty(), config.get(ServerSettings.JOB_MEMORY));
        assertEquals(512, config.get(ServerSettings.JOB_PROCESSES));
        assertEquals(4L << 30, config.get(ServerSettings.JOB_SCRATCH_BYTES));
        assertEquals(1L << 30, config.get(ServerSettings.JOB_OUTPUT_BYTES));
        assertEquals(8L << 20, config.get(ServerSettings.JOB_LOG_BYTES));
        assertEquals(10, config.get(ServerSettings.JOB_NICE));
        assertEquals(Duration.ofSeconds(60), config.get(ServerSettings.DRAIN));
        assertEquals(config.publicAddr(), config.listenAddress());
    }

    @Test
    void from_toml_isGood() throws ConfigException {
        ServerConfig config = from("c", "toolchain_cache_size = \"5G\"\nbind_address = \"0.0.0.0:1\"\n" + GOOD);

        assertEquals(new SchedulerAuth.JwtToken(new Secret("hush-builder")), config.schedulerAuth());
        assertEquals(5L << 30, config.get(ServerSettings.TOOLCHAIN_CACHE_SIZE));
        assertEquals(ServerId.parse("0.0.0.0:1"), config.listenAddress());
    }

    @Test
    void from_json_isGood() throws ConfigException {
        ServerConfig config = from(
                "c.json",
                "{\"cache_dir\": \"tc\", \"public_addr\": \"[fd00::2]:5\", \"scheduler_url\": \"http://s\","
                        + " \"toolchain_cache_size\": 1000, \"builder\": {\"type\": \"overlay\", \"build_dir\": \"b\","
                        + " \"bwrap_path\": \"bwrap\"}, \"scheduler_auth\": {\"type\": \"DANGEROUSLY_INSECURE\"}}");

        assertEquals(new SchedulerAuth.Insecure(), config.schedulerAuth());
        assertEquals(Path.of("tc"), config.cacheDir());
        assertEquals(1000, config.get(ServerSettings.TOOLCHAIN_CACHE_SIZE));
    }

    /** Each row changes one line of the good file; an empty replacement takes it out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cache_dir = \"/var/cache/tc\" | 'cache_dir = \"\"' | 'c:1: cache_dir is empty; it must be a path'",
                "cache_dir = \"/var/cache/tc\" | 'cache_dri = \"/x\"' | 'c:1: unknown key \"cache_dri\"; did you mean"
                        + " \"cache_dir\"?'",
                "10.0.0.2:10501 | 0.0.0.0:10501 | 'c:2: public_addr = 0.0.0.0:10501 is no address that a client can"
                        + " connect to; write this machine''s own, and use bind_address to listen on all'",
                "10.0.0.2:10501 | [::]:10501 | 'c:2: public_addr = [::]:10501 is no address that a client can connect"
                        + " to; write this machine''s own, and use bind_address to listen on all'",
                "10.0.0.2:10501 | 10.0.0.2:0 | 'c:2: public_addr = 10.0.0.2:0 is no address that a client can connect"
                        + " to; write the port as well'",
                "10.0.0.2:10501 | builder:10501 | 'c:2: public_addr is wrong: \"builder\" is not an IP address (host"
                        + " names do not work here; write 192.168.1.5 or [fd00::5])'",
                "https://farm.example/ | farm.example | 'c:3: scheduler_url is wrong: \"farm.example\" must start"
                        + " with http:// or https://'",
                "[builder] | [buidler] | 'c:4: unknown key \"buidler\"; did you mean \"builder\"?'",
                "overlay | docker | 'c:6: unknown key \"builder.build_dir\"; known here: type'",
                "overlay | pot | 'c:5: builder.type = \"pot\" is FreeBSD''s jail manager; jdist builders run on Linux:"
                        + " use \"overlay\" or \"docker\"'",
                "overlay | overlays | 'c:5: builder.type = \"overlays\" is not known; did you mean \"overlay\"?'",
                "build_dir = \"/var/build\" | 'biuld_dir = \"/x\"' | 'c:6: unknown key \"builder.biuld_dir\"; did you"
                        + " mean \"build_dir\"?'",
                "bwrap_path = \"/usr/bin/bwrap\" | 'bwrap_path = 1' | 'c:7: builder.bwrap_path must be a string, not a"
                        + " number'",
                "type = \"jwt_token\" | 'type = \"jwt_hs256\"' | 'c:9: scheduler_auth.type = \"jwt_hs256\" is not known;"
                        + " known: token, jwt_token, DANGEROUSLY_INSECURE'",
                "token = \"hush-builder\" | '' | 'c:8: the key \"scheduler_auth.token\" is missing'",
                "token = \"hush-builder\" | 'token = \"hush\\n\"' | 'c:10: scheduler_auth.token must be printable ASCII"
                        + " and not empty, as it travels in an HTTP header'",
            })
    void from_oneMistake_saysWhatWouldBeRight(String from, String to, String message) {
        complains(message, GOOD.replace(from, to));
    }

    private static final String DOCKER = GOOD.replace("overlay", "docker").replaceAll("(build_dir|bwrap_path).*\n", "");

    @Test
    void from_withoutPaths_takesTheDefaults() throws ConfigException {
        ServerConfig config = from("c", GOOD.replaceAll("(cache_dir|build_dir|bwrap_path).*\n", ""));

        assertEquals(Path.of("/home/u/.cache/jdist/toolchains"), config.cacheDir());
        assertEquals(
                new Overlay(
                        Path.of("/home/u/.cache/jdist/build"),
                        Path.of("/usr/bin/bwrap"),
                        Optional.empty(),
                        0,
                        Optional.empty()),
                config.builder());
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-overlay", "rootless-overlay", "bwrap-overlay", "directory"})
    void from_aSandbox_isForced(String sandbox) throws ConfigException {
        ServerConfig config = from("c", GOOD + "[jdist]\nsandbox = \"" + sandbox + "\"\n");

        assertEquals(
                new Overlay(
                        Path.of("/var/build"), Path.of("/usr/bin/bwrap"), Optional.of(sandbox), 0, Optional.empty()),
                config.builder());
    }

    @Test
    void from_aSandboxThatIsNone_listsThem() {
        complains(
                "c:12: jdist.sandbox = \"overlay\" is not known; known: root-overlay, rootless-overlay, bwrap-overlay,"
                        + " directory",
                GOOD + "[jdist]\nsandbox = \"overlay\"\n");
        complains(
                "c:10: jdist.sandbox is for builder.type = \"overlay\" only",
                DOCKER + "[jdist]\nsandbox = \"directory\"\n");
    }

    @Test
    void from_docker_needsNothingMore() throws ConfigException {
        assertEquals(new Docker(Optional.empty(), List.of()), from("c", DOCKER).builder());
    }

    @Test
    void from_dockerWithImageAndArguments_isGood() throws ConfigException {
        ServerConfig config = from("c", DOCKER + """
                [jdist]
                docker_image = "debian:12-slim"
                docker_args = ["--memory", "4g"]
                """);

        assertEquals(new Docker(Optional.of("debian:12-slim"), List.of("--memory", "4g")), config.builder());
    }

    @Test
    void from_limitsOfJobs_areTheOnesWritten() throws ConfigException {
        ServerConfig config = from("c", GOOD + """
                [jdist]
                job_timeout_secs = 60
                job_memory = "3G"
                job_processes = 100
                job_scratch_bytes = "2G"
                job_output_bytes = 1048576
                job_log_bytes = "1M"
                job_nice = 0
                drain_secs = 0
                """);

        assertEquals(Duration.ofSeconds(60), config.get(ServerSettings.JOB_TIMEOUT));
        assertEquals(Optional.of(3L << 30), config.get(ServerSettings.JOB_MEMORY));
        assertEquals(100, config.get(ServerSettings.JOB_PROCESSES));
        assertEquals(2L << 30, config.get(ServerSettings.JOB_SCRATCH_BYTES));
        assertEquals(1 << 20, config.get(ServerSettings.JOB_OUTPUT_BYTES));
        assertEquals(1 << 20, config.get(ServerSettings.JOB_LOG_BYTES));
        assertEquals(0, config.get(ServerSettings.JOB_NICE));
        assertEquals(Duration.ZERO, config.get(ServerSettings.DRAIN));
    }

    @Test
    void from_cpus_areTheOnesWritten() throws ConfigException {
        assertEquals(Optional.empty(), from("c", GOOD).get(ServerSettings.CPUS));
        assertEquals(Optional.of(3), from("c", GOOD + "[jdist]\ncpus = 3\n").get(ServerSettings.CPUS));
        assertEquals(
                Optional.of(65_536),
                from("c", DOCKER + "[jdist]\ncpus = 65536\n").get(ServerSettings.CPUS));
    }

    @Test
    void from_onlyWhenIdle_isOffUnlessItIsWritten() throws ConfigException {
        assertEquals(Optional.empty(), from("c", GOOD).onlyWhenIdle());
        assertEquals(
                Optional.empty(),
                from("c", GOOD + "[jdist]\nonly_when_idle = false\n").onlyWhenIdle());
        assertEquals(
                Optional.of(new IdleSettings(20, Duration.ofSeconds(60))),
                from("c", GOOD + "[jdist]\nonly_when_idle = true\n").onlyWhenIdle());
        assertEquals(
                Optional.of(new IdleSettings(5, Duration.ofMinutes(10))),
                from("c", GOOD + "[jdist]\nonly_when_idle = true\nidle_cpu_percent = 5\nidle_secs = 600\n")
                        .onlyWhenIdle());
        complains(
                "c:10: jdist.only_when_idle is for builder.type = \"overlay\" only",
                DOCKER + "[jdist]\nonly_when_idle = true\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "job_timeout_secs = 0 | jdist.job_timeout_secs = 0 is out of bounds; write 1 to 604800",
                "job_memory = 0 | jdist.job_memory = 0 is out of bounds; write at least 1.0 MiB",
                "job_memory = '8 gigs' | 'jdist.job_memory \"8 gigs\" is not a size; write bytes, or a number with K, M,"
                        + " G or T'",
                "job_processes = 3 | jdist.job_processes = 3 is out of bounds; write 16 to 2147483647",
                "job_scratch_bytes = 4096 | jdist.job_scratch_bytes = 4096 is out of bounds; write at least 1.0 MiB",
                "job_log_bytes = '2G' | jdist.job_log_bytes = 2147483648 is out of bounds; write at least 1.0 MiB and at"
                        + " most 1.0 GiB",
                "job_nice = 20 | jdist.job_nice = 20 is out of bounds; write 0 to 19",
                "job_nice = -5 | jdist.job_nice must not be negative",
                "cpus = 0 | jdist.cpus = 0 is out of bounds; write 1 to 65536",
                "cpus = 65537 | jdist.cpus = 65537 is out of bounds; write 1 to 65536",
                "cpus = '2' | jdist.cpus must be a number, not a string",
                "drain_secs = 'long' | jdist.drain_secs must be a number, not a string",
                "idle_cpu_percent = 0 | jdist.idle_cpu_percent = 0 is out of bounds; write 1 to 90",
                "idle_secs = 1 | jdist.idle_secs = 1 is out of bounds; write 5 to 86400",
                "idle_secs = 9 | jdist.idle_secs is for only_when_idle = true only",
                "only_when_idle = 1 | 'jdist.only_when_idle must be true or false, not a number'",
                "job_time = 5 | 'unknown key \"jdist.job_time\"; did you mean \"job_nice\"?'"
            })
    void from_limitOutOfBounds_saysWhatWouldBeRight(String line, String message) {
        complains("c:12: " + message, GOOD + "[jdist]\n" + line + "\n");
    }

    @Test
    void from_jdistTableWithMistakes_saysWhatWouldBeRight() {
        complains(
                "c:10: unknown key \"jdist.docker_img\"; did you mean \"docker_image\"?",
                DOCKER + "[jdist]\ndocker_img = \"x\"\n");
        complains(
                "c:10: jdist.docker_image = \"--privileged\" is not the name of an image",
                DOCKER + "[jdist]\ndocker_image = \"--privileged\"\n");
        complains(
                "c:10: jdist.docker_args must be a list, not a string",
                DOCKER + "[jdist]\ndocker_args = \"--memory\"\n");
        complains(
                "c:12: jdist.docker_args is for builder.type = \"docker\" only",
                GOOD + "[jdist]\ndocker_args = [\"--memory\", \"4g\"]\n");
    }

    @Test
    void from_badSize_saysWhatWouldBeRight() {
        complains(
                "c:1: toolchain_cache_size \"5 gigs\" is not a size; write bytes, or a number with K, M, G or T",
                "toolchain_cache_size = \"5 gigs\"\n" + GOOD);
    }

    @Test
    void from_unknownKey_suggests() {
        complains(
                "c:1: unknown key \"bind_addr\"; did you mean \"bind_address\"?", "bind_addr = \"0.0.0.0:1\"\n" + GOOD);
        complains("c:11: unknown key \"scheduler_auth.expiry\"; known here: token, type", GOOD + "expiry = 1\n");
    }

    @Test
    void toString_always_hidesSecrets() throws ConfigException {
        String text = from("c", GOOD).toString();

        assertFalse(text.contains("hush"), text);
    }

    private static ServerConfig from(String file, String text) throws ConfigException {
        return ServerConfig.from(ConfigTable.parse(file, text), MACHINE);
    }

    private static void complains(String message, String text) {
        assertEquals(
                message,
                assertThrows(ConfigException.class, () -> from("c", text)).getMessage());
    }
}
