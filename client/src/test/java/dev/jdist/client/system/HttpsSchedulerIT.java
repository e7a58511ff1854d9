package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.TcpRecorder;
import dev.jdist.protocol.auth.ServerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A scheduler that speaks https itself, with builders, clients and other programs that trust it, or do not. */
@Timeout(300)
class HttpsSchedulerIT {
    private static final String CLIENTS = "type = \"token\"\ntoken = \"token-of-clients\"\n";
    private static final String SELF_SIGNED = CLIENTS + "[jdist]\ntls = \"self-signed\"\n";
    private static final String WRONG_PIN = "sha256:" + "5a".repeat(32);
    private static final Pattern LOGGED_PIN = Pattern.compile("scheduler_pin = \"(sha256:[0-9a-f]{64})\"");

    @TempDir
    private Path directory;

    @TempDir
    private Path work;

    private Farm farm;

    @BeforeEach
    void makeFarm() throws IOException {
        farm = new Farm(directory, PackedToolchains.directory());
        Files.writeString(work.resolve("a.c"), "int answer(void) { return 42; }\n");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        farm.close();
    }

    private String loggedPin() throws IOException {
        Matcher matcher = LOGGED_PIN.matcher(farm.log("scheduler"));
        assertTrue(matcher.find(), farm.log("scheduler"));
        return matcher.group(1);
    }

    private static String pinned(String pin) {
        return "scheduler_pin = \"" + pin + "\"";
    }

    private String https() {
        return "https://127.0.0.1:" + farm.schedulerPort();
    }

    private void compileDistributed() throws IOException, InterruptedException {
        long before = Farm.distributed(farm.statistics());
        farm.run(work, List.of("gcc", "-c", "a.c", "-o", "a.o")).assertSuccess();
        assertEquals(before + 1, Farm.distributed(farm.statistics()), farm.log("client"));
    }

    private Result doctor(String file) throws IOException, InterruptedException {
        return farm.run(
                work, List.of("doctor", "--config", directory.resolve(file).toString()));
    }

    private static void assertSays(Result result, String text) {
        assertTrue(result.stdout().replaceAll("\\s+", " ").contains(text), result.stdout() + result.stderr());
    }

    @Test
    void farm_withTls_showsNeitherTokensNorKeysOfJobs() throws Exception {
        try (TcpRecorder wire = new TcpRecorder(farm.schedulerPort())) {
            farm.startScheduler(SELF_SIGNED);
            farm.setSchedulerUrl("https://127.0.0.1:" + wire.port(), pinned(loggedPin()));
            farm.startBuilder();
            farm.startClient();
            compileDistributed();

            assertTrue(wire.saw(new byte[] {0x16, 0x03}), "nothing was recorded");
            assertFalse(wire.saw("token-of-clients"));
            assertFalse(wire.saw("token-of-builders"));
            assertFalse(wire.saw(jobKey()));
            assertFalse(wire.saw("-----BEGIN CERTIFICATE-----"));
            farm.close();
        }
    }

    /** That the test above could fail. */
    @Test
    void farm_withPlainHttp_showsThemAll() throws Exception {
        try (TcpRecorder wire = new TcpRecorder(farm.schedulerPort())) {
            farm.startScheduler();
            farm.setSchedulerUrl("http://127.0.0.1:" + wire.port(), "");
            farm.startBuilder();
            farm.startClient();
            compileDistributed();

            assertTrue(wire.saw("token-of-clients"));
            assertTrue(wire.saw("token-of-builders"));
            assertTrue(wire.saw(jobKey()));
            assertTrue(wire.saw("-----BEGIN CERTIFICATE-----"));
            farm.close();
        }
    }

    private byte[] jobKey() throws IOException {
        return ServerIdentity.load(farm.cacheDirectory(0).resolve("identity.pem"))
                .orElseThrow()
                .jobTokenKey()
                .toByteArray();
    }

    @Test
    void farm_withTls_isHealthyForAllAndSurvivesARestartAndGarbage() throws Exception {
        farm.expectWarning("cannot reach the scheduler"); // while it restarts
        farm.expectWarning("was refused"); // a doctor's heartbeat says nothing
        farm.startScheduler(SELF_SIGNED);
        String pin = loggedPin();
        farm.setSchedulerUrl(https(), pinned(pin));
        farm.startBuilder();
        farm.startClient();
        compileDistributed();

        assertTrue(farm.run(work, List.of("--dist-status"))
                .assertSuccess()
                .stdout()
                .startsWith("{\"SchedulerStatus\":[\"" + https() + "/\",{\"num_servers\":1,"));
        assertSays(doctor("client.conf"), "jdist at " + https() + "/: 1 builders");
        assertSays(doctor("client.conf"), "token the scheduler accepts it");
        assertSays(doctor("builder-0.conf"), "token the scheduler accepts it");
        assertSays(doctor("scheduler.conf"), pinned(pin));
        assertSays(doctor("scheduler.conf"), "jdist at " + https() + "/: 1 builders");

        sendGarbage();
        compileDistributed();

        farm.stop("scheduler");
        farm.startScheduler(SELF_SIGNED);
        assertEquals(pin, loggedPin());
        awaitBuilder();
        compileDistributed();
    }

    /** Neither TLS nor HTTP, or half of it, on many connections that are left open. */
    private void sendGarbage() throws IOException {
        SplittableRandom random = new SplittableRandom(20261201);
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 60; i++) {
                byte[] garbage = new byte[random.nextInt(1, 4000)];
                random.nextBytes(garbage);
                byte[] begin = HexFormat.of()
                        .parseHex(i % 3 == 0 ? "16030100f8010000f40303" : i % 3 == 1 ? "504f5354202f" : "");
                System.arraycopy(begin, 0, garbage, 0, Math.min(begin.length, garbage.length));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), farm.schedulerPort());
                sockets.add(socket);
                socket.getOutputStream().write(garbage);
            }
            compileDistributed();
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void awaitBuilder() throws IOException, InterruptedException {
        for (int i = 0; i < 600; i++) {
            if (farm.run(work, List.of("--dist-status")).stdout().contains("\"num_servers\":1")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the builder does not come back:\n" + farm.log("builder-0"));
    }

    /** While all slots are taken, clients ask the scheduler over another connection whether it lives. */
    @Test
    void units_thatWaitForASlot_areDistributedInTheEnd() throws Exception {
        farm.startScheduler(SELF_SIGNED);
        farm.setSchedulerUrl(https(), pinned(loggedPin()) + "\n");
        farm.startBuilder();
        farm.startClient();
        farm.run(work, List.of("gcc", "-c", "a.c", "-o", "a.o")).assertSuccess();
        StringBuilder slow = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            slow.append("int f" + i + "(int a, int b) { for (int i = 0; i < b; i++) a += a * b ^ i % 7; return a; }\n");
        }
        List<Process> compiles = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Files.writeString(work.resolve("s" + i + ".c"), slow + "int x = " + i + ";\n");
        }
        for (int i = 0; i < 10; i++) {
            compiles.add(farm.start(work, List.of("gcc", "-O2", "-c", "s" + i + ".c", "-o", "s" + i + ".o")));
        }
        for (Process each : compiles) {
            assertEquals(0, each.waitFor());
        }
        assertEquals(11, Farm.distributed(farm.statistics()), farm.log("client"));
    }

    @Test
    void pin_ofAnotherKey_isRefusedByAllAndNamed() throws Exception {
        farm.expectWarning("its certificate has the pin");
        farm.startScheduler(SELF_SIGNED);
        String pin = loggedPin();
        farm.setSchedulerUrl(https(), pinned(WRONG_PIN));
        int index = farm.chooseBuilderPort();
        farm.startBuilder(index, "trying again every");
        farm.startClient();
        farm.run(work, List.of("gcc", "-c", "a.c", "-o", "a.o")).assertSuccess();

        String refusal = "scheduler " + https() + "/: its certificate has the pin " + pin
                + ", but [jdist] scheduler_pin in " + directory + "/%s is " + WRONG_PIN + "; if `jdist doctor` on the"
                + " scheduler's machine shows the first one, write that, else something else answers in the scheduler's"
                + " place";
        assertTrue(
                farm.log("builder-0").contains("no TLS with the " + place(refusal, "builder-0.conf")),
                farm.log("builder-0"));
        assertTrue(
                farm.log("client").contains("compiling locally: " + place(refusal, "client.conf")), farm.log("client"));
        assertEquals(0, Farm.distributed(farm.statistics()));
        for (String file : List.of("client.conf", "builder-0.conf")) {
            assertSays(doctor(file), "cannot be reached: " + place(refusal, file));
            assertFalse(doctor(file).stderr().contains("\tat "), doctor(file).stderr());
        }
        for (String log : List.of("client", "builder-0", "scheduler")) {
            assertFalse(farm.log(log).contains("\tat "), "a stack trace in " + log);
        }

        // What they say is what helps.
        farm.stop("builder-0");
        farm.stopClient();
        farm.setSchedulerUrl(https(), pinned(pin));
        farm.startBuilder(index);
        farm.startClient();
        compileDistributed();
    }

    private String place(String message, String file) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve(file));
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith("scheduler_pin")) {
                return message.formatted(file + ":" + (i + 1));
            }
        }
        throw new AssertionError(file + " has no pin");
    }

    @Test
    void noPin_ofAKeyThatNobodyVouchesFor_isRefusedWithThePinToWrite() throws Exception {
        farm.startScheduler(SELF_SIGNED);
        farm.setSchedulerUrl(https(), "");

        Result doctor = doctor("client.conf");
        assertSays(doctor, "this machine does not trust its certificate (");
        assertSays(doctor, "shows the pin " + loggedPin() + ", write it as scheduler_pin into [jdist] of the settings");
    }

    @Test
    void schemes_thatDoNotMatch_areNamedToBothSides() throws Exception {
        farm.expectWarning("this port speaks https");
        farm.expectWarning("does not speak TLS");
        farm.startScheduler(SELF_SIGNED);
        int index = farm.chooseBuilderPort();
        farm.startBuilder(index, "trying again every");
        farm.startClient();
        farm.run(work, List.of("gcc", "-c", "a.c", "-o", "a.o")).assertSuccess();

        String told = "this port speaks https, and the request came by plain http: write https:// in place of http://";
        assertTrue(farm.log("builder-0").contains(told), farm.log("builder-0"));
        assertTrue(farm.log("client").contains(told), farm.log("client"));
        assertSays(doctor("client.conf"), told);
        farm.stopClient();
        farm.stop("builder-0");
        farm.stop("scheduler");

        farm.startScheduler();
        farm.setSchedulerUrl(https(), "");
        farm.startBuilder(index, "trying again every");
        farm.startClient();
        farm.run(work, List.of("gcc", "-c", "a.c", "-o", "a.o")).assertSuccess();

        told = "what answers there does not speak TLS; write http:// in place of https://";
        assertTrue(farm.log("builder-0").contains(told), farm.log("builder-0"));
        assertTrue(farm.log("client").contains(told), farm.log("client"));
        assertSays(doctor("client.conf"), told);
    }

    /** The pin is what others know as the pin of a public key, and the certificate is one for other programs, too. */
    @Test
    void scheduler_withTls_isUnderstoodByCurlAndOpenssl() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")) && Files.isExecutable(Path.of("/usr/bin/openssl")));
        farm.startScheduler(SELF_SIGNED);
        String pin = loggedPin();
        String address = "127.0.0.1:" + farm.schedulerPort();

        String digest = sh("openssl s_client -connect " + address
                        + " </dev/null 2>/dev/null | openssl x509 -pubkey -noout"
                        + " | openssl pkey -pubin -outform der | sha256sum")
                .assertSuccess()
                .stdout();
        assertEquals(pin, "sha256:" + digest.substring(0, 64));

        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(pin.substring("sha256:".length())));
        String status = "https://" + address + "/api/v1/scheduler/status -H 'Accept: application/json'";
        assertEquals(
                "{\"num_servers\":0,\"num_cpus\":0,\"in_progress\":0}",
                sh("curl -sk --pinnedpubkey sha256//" + base64 + " " + status)
                        .assertSuccess()
                        .stdout());
        assertEquals(
                90, // what curl says of a wrong pin
                sh("curl -sk --pinnedpubkey sha256//" + Base64.getEncoder().encodeToString(new byte[32]) + " " + status)
                        .code());
        // Its own certificate is all that a program needs that pins none.
        sh("openssl s_client -connect " + address + " </dev/null 2>/dev/null | openssl x509 > c.pem")
                .assertSuccess();
        sh("curl -s --cacert c.pem " + status).assertSuccess();
        assertEquals(60, sh("curl -s " + status).code());
    }

    private Result sh(String command) throws IOException, InterruptedException {
        return farm.runProgram(work, List.of("sh", "-c", command));
    }

    @Test
    void files_ofTheOwner_areServedOrRefusedByName() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")));
        sh("umask 077; openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=farm -days 30"
                        + " && openssl genpkey -algorithm RSA -out other.pem")
                .assertSuccess();
        String files = CLIENTS + "[jdist]\ntls = \"files\"\ntls_certificate = \"" + work + "/cert.pem\"\ntls_key = \""
                + work + "/%s.pem\"\n";
        farm.startScheduler(files.formatted("key"));
        farm.setSchedulerUrl(https(), pinned(loggedPin()));
        farm.startBuilder();
        farm.startClient();
        compileDistributed();
        farm.stopClient();
        farm.stop("builder-0");
        farm.stop("scheduler");

        Path settings = directory.resolve("scheduler.conf");
        Files.writeString(settings, Files.readString(settings).replace("key.pem", "other.pem"));
        farm.environment().put("SCCACHE_NO_DAEMON", "1");
        Result refused = farm.run(work, List.of("scheduler", "--config", settings.toString()));
        farm.environment().remove("SCCACHE_NO_DAEMON");
        assertEquals(2, refused.code(), refused.stderr());
        assertTrue(
                refused.stderr()
                        .contains("jdist scheduler: error: [jdist] tls_key: " + work
                                + "/other.pem is not the key of the first certificate in " + work
                                + "/cert.pem (CN=farm);"),
                refused.stderr());
        assertFalse(refused.stderr().contains("\tat "), refused.stderr());
        assertSays(doctor("scheduler.conf"), "is not the key of the first certificate");
    }

    @Test
    void tokenNew_ofASchedulerWithTls_tellsThePinBesideTheToken() throws Exception {
        Path tokens = directory.resolve("tokens");
        farm.startScheduler(SELF_SIGNED + "tokens = \"" + tokens + "\"\n");

        Result made = farm.run(
                        work,
                        List.of(
                                "token",
                                "new",
                                "--client",
                                "laptop",
                                "--config",
                                directory.resolve("scheduler.conf").toString()))
                .assertSuccess();
        assertTrue(made.stdout().matches("[A-Za-z0-9_-]{43}\n"), made.stdout());
        assertTrue(
                made.stderr()
                        .contains("scheduler_url = \"https://ADDRESS:" + farm.schedulerPort() + "\" and, into [jdist], "
                                + pinned(loggedPin())),
                made.stderr());
    }
}
