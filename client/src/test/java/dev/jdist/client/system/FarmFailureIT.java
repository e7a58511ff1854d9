package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Farms that lose a part in the middle of a build, or lack one from the start: builds succeed, with the same objects. */
class FarmFailureIT {
    /** Of a build that is to be harmed: enough to be in the middle of it for some seconds. */
    private static final int UNITS = 20;
    /** Of one that nothing happens to. */
    private static final int FEW_UNITS = 6;

    private static final long PATIENCE_SECONDS = 240;

    @TempDir
    static Path common;

    private static SampleProject large;
    private static SampleProject small;

    @TempDir
    Path directory;

    private Farm farm;

    @BeforeAll
    static void buildWithoutJdist() throws IOException, InterruptedException {
        large = SampleProject.create(common.resolve("large"), UNITS);
        large.buildAlone("gcc", "g++");
        small = SampleProject.create(common.resolve("small"), FEW_UNITS);
        small.buildAlone("gcc", "g++");
    }

    @BeforeEach
    void prepare() throws IOException {
        large.clean();
        small.clean();
        farm = new Farm(directory, PackedToolchains.directory());
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    /** What daemons may say when others die in the middle of a build; which of them notices first is chance. */
    private void expectTrouble() {
        List.of(
                        "did not take job",
                        "compiling locally",
                        "is compiled locally",
                        "cannot reach the scheduler",
                        "failed: ",
                        "restarted")
                .forEach(farm::expectWarning);
    }

    private void startFarm() throws IOException, InterruptedException {
        farm.startScheduler();
        farm.startBuilder();
        farm.startBuilder();
        farm.startClient();
    }

    private Result build(SampleProject project) throws IOException, InterruptedException {
        return farm.runProgram(project.directory(), project.make(8, farm.jdist() + " gcc", farm.jdist() + " g++"));
    }

    /** Builds with jdist and does {@code harm} as soon as a quarter of the objects is there. */
    private void buildAndHarm(Harm harm) throws Exception {
        CompletableFuture<Result> build = CompletableFuture.supplyAsync(() -> {
            try {
                return build(large);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        expectTrouble();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (large.outputs().keySet().stream()
                        .filter(name -> name.endsWith(".o"))
                        .count()
                < UNITS / 4) {
            assertTrue(System.nanoTime() < deadline && !build.isDone(), "the build has not come so far");
            TimeUnit.MILLISECONDS.sleep(10);
        }
        harm.run();
        build.get(3 * PATIENCE_SECONDS, TimeUnit.SECONDS).assertSuccess();
        large.assertSameAsAlone();
    }

    private interface Harm {
        void run() throws Exception;
    }

    @Test
    void builderKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        startFarm();
        buildAndHarm(() -> farm.killHard("builder-0"));

        assertNothingLeft(0);
        JsonNode statistics = farm.statistics();
        assertEquals(
                UNITS,
                Farm.distributed(statistics) + statistics.get("dist_errors").asLong());
        assertEquals(UNITS, Farm.distributed(statistics), "the other builder took over");
    }

    @Test
    void schedulerKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        startFarm();
        buildAndHarm(() -> farm.killHard("scheduler"));

        // A new one knows nothing, and learns it from the builders within seconds.
        farm.startScheduler();
        farm.awaitLog("scheduler", "127.0.0.1:" + farm.builderPort(0) + " joined");
        farm.awaitLog("scheduler", "127.0.0.1:" + farm.builderPort(1) + " joined");
    }

    @Test
    void clientDaemonKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        startFarm();
        buildAndHarm(() -> farm.killClient());
        assertTrue(farm.statistics().get("compile_requests").asInt() > 0, "another daemon took over");
    }

    @Test
    void everythingKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        startFarm();
        buildAndHarm(() -> {
            farm.killHard("builder-0");
            farm.killHard("builder-1");
            farm.killHard("scheduler");
            farm.killClient();
        });
        assertNothingLeft(0);
        assertNothingLeft(1);
    }

    @Test
    void builderStopped_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        startFarm();
        buildAndHarm(() -> farm.stop("builder-1"));
        assertNothingLeft(1);
    }

    @Test
    void schedulerMissing_fromTheStart_meansCompilingLocally() throws Exception {
        farm.expectWarning("compiling locally");
        farm.startClient();
        build(small).assertSuccess();

        small.assertSameAsAlone();
        assertEquals(FEW_UNITS, farm.statistics().get("dist_errors").asLong());
        assertEquals(
                "{\"NotConnected\":[\"" + farm.schedulerUrl() + "/\",\"could not communicate with scheduler\"]}\n",
                farm.run(directory, List.of("--dist-status")).assertSuccess().stdout());
    }

    @Test
    void wrongToken_meansCompilingLocallyAndOneWarning() throws Exception {
        farm.startScheduler();
        farm.startBuilder();
        farm.writeClientConfig("not-the-token", "");
        farm.expectWarning("refuses the token in [dist.auth]");
        farm.expectWarning("was refused: Fixed token mismatch");
        farm.startClient();
        build(small).assertSuccess();

        small.assertSameAsAlone();
        assertEquals(
                1,
                farm.log("client")
                        .lines()
                        .filter(line -> line.contains("refuses the token"))
                        .count());
    }

    @Test
    void farmWithoutBuilders_meansCompilingLocally() throws Exception {
        farm.startScheduler();
        farm.startClient();
        build(small).assertSuccess();
        small.assertSameAsAlone();
    }

    @Test
    void builderComingBack_getsWorkAgain() throws Exception {
        startFarm();
        expectTrouble();
        farm.killHard("builder-0");
        farm.startBuilder(0);
        build(small).assertSuccess();
        small.assertSameAsAlone();
        assertEquals(2, farm.statistics().get("dist_compiles").size());
    }

    @Test
    void compilerExcludedBySettings_isNeverDistributed() throws Exception {
        farm.startScheduler();
        farm.startBuilder();
        farm.writeClientConfig(
                "toolchains = [{ type = \"no_dist\", compiler_executable = \"/usr/bin/gcc\" }]\nrewrite_includes_only ="
                        + " true");
        farm.startClient();
        build(small).assertSuccess();
        small.assertSameAsAlone();
        assertEquals(FEW_UNITS / 2, Farm.distributed(farm.statistics()), "the C++ half, with directives kept");
    }

    @Test
    void toolchainOfTheUser_isUsedInsteadOfAPackedOne() throws Exception {
        farm.startScheduler();
        farm.startBuilder();
        farm.environment()
                .put("XDG_CACHE_HOME", directory.resolve("empty-cache").toString());
        Path archive = directory.resolve("gcc.tar.gz");
        farm.run(directory, List.of("--package-toolchain", "gcc", archive.toString()))
                .assertSuccess();
        farm.writeClientConfig("toolchains = [{ type = \"path_override\", compiler_executable = \"/usr/bin/gcc\","
                + " archive = \"" + archive + "\", archive_compiler_executable = \"/usr/bin/gcc\" }]");
        farm.startClient();
        farm.runProgram(small.directory(), List.of("make", "CC=" + farm.jdist() + " gcc", "CXX=true"))
                .assertSuccess();
        assertEquals(FEW_UNITS / 2, Farm.distributed(farm.statistics()));
        assertTrue(Files.list(directory.resolve("empty-cache/sccache-dist-client/jdist/archives"))
                .findAny()
                .isEmpty());
    }

    @Test
    void packagingThatFails_leavesWhatWasThere() throws Exception {
        Path odd = Files.writeString(directory.resolve("odd-gcc"), "#!/bin/sh\nexec gcc $FLAGS \"$@\"\n");
        assertTrue(odd.toFile().setExecutable(true));
        Path archive = Files.writeString(directory.resolve("archive.tar.gz"), "what was there");
        Result result = farm.run(directory, List.of("--package-toolchain", odd.toString(), archive.toString()));
        assertEquals(2, result.code(), result.stderr());
        assertTrue(result.stderr().contains("is a script"), result.stderr());
        assertEquals("what was there", Files.readString(archive));
        try (var files = Files.list(directory)) {
            assertTrue(files.noneMatch(file -> file.toString().contains("unfinished")));
        }
    }

    @Test
    void idleDaemon_endsByItself() throws Exception {
        farm.environment().put("SCCACHE_IDLE_TIMEOUT", "1");
        farm.startClient();
        long pid = farm.clientPid();
        ProcessHandle.of(pid)
                .ifPresent(process -> process.onExit()
                        .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .join());
        assertTrue(Files.notExists(directory.resolve("daemon.sock")));
        assertTrue(Files.notExists(directory.resolve("daemon.sock.d")));
    }

    /** No process of a job, no mount, no file but the toolchains. */
    private void assertNothingLeft(int builder) throws IOException, InterruptedException {
        String place = farm.buildDirectory(builder).toString();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (processesNaming(place).findAny().isPresent()) {
            assertTrue(System.nanoTime() < deadline, "processes of jobs live on");
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertTrue(Files.readString(Path.of("/proc/self/mountinfo")).lines().noneMatch(line -> line.contains(place)));
        List<String> left = new ArrayList<>();
        try (var files = Files.list(farm.buildDirectory(builder))) {
            for (Path file : files.toList()) {
                if (!file.getFileName().toString().equals("toolchains")) {
                    try (var inside = Files.list(file)) {
                        inside.forEach(each -> left.add(each.toString()));
                    }
                }
            }
        }
        assertEquals(List.of(), left);
    }

    private static java.util.stream.Stream<ProcessHandle> processesNaming(String text) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .map(line -> line.contains(text))
                        .orElse(false));
    }
}
