package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.protocol.testing.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs that cannot start: exit code 2, before anything listens, with a message that says what to do. */
@Timeout(300)
class StartupIT {
    private static final String SCHEDULER = """
            public_addr = "127.0.0.1:%d"
            [client_auth]
            type = "token"
            token = "abc"
            [server_auth]
            type = "token"
            token = "def"
            """;

    private static final String SERVER = """
            cache_dir = "%1$s/cache"
            public_addr = "127.0.0.1:%2$d"
            scheduler_url = "http://127.0.0.1:1"
            [builder]
            type = "overlay"
            build_dir = "%1$s/build"
            bwrap_path = "/usr/bin/bwrap"
            [scheduler_auth]
            type = "token"
            token = "def"
            """;

    @TempDir
    Path directory;

    private Farm farm;

    @BeforeEach
    void prepare() throws Exception {
        farm = new Farm(directory, directory.resolve("cache"));
    }

    @AfterEach
    void stop() throws Exception {
        farm.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public_addr      | public_adr   | scheduler.conf:1: unknown key \"public_adr\"; did you mean \"public_addr\"?",
                "\"127.0.0.1      | \"localhost  | scheduler.conf:1: public_addr is wrong: \"localhost\" is not an IP address",
                "token = \"abc\"  | token = 5    | scheduler.conf:4: client_auth.token must be a string, not a number",
                "token = \"abc\"  | # nothing    | the key \"client_auth.token\" is missing",
                "type = \"token\" | type = \"tok\" | client_auth.type = \"tok\" is not known; did you mean \"token\"?",
                "[client_auth]    | [client_auth | scheduler.conf:2: not valid TOML",
            })
    void scheduler_withAMistakeInItsSettings_namesFileLineAndKey(String right, String wrong, String message)
            throws Exception {
        Path config = directory.resolve("scheduler.conf");
        Files.writeString(config, SCHEDULER.formatted(FreePorts.next()).replaceFirst(quote(right), wrong));
        for (String noDaemon : List.of("0", "1")) {
            farm.environment().put("SCCACHE_NO_DAEMON", noDaemon);
            Result result = farm.run(directory, List.of("scheduler", "--config", "scheduler.conf"));
            assertEquals(2, result.code());
            assertTrue(result.stderr().contains(message), result.stderr());
            assertEquals(1, result.stderr().lines().count(), result.stderr());
        }
    }

    @Test
    void scheduler_whosePortIsTaken_saysSo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path config = directory.resolve("scheduler.conf");
            Files.writeString(config, SCHEDULER.formatted(taken.getLocalPort()));
            Result result = farm.run(directory, List.of("scheduler", "--config", config.toString()));
            assertEquals(2, result.code());
            assertTrue(result.stderr().contains("another program has this port"), result.stderr());
        }
    }

    @Test
    void scheduler_inTheBackground_listensWhenTheCommandEnds() throws Exception {
        int port = FreePorts.next();
        Files.writeString(directory.resolve("scheduler.conf"), SCHEDULER.formatted(port));
        Result result = farm.run(directory, List.of("scheduler", "--config", "scheduler.conf"))
                .assertSuccess();
        assertTrue(
                result.stdout().startsWith("jdist scheduler: listening on 127.0.0.1:" + port + ", process "),
                result.stdout());
        long pid = Long.parseLong(result.stdout().strip().replaceAll(".* ", ""));
        try (var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port)) {
            assertTrue(socket.isConnected());
        } finally {
            ProcessHandle.of(pid).orElseThrow().destroy();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/usr/bin/bwrap | /nowhere/bwrap | there is no program /nowhere/bwrap; install bubblewrap",
                "/usr/bin/bwrap | /bin/true | is not bubblewrap (by its answer to --version)",
                "http: | gopher: | server.conf:3: scheduler_url is wrong: ",
                "build_dir | build_dirs | unknown key \"builder.build_dirs\"; did you mean \"build_dir\"?",
                "\"overlay\" | \"pot\" | jdist builders run on Linux",
                "127.0.0.1:2 | 0.0.0.0:2 | public_addr = 0.0.0.0:2",
            })
    void builder_thatCannotStart_saysWhatToDo(String right, String wrong, String message) throws Exception {
        Files.writeString(
                directory.resolve("server.conf"), SERVER.formatted(directory, 2).replaceFirst(quote(right), wrong));
        Result result = farm.run(directory, List.of("server", "--config", "server.conf"));
        assertEquals(2, result.code());
        assertTrue(result.stderr().contains(message), result.stderr());
    }

    @Test
    void builder_withoutTheRightForTheSandboxThatIsAskedFor_saysWhatToDo() throws Exception {
        Files.writeString(
                directory.resolve("server.conf"),
                SERVER.formatted(directory, FreePorts.next()) + "[jdist]\nsandbox = \"root-overlay\"\n");
        Result result = farm.runProgram(
                directory,
                List.of("capsh", "--drop=cap_sys_admin", "--", "-c", farm.jdist() + " server --config server.conf"));
        assertEquals(2, result.code());
        assertTrue(result.stderr().contains("jobs cannot be run on this machine. root-overlay: "), result.stderr());
        assertTrue(result.stderr().contains("It needs root (sudo jdist server "), result.stderr());
    }

    @Test
    void client_withAMistakeInItsSettings_saysSoAndCompilesAllTheSame() throws Exception {
        Files.writeString(directory.resolve("client.conf"), "[dist]\nscheduler_uri = \"http://127.0.0.1:1\"\n");
        Files.writeString(directory.resolve("a.c"), "int a;\n");
        String message = "client.conf:2: unknown key \"dist.scheduler_uri\"; did you mean \"scheduler_url\"?";

        Result compile = farm.run(directory, List.of("gcc", "-c", "a.c")).assertSuccess();
        assertTrue(compile.stderr().contains(message), compile.stderr());
        assertTrue(Files.exists(directory.resolve("a.o")));

        Result start = farm.run(directory, List.of("--start-server"));
        assertEquals(2, start.code());
        assertTrue(start.stderr().contains(message), start.stderr());
    }

    @Test
    void client_whoseRequestIsOverTheLimit_compilesWithoutTheDaemon() throws Exception {
        farm.expectWarning("exceeds SCCACHE_MAX_FRAME_LENGTH");
        farm.environment().put("SCCACHE_MAX_FRAME_LENGTH", "65536");
        farm.writeClientConfig("");
        Files.writeString(directory.resolve("a.c"), "int a;\n");
        List<String> large = List.of("gcc", "-DA=" + "a".repeat(65536), "-c", "a.c");
        farm.startClient();

        Result quiet = farm.run(directory, large).assertSuccess();
        assertEquals("", quiet.stderr());
        Files.delete(directory.resolve("a.o"));
        farm.environment().put("SCCACHE_IGNORE_SERVER_IO_ERROR", "1");
        Result warned = farm.run(directory, large).assertSuccess();
        assertEquals("jdist: warning: the daemon did not answer; compiling without it\n", warned.stderr());
        assertTrue(Files.exists(directory.resolve("a.o")));

        assertEquals(0, farm.statistics().get("compile_requests").asInt());
        farm.stopClient();
        farm.environment().put("SCCACHE_MAX_FRAME_LENGTH", "200000");
        farm.expectWarning("compiling locally");
        assertEquals("", farm.run(directory, large).assertSuccess().stderr());
        assertEquals(1, farm.statistics().get("compile_requests").asInt());
    }

    @Test
    void client_withALimitThatIsNoNumber_saysSoAndCompilesAllTheSame() throws Exception {
        farm.environment().put("SCCACHE_MAX_FRAME_LENGTH", "lots");
        Files.writeString(directory.resolve("a.c"), "int a;\n");
        Result compile = farm.run(directory, List.of("gcc", "-c", "a.c")).assertSuccess();
        assertEquals(
                "jdist: environment variable SCCACHE_MAX_FRAME_LENGTH: \"lots\" is not a number of bytes;"
                        + " compiling without jdist\n",
                compile.stderr());
        assertTrue(Files.exists(directory.resolve("a.o")));
    }

    @Test
    void daemonOfAnotherSupervisor_inTheBackground_servesWhenTheCommandEndsAndHasSaidSo() throws Exception {
        try (Observer observer = new Observer("notify")) {
            farm.environment().put("SCCACHE_STARTUP_NOTIFY", "notify");
            String socket = farm.environment().get("SCCACHE_SERVER_UDS");
            startAsSupervisor().assertSuccess();
            assertEquals(observed(0, socket), observer.hears());

            Result second = startAsSupervisor();
            assertEquals(2, second.code());
            assertTrue(second.stderr().contains("Address in use"), second.stderr());
            assertEquals("0000000401000000", observer.hears());
        }
        assertEquals(0, farm.statistics().get("compile_requests").asInt());
    }

    @Test
    void daemonOfAnotherSupervisor_inTheForeground_saysWhenItServes() throws Exception {
        try (Observer observer = new Observer("notify")) {
            ProcessBuilder builder = new ProcessBuilder(farm.jdist().toString());
            builder.environment().putAll(farm.environment());
            builder.environment().put("SCCACHE_START_SERVER", "1");
            builder.environment().put("SCCACHE_NO_DAEMON", "1");
            builder.environment().put("SCCACHE_STARTUP_NOTIFY", observer.path.toString());
            Process daemon = builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertEquals(observed(0, farm.environment().get("SCCACHE_SERVER_UDS")), observer.hears());
            farm.stopClient();
            assertEquals(0, daemon.waitFor());
        }
    }

    @Test
    void daemonOfAnotherSupervisor_withAMistakeInItsSettings_saysWhatItIs() throws Exception {
        Files.writeString(directory.resolve("client.conf"), "[dist]\nscheduler_uri = \"http://127.0.0.1:1\"\n");
        try (Observer observer = new Observer("notify")) {
            farm.environment().put("SCCACHE_STARTUP_NOTIFY", observer.path.toString());
            Result result = startAsSupervisor();
            assertEquals(2, result.code());
            String reason = result.stderr().strip().replace("jdist: error: Server startup failed: ", "");
            assertTrue(reason.contains("client.conf:2: unknown key"), reason);
            assertEquals(observed(3, reason), observer.hears());
        }
    }

    @Test
    void daemonOfAnotherSupervisor_withoutAPlaceForItsSocket_saysSo() throws Exception {
        farm.environment().put("SCCACHE_SERVER_UDS", "relative");
        try (Observer observer = new Observer("notify")) {
            farm.environment().put("SCCACHE_STARTUP_NOTIFY", observer.path.toString());
            assertEquals(2, startAsSupervisor().code());
            String reason =
                    "no private directory for the socket; set XDG_RUNTIME_DIR or an absolute SCCACHE_SERVER_UDS";
            assertEquals(observed(3, reason), observer.hears());
        }
    }

    @Test
    void daemonOfAnotherSupervisor_whoHasGone_ends() throws Exception {
        farm.environment().put("SCCACHE_STARTUP_NOTIFY", "gone");
        Result result = startAsSupervisor();
        assertEquals(2, result.code());
        assertTrue(result.stderr().contains("SCCACHE_STARTUP_NOTIFY=" + directory.resolve("gone")), result.stderr());
        assertTrue(Files.notExists(directory.resolve("daemon.sock")));
    }

    @Test
    void daemonOfAnotherSupervisor_whoHasGoneBeforeAFailure_saysWhatFailed() throws Exception {
        farm.environment().put("SCCACHE_STARTUP_NOTIFY", "gone");
        farm.environment().put("SCCACHE_MAX_FRAME_LENGTH", "lots");
        Result result = startAsSupervisor();
        assertEquals(2, result.code());
        assertTrue(result.stderr().contains("SCCACHE_MAX_FRAME_LENGTH: \"lots\""), result.stderr());
    }

    /** What a launcher starts has the launcher to tell, and nobody else. */
    @Test
    void daemonOfALauncher_doesNotMindAnObserverThatHasGone() throws Exception {
        farm.environment()
                .put("SCCACHE_STARTUP_NOTIFY", directory.resolve("gone").toString());
        farm.startClient();
        assertEquals(0, farm.statistics().get("compile_requests").asInt());
    }

    /** As with the pipe of make's job server. */
    @Test
    void daemonOfALauncher_doesNotHoldAPipeOfItsCallerOpen() throws Exception {
        String startedWithAPipe = farm.jdist() + " --start-server 9>&1 >/dev/null | cat";
        farm.runProgram(directory, List.of("sh", "-c", startedWithAPipe)).assertSuccess();
        assertEquals(0, farm.statistics().get("compile_requests").asInt());
    }

    private Result startAsSupervisor() throws Exception {
        farm.environment().put("SCCACHE_START_SERVER", "1");
        try {
            return farm.run(directory, List.of());
        } finally {
            farm.environment().remove("SCCACHE_START_SERVER");
        }
    }

    /** One variant of sccache's ServerStartup with its text, in hexadecimal. */
    private static String observed(int variant, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(16 + bytes.length).putInt(12 + bytes.length);
        message.order(ByteOrder.LITTLE_ENDIAN).putInt(variant).putLong(bytes.length);
        return HexFormat.of().formatHex(message.put(bytes).array());
    }

    /** Waits where SCCACHE_STARTUP_NOTIFY leads. */
    private final class Observer implements AutoCloseable {
        private final Path path;
        private final ServerSocketChannel listener;

        Observer(String name) throws IOException {
            path = directory.resolve(name);
            listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        }

        String hears() throws IOException {
            try (SocketChannel daemon = listener.accept()) {
                return HexFormat.of().formatHex(Channels.newInputStream(daemon).readAllBytes());
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            Files.delete(path);
        }
    }

    @Test
    void distAuth_withATokenInTheSettings_hasNothingToDo() throws Exception {
        assertEquals(
                "No authentication needed for type 'token'\n",
                farm.run(directory, List.of("--dist-auth")).assertSuccess().stdout());
    }

    @Test
    void distAuth_interrupted_endsWithoutAWord() throws Exception {
        farm.writeClientConfigWithAuth(
                "type = \"oauth2_implicit\"\nclient_id = \"c\"\nauth_url = \"http://127.0.0.1:1/\"", "");
        // Tests that run in the background of a script ignore SIGINT, and so do their children.
        ProcessBuilder builder =
                new ProcessBuilder("env", "--default-signal=INT", farm.jdist().toString(), "--dist-auth");
        builder.environment().putAll(farm.environment());
        Process process = builder.redirectErrorStream(true).start();
        try (var printed = process.inputReader()) {
            assertTrue(printed.readLine().startsWith("jdist: Please visit http://localhost:"));
            farm.runProgram(directory, List.of("kill", "-INT", String.valueOf(process.pid())))
                    .assertSuccess();
            assertEquals(130, process.waitFor());
            assertEquals(
                    List.of(),
                    printed.lines().filter(line -> !line.contains("ssh -L")).toList());
        } finally {
            process.destroy();
        }
    }

    @Test
    void client_whoseDaemonIsStartedByAnotherMeanwhile_usesThatOne() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        Path slow = Files.writeString(directory.resolve("slow-java"), """
                #!/bin/sh
                case "$*" in
                    *jdist.background=true*)
                        JDIST_JAVA=%1$s SCCACHE_START_SERVER=1 SCCACHE_NO_DAEMON=1 %2$s >/dev/null 2>&1 &
                        until grep -q "00010000 .*$SCCACHE_SERVER_UDS" /proc/net/unix; do sleep 0.05; done
                        ;;
                esac
                exec %1$s "$@"
                """.formatted(java, farm.jdist()));
        slow.toFile().setExecutable(true);
        farm.environment().put("JDIST_JAVA", slow.toString());
        Files.writeString(directory.resolve("a.c"), "int a;\n");

        Result compile = farm.run(directory, List.of("gcc", "-c", "a.c")).assertSuccess();
        Result stats = farm.run(directory, List.of("--show-stats")).assertSuccess();

        assertEquals("", compile.stderr());
        assertTrue(stats.stdout().matches("(?s)Compile requests +1\n.*"), stats.stdout());
    }

    @Test
    void auth_commands_makeTokens() throws Exception {
        Result key =
                farm.run(directory, List.of("auth", "generate-jwt-hs256-key")).assertSuccess();
        assertEquals(43, key.stdout().strip().length());
        Result token = farm.run(
                        directory,
                        List.of(
                                "auth",
                                "generate-jwt-hs256-server-token",
                                "--server",
                                "1.2.3.4:5",
                                "--secret-key",
                                key.stdout().strip()))
                .assertSuccess();
        assertEquals(3, token.stdout().strip().split("\\.").length);
        Result shared = farm.run(directory, List.of("auth", "generate-shared-token", "--bits", "64"))
                .assertSuccess();
        assertEquals(11, shared.stdout().strip().length());
        assertEquals(
                2,
                farm.run(directory, List.of("auth", "generate-shared-token", "--bits", "7"))
                        .code());
        assertEquals(2, farm.run(directory, List.of("auth")).code());
    }

    @Test
    void daemonCommands_withoutADaemon_sayWhatIsTheCase() throws Exception {
        assertTrue(farm.run(directory, List.of("--show-stats"))
                .assertSuccess()
                .stdout()
                .startsWith("Compile requests"));
        Result stop = farm.run(directory, List.of("--stop-server"));
        assertEquals(2, stop.code());
        assertTrue(stop.stderr().contains("couldn't connect to server"), stop.stderr());
        assertEquals(2, farm.run(directory, List.of("--no-such-option")).code());
        assertEquals(2, farm.run(directory, List.of()).code());
        assertEquals(127, farm.run(directory, List.of("no-such-compiler")).code());
    }

    private static String quote(String text) {
        return java.util.regex.Pattern.quote(text);
    }
}
