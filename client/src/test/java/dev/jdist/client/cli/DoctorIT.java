package dev.jdist.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.testing.FreePorts;
import io.netty.handler.codec.DateFormatter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jdist doctor} on a healthy farm, and on machines that were broken on purpose: it names the fault and the remedy. */
@Timeout(300)
class DoctorIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BUILDER = """
        cache_dir = "%1$s/cache"
        public_addr = "%2$s"
        scheduler_url = "%3$s"
        [builder]
        type = "overlay"
        build_dir = "%1$s/build"
        bwrap_path = "%4$s"
        [scheduler_auth]
        type = "token"
        token = "%5$s"
        """;

    @TempDir
    private static Path common;

    private static Farm farm;

    @TempDir
    private Path work;

    private Map<String, String> builder;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/bwrap")), "skipped: bubblewrap is not installed");
        farm = new Farm(common, common.resolve("cache"));
        // A doctor shows its tokens with requests that say nothing, and some of these tokens are wrong.
        farm.expectWarning("was refused");
        farm.startScheduler();
        farm.startBuilder();
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (farm != null) {
            farm.close();
        }
    }

    @BeforeEach
    void prepare() throws IOException {
        farm.environment().put("SCCACHE_LOG", "error");
        builder = new HashMap<>(Map.of(
                "address",
                "127.0.0.1:" + FreePorts.next(),
                "scheduler",
                farm.schedulerUrl(),
                "bwrap",
                "/usr/bin/bwrap",
                "token",
                "token-of-builders"));
    }

    @AfterEach
    void restore() throws IOException {
        farm.environment().remove("PATH");
        farm.writeClientConfig("");
    }

    private Result doctor(String... options) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("doctor"));
        words.addAll(List.of(options));
        return farm.run(work, words);
    }

    /** Of a builder with these settings. */
    private Result builderDoctor(String more) throws IOException, InterruptedException {
        Path config = Files.writeString(
                work.resolve("server.conf"),
                more
                        + BUILDER.formatted(
                                work,
                                builder.get("address"),
                                builder.get("scheduler"),
                                builder.get("bwrap"),
                                builder.get("token")));
        return doctor("--config", config.toString(), "--json");
    }

    private Result schedulerDoctor(String address, String clientAuth) throws IOException, InterruptedException {
        Path config = Files.writeString(work.resolve("scheduler.conf"), """
            public_addr = "%s"
            [client_auth]
            %s
            [server_auth]
            type = "token"
            token = "x"
            """.formatted(address, clientAuth));
        return doctor("--config", config.toString(), "--json");
    }

    private static void assertFound(Result result, int code, String grade, String check, String what, String remedy)
            throws IOException {
        assertEquals(code, result.code(), result.toString());
        JsonNode root = JSON.readTree(result.stdout());
        assertEquals(code == 0, root.get("healthy").asBoolean());
        for (JsonNode finding : root.get("findings")) {
            if (finding.get("check").asText().equals(check)
                    && finding.get("grade").asText().equals(grade)
                    && finding.get("what").asText().contains(what)
                    && finding.get("remedy").asText().contains(remedy)) {
                return;
            }
        }
        throw new AssertionError(
                "no " + grade + " of " + check + ": " + what + ", " + remedy + " in " + result.stdout());
    }

    private static void assertFault(Result result, String check, String what, String remedy) throws IOException {
        assertFound(result, 1, "fault", check, what, remedy);
    }

    private static void assertWarning(Result result, String check, String what, String remedy) throws IOException {
        assertFound(result, 0, "warning", check, what, remedy);
    }

    // Healthy machines.

    @Test
    void client_healthy_hasNothing() throws Exception {
        Result result = doctor().assertSuccess();

        assertTrue(
                result.stdout().startsWith("This machine as a client (" + common.resolve("client.conf")), "" + result);
        assertTrue(
                result.stdout().contains("ok       scheduler  jdist at " + farm.schedulerUrl() + "/: 1 builders"),
                "" + result);
        assertTrue(result.stdout().contains("ok       token      the scheduler accepts it\n"), "" + result);
        assertTrue(result.stdout().contains("can be packed for builders\n"), "" + result);
        assertTrue(result.stdout().endsWith("0 faults, 0 warnings\n"), "" + result);
        assertEquals("", result.stderr());
    }

    @Test
    void builder_healthy_hasNothing() throws Exception {
        Result result =
                doctor("--config", common.resolve("builder-0.conf").toString()).assertSuccess();

        assertTrue(result.stdout().startsWith("This machine as a builder"), "" + result);
        assertTrue(result.stdout().contains("a builder with this cache_dir listens on"), "" + result);
        assertTrue(result.stdout().contains("jobs run in sandboxes of the kind "), "" + result);
        assertTrue(result.stdout().contains("system calls of jobs are filtered"), "" + result);
        assertTrue(result.stdout().contains("0 faults"), "" + result);
        assertEquals("", result.stderr());
        farm.run(work, List.of("--dist-status")).assertSuccess();
    }

    @Test
    void scheduler_healthy_hasNothing() throws Exception {
        Result result =
                doctor("--config", common.resolve("scheduler.conf").toString()).assertSuccess();

        assertTrue(result.stdout().startsWith("This machine as a scheduler"), "" + result);
        assertTrue(result.stdout().contains("1 builders"), "" + result);
        assertTrue(result.stdout().endsWith("0 faults, 0 warnings\n"), "" + result);
    }

    // What a builder can lack.

    @Test
    void builder_withoutBubblewrap_isToldToInstallIt() throws Exception {
        builder.put("bwrap", "/nowhere/bwrap");

        assertFault(builderDoctor(""), "sandbox", "there is no program /nowhere/bwrap; install bubblewrap", "");
    }

    @Test
    void builder_withOldBubblewrap_isToldWhichItTakes() throws Exception {
        builder.put("bwrap", script("old", "echo bubblewrap 0.2.0"));

        assertFault(builderDoctor(""), "sandbox", "is bubblewrap 0.2.0; version 0.3.0 or later is needed", "");
    }

    @Test
    void builder_onAKernelWithoutFilters_isWarned() throws Exception {
        builder.put(
                "bwrap",
                script(
                        "unfiltered",
                        "case \"$*\" in *--seccomp*) echo 'bwrap: prctl(PR_SET_SECCOMP): Invalid argument' >&2; exit"
                                + " 1;; esac; exec /usr/bin/bwrap \"$@\""));

        assertWarning(builderDoctor(""), "seccomp", "not filtered", "CONFIG_SECCOMP_FILTER");
    }

    private String script(String name, String text) throws IOException {
        Path script = Files.writeString(work.resolve(name), "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script.toString();
    }

    @Test
    void builder_withWrongToken_isToldWhatToCompare() throws Exception {
        builder.put("token", "another");

        assertFault(builderDoctor(""), "token", "refuses it", "[server_auth]");
    }

    @Test
    void builder_withAnothersAddress_isToldToNameItsOwn() throws Exception {
        builder.put("address", "240.0.0.1:10501");

        assertFault(builderDoctor(""), "address", "240.0.0.1:10501 is no address of this machine", "ip -brief address");
    }

    @Test
    void builder_whosePortIsTaken_isToldHowToFindByWhom() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            builder.put("address", "127.0.0.1:" + other.getLocalPort());

            assertFault(
                    builderDoctor(""),
                    "port",
                    "is used by another program",
                    "ss -ltnp 'sport = :" + other.getLocalPort());
        }
    }

    @Test
    void builder_withoutScheduler_isToldToStartIt() throws Exception {
        builder.put("scheduler", "http://127.0.0.1:" + FreePorts.next());

        assertFault(builderDoctor(""), "scheduler", "cannot be reached", "jdist scheduler --config");
    }

    @Test
    void builder_thatCannotWrite_isToldWhere() throws Exception {
        Files.writeString(work.resolve("cache"), "a file where a directory should be");

        assertFault(builderDoctor(""), "disk", "cache_dir = " + work.resolve("cache"), "or point cache_dir elsewhere");
    }

    @Test
    void builder_withAMisspelledKey_isToldTheLine() throws Exception {
        assertFault(
                builderDoctor("toolchain_cache_sise = 1\n"), "settings", "toolchain_cache_size", "docs/settings.md");
    }

    @Test
    void builder_whoseClockIsOff_isWarned() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            serve(listener, Instant.now().plus(Duration.ofHours(1)), new SchedulerStatus(1, 2, 0).toBincode());
            builder.put("scheduler", "http://127.0.0.1:" + listener.getLocalPort());

            assertWarning(builderDoctor(""), "clock", "s behind the scheduler's", "timedatectl set-ntp true");
        }
    }

    /** Answers every call in the same way, until the listener is closed. */
    private static void serve(ServerSocket listener, Instant date, byte[] body) {
        Thread thread = new Thread(() -> {
            while (!listener.isClosed()) {
                try (Socket call = listener.accept();
                        OutputStream out = call.getOutputStream()) {
                    call.getInputStream().read(new byte[4096]);
                    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\nDate: "
                            + DateFormatter.format(Date.from(date)) + "\r\nConnection: close\r\n\r\n";
                    out.write(head.getBytes(StandardCharsets.US_ASCII));
                    out.write(body);
                } catch (IOException e) {
                    if (!listener.isClosed()) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    // What a client can lack. Packing compilers takes most of a doctor's time, so where that is not the point there are
    // none.

    private void hideCompilers() throws IOException {
        for (String tool : List.of("sed", "readlink", "dirname")) {
            script(tool, "exec /usr/bin/" + tool + " \"$@\"");
        }
        farm.environment().put("PATH", work.toString());
    }

    @Test
    void client_withoutCompiler_isToldToInstallOne() throws Exception {
        hideCompilers();

        assertFault(doctor("--json"), "compiler", "neither gcc nor clang in PATH", "apt install g++");
    }

    @Test
    void client_withABrokenCompiler_isToldWhich() throws Exception {
        hideCompilers();
        script("gcc", "exit 1");

        assertFault(doctor("--json"), "compiler", "gcc cannot be packed", "jdist --package-toolchain gcc");
    }

    @Test
    void client_withWrongToken_isToldWhatToCompare() throws Exception {
        hideCompilers();
        farm.writeClientConfig("another", "");

        assertFault(doctor("--json"), "token", "refuses it", "[client_auth]");
    }

    @Test
    void client_whoNeverLoggedIn_isToldTo() throws Exception {
        hideCompilers();
        farm.writeClientConfigWithAuth(
                "type = \"oauth2_code_grant_pkce\"\nclient_id = \"jdist\"\nauth_url = \"https://127.0.0.1:1/auth\"\n"
                        + "token_url = \"https://127.0.0.1:1/token\"",
                "");

        assertFault(doctor("--json"), "token", "nobody has logged in", "jdist --dist-auth");
    }

    @Test
    void client_withoutScheduler_isWarned() throws Exception {
        hideCompilers();
        Path config = Files.writeString(work.resolve("client.conf"), "");

        assertFound(
                doctor("--json", "--config", config.toString()),
                1,
                "warning",
                "scheduler",
                "nothing is distributed",
                "scheduler_url = ");
    }

    @Test
    void client_ofAFarmWithoutBuilders_isToldWhereToLook() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            serve(listener, Instant.now(), new SchedulerStatus(0, 0, 0).toBincode());

            assertFault(clientDoctor(listener), "builders", "knows none", "jdist doctor --config server.conf");
        }
    }

    @Test
    void client_ofSomethingElse_isToldToCorrectTheAddress() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            serve(listener, Instant.now(), "<html>".getBytes(StandardCharsets.US_ASCII));

            assertFault(clientDoctor(listener), "scheduler", "is not a scheduler", "public_addr");
        }
    }

    private Result clientDoctor(ServerSocket scheduler) throws IOException, InterruptedException {
        hideCompilers();
        Path config = Files.writeString(
                work.resolve("client.conf"),
                "[dist]\nscheduler_url = \"http://127.0.0.1:" + scheduler.getLocalPort() + "\"\n");
        return doctor("--json", "--config", config.toString());
    }

    // What a scheduler can lack.

    @Test
    void scheduler_whosePortIsTaken_isToldHowToFindByWhom() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            serve(other, Instant.now(), "<html>".getBytes(StandardCharsets.US_ASCII));
            String address = "127.0.0.1:" + other.getLocalPort();

            assertFault(
                    schedulerDoctor(address, "type = \"token\"\ntoken = \"x\""),
                    "port",
                    "is used by another program",
                    "ss -ltnp");
        }
    }

    @Test
    void scheduler_thatAnybodyMayUse_isWarned() throws Exception {
        assertWarning(
                schedulerDoctor("127.0.0.1:" + FreePorts.next(), "type = \"DANGEROUSLY_INSECURE\""),
                "tokens",
                "can run commands on the farm",
                "jdist auth generate-shared-token");
    }

    @Test
    void scheduler_whoseLoginServerIsAway_isToldWhichAddressToTry() throws Exception {
        String keys = "http://127.0.0.1:" + FreePorts.next() + "/keys";

        assertFault(
                schedulerDoctor(
                        "127.0.0.1:" + FreePorts.next(),
                        "type = \"jwt_validate\"\naudience = \"a\"\nissuer = \"i\"\njwks_url = \"" + keys + "\""),
                "login",
                "cannot be reached",
                "curl -v " + keys);
    }

    // The command itself.

    @Test
    void doctor_ofAFileThatIsNotThere_isAFault() throws Exception {
        assertFault(doctor("--json", "--config", "/nowhere.conf"), "settings", "there is no such file", "--config");
    }

    @Test
    void doctor_withAnUnknownOption_saysSo() throws Exception {
        Result result = doctor("--everything");

        assertEquals(2, result.code());
        assertTrue(result.stderr().contains("--everything"), result.stderr());
    }
}
