package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.Farm;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Callers that go away while their job runs, in every way in which they do: the job ends on the builder, and the scheduler
 * has its place again. The compiler of this farm does nothing, for ever. How long it took is printed; what is asserted
 * leaves room for a machine that has other things to do.
 */
@Timeout(300)
class CancelIT {
    private static final long TIMEOUT_SECONDS = 240;
    private static final long NONE_RUNS_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path common;

    private static String compiler;
    private static Path archive;

    @TempDir
    Path directory;

    private Farm farm;
    private final List<List<String>> undo = new ArrayList<>();

    @BeforeAll
    static void packCompilerThatNeverEnds() throws IOException, InterruptedException {
        compiler = "sleeper-" + ProcessHandle.current().pid() + "-"
                + ThreadLocalRandom.current().nextInt(1_000_000);
        Files.createDirectories(common.resolve("root/bin"));
        Files.createDirectories(common.resolve("root/tmp"));
        Path source = Files.writeString(
                common.resolve("sleeper.c"), "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n");
        run(List.of(
                "gcc",
                "-static",
                source.toString(),
                "-o",
                common.resolve("root/bin/" + compiler).toString()));
        archive = common.resolve("sleeper.tar.gz");
        run(List.of(
                "tar", "-czf", archive.toString(), "-C", common.resolve("root").toString(), "bin", "tmp"));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), command.toString());
    }

    @BeforeEach
    void prepare() throws IOException {
        Files.writeString(directory.resolve("a.c"), "int a;\n");
        farm = new Farm(directory, common.resolve("cache"));
    }

    private void startFarm() throws IOException, InterruptedException {
        farm.writeClientConfig("toolchains = [{ type = \"path_override\", compiler_executable = \"/usr/bin/gcc\","
                + " archive = \"" + archive + "\", archive_compiler_executable = \"/bin/" + compiler + "\" }]");
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
        for (List<String> command : undo) {
            new ProcessBuilder(command).inheritIO().start().waitFor();
        }
    }

    private static boolean isRunning() {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").contains("/bin/" + compiler));
    }

    private int jobsInProgress() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create(farm.schedulerUrl() + "/api/v1/scheduler/status")
                .toURL()
                .openConnection();
        connection.setRequestProperty("Accept", "application/json");
        try (var in = connection.getInputStream()) {
            JsonNode status = JSON.readTree(in);
            return status.get("in_progress").asInt();
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(String what, long seconds, Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < deadline, "not within " + seconds + " s: " + what);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Waits for a job to run. */
    private void awaitJob() throws IOException, InterruptedException {
        await("the job runs", TIMEOUT_SECONDS, () -> isRunning() && jobsInProgress() == 1);
    }

    /** Waits for the job to be gone, and for its place to be free. */
    private void awaitEnd(String how, long since) throws IOException, InterruptedException {
        await("the job is gone", NONE_RUNS_SECONDS, () -> !isRunning());
        long dead = System.nanoTime();
        await("its place is free", NONE_RUNS_SECONDS, () -> jobsInProgress() == 0);
        long free = System.nanoTime();
        System.out.printf(
                "%s: job gone after %d ms, its place free after %d ms%n",
                how, (dead - since) / 1_000_000, (free - since) / 1_000_000);
    }

    @Test
    void launcherKilled_endsTheJob() throws Exception {
        startFarm();
        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        farm.awaitLog("client", "sent toolchain ");
        assertTrue(farm.log("client").contains("sending toolchain "));
        long since = System.nanoTime();
        launcher.destroyForcibly();
        awaitEnd("kill -9 of the launcher", since);
        // And the farm goes on.
        launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        launcher.destroyForcibly();
        awaitEnd("kill -9 of another launcher", System.nanoTime());
    }

    @Test
    void launcherInterrupted_endsTheJob() throws Exception {
        startFarm();
        // A process group of its own is what a terminal sends Ctrl-C to; whoever runs this may be deaf to it.
        farm.setNetwork("127.0.0.1", List.of("setsid", "env", "--default-signal=INT"));
        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        long since = System.nanoTime();
        run(List.of("kill", "-INT", "--", "-" + launcher.pid()));
        assertTrue(launcher.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        awaitEnd("Ctrl-C", since);
    }

    @Test
    void daemonKilled_endsTheJobAndTheLauncherCompiles() throws Exception {
        startFarm();
        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        long since = System.nanoTime();
        farm.killClient();
        awaitEnd("kill -9 of the client daemon", since);
        assertTrue(launcher.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        assertEquals(0, launcher.exitValue());
        assertTrue(Files.size(directory.resolve("a.o")) > 0);
    }

    /** The client's machine loses its network: nothing is said, and nothing comes back. */
    @Test
    void networkCut_endsTheJob() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "a network of one's own is for root");
        assumeTrue(
                new ProcessBuilder("sh", "-c", "command -v ip").start().waitFor() == 0, "there is no program ip here");
        int number = ThreadLocalRandom.current().nextInt(1, 250);
        String namespace = "jdist-" + ProcessHandle.current().pid();
        String network = "198.18." + number + ".";
        String here = "jdist" + number + "a";
        String there = "jdist" + number + "b";
        assumeTrue(
                new ProcessBuilder("ip", "netns", "add", namespace).start().waitFor() == 0,
                "no network namespaces here");
        undo.add(List.of("ip", "netns", "delete", namespace));
        assumeTrue(
                new ProcessBuilder("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", namespace)
                                .start()
                                .waitFor()
                        == 0,
                "no virtual cables here");
        run(List.of("ip", "address", "add", network + "1/24", "dev", here));
        run(List.of("ip", "link", "set", here, "up"));
        run(List.of("ip", "-n", namespace, "address", "add", network + "2/24", "dev", there));
        run(List.of("ip", "-n", namespace, "link", "set", "lo", "up"));
        run(List.of("ip", "-n", namespace, "link", "set", there, "up"));
        farm.setNetwork(network + "1", List.of("nsenter", "--net=/run/netns/" + namespace));
        farm.expectWarning("compiling locally");
        startFarm();

        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        long since = System.nanoTime();
        run(List.of("ip", "-n", namespace, "link", "set", there, "down"));
        awaitEnd("cut of the network", since);
        // The client misses the builder as well, and compiles by itself.
        assertTrue(launcher.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
        assertEquals(0, launcher.exitValue());
        System.out.printf(
                "cut of the network: compiled locally after %d ms%n", (System.nanoTime() - since) / 1_000_000);
    }

    private void send(long pid, String signal) throws IOException, InterruptedException {
        run(List.of("kill", "-" + signal, Long.toString(pid)));
    }

    /** Waits for a launcher to end with an object, in spite of somebody who is silent. */
    private void awaitObject(String how, Process launcher, long since) throws IOException, InterruptedException {
        assertTrue(launcher.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "still waiting although " + how);
        assertEquals(0, launcher.exitValue());
        assertTrue(Files.size(directory.resolve("a.o")) > 0);
        System.out.printf("%s: compiled after %d ms%n", how, (System.nanoTime() - since) / 1_000_000);
    }

    /** Its kernel goes on answering for it. */
    @Test
    void builderStopped_isMissed() throws Exception {
        farm.expectWarning("compiling locally");
        farm.expectWarning("did not take job");
        startFarm();
        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        // So that it has said once that it is at work.
        TimeUnit.SECONDS.sleep(2);
        long since = System.nanoTime();
        long builder = farm.pid("builder-0");
        send(builder, "STOP");
        try {
            awaitObject("the builder was stopped", launcher, since);
        } finally {
            send(builder, "CONT");
        }
    }

    @Test
    void schedulerStopped_isMissed() throws Exception {
        farm.expectWarning("compiling locally");
        // Once it goes on, it has a request whose client is gone, for a builder that may be, too.
        farm.expectWarning("did not take job");
        startFarm();
        long scheduler = farm.pid("scheduler");
        send(scheduler, "STOP");
        try {
            long since = System.nanoTime();
            awaitObject("the scheduler was stopped", farm.start(directory, List.of("gcc", "-c", "a.c")), since);
        } finally {
            send(scheduler, "CONT");
        }
    }

    @Test
    void clientDaemonStopped_isMissed() throws Exception {
        startFarm();
        Process launcher = farm.start(directory, List.of("gcc", "-c", "a.c"));
        awaitJob();
        long client = farm.clientPid();
        long since = System.nanoTime();
        send(client, "STOP");
        try {
            awaitObject("the client daemon was stopped", launcher, since);
            since = System.nanoTime();
            Files.delete(directory.resolve("a.o"));
            awaitObject("it is still stopped", farm.start(directory, List.of("gcc", "-c", "a.c")), since);
        } finally {
            send(client, "CONT");
        }
    }
}
