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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A farm that loses a part in the middle of a build: the build succeeds, with the same objects. It is one farm for all tests,
 * and what is missing is started again before each, so that builders do not get and unpack their toolchains every time.
 */
class InterruptedBuildIT {
    /** Enough to be in the middle of it for some seconds. */
    private static final int UNITS = 20;

    private static final int BUILDERS = 2;
    private static final long TIMEOUT_SECONDS = 240;

    @TempDir
    static Path directory;

    private static SampleProject project;
    private static Farm farm;

    @BeforeAll
    static void buildWithoutJdist() throws IOException, InterruptedException {
        project = SampleProject.create(directory.resolve("project"), UNITS);
        project.buildAlone("gcc", "g++");
        farm = new Farm(directory, PackedToolchains.directory());
        for (int i = 0; i < BUILDERS; i++) {
            farm.chooseBuilderPort();
        }
        // What daemons may say when others die in the middle of a build; which of them notices first is chance.
        List.of(
                        "did not take job",
                        "compiling locally",
                        "is compiled locally",
                        "cannot reach the scheduler",
                        "failed: ",
                        "restarted")
                .forEach(farm::expectWarning);
    }

    @AfterAll
    static void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    @BeforeEach
    void startWhatIsMissing() throws IOException, InterruptedException {
        project.clean();
        if (!farm.hasStarted("scheduler")) {
            farm.startScheduler();
        }
        for (int i = 0; i < BUILDERS; i++) {
            if (!farm.hasStarted("builder-" + i)) {
                farm.startBuilder(i);
            }
        }
        farm.startClient();
    }

    /** Its statistics begin anew with each test. */
    @AfterEach
    void stopClient() throws IOException, InterruptedException {
        farm.stopClient();
    }

    private Result build() throws IOException, InterruptedException {
        return farm.runProgram(project.directory(), project.make(8, farm.jdist() + " gcc", farm.jdist() + " g++"));
    }

    /** Builds with jdist and does {@code harm} as soon as a quarter of the objects is there. */
    private void buildAndHarm(Harm harm) throws Exception {
        CompletableFuture<Result> build = CompletableFuture.supplyAsync(() -> {
            try {
                return build();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (project.outputs().keySet().stream()
                        .filter(name -> name.endsWith(".o"))
                        .count()
                < UNITS / 4) {
            assertTrue(System.nanoTime() < deadline && !build.isDone(), "the build has not come so far");
            TimeUnit.MILLISECONDS.sleep(20);
        }
        harm.run();
        build.get(3 * TIMEOUT_SECONDS, TimeUnit.SECONDS).assertSuccess();
        project.assertSameAsAlone();
    }

    private interface Harm {
        void run() throws Exception;
    }

    @Test
    void builderKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
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
        buildAndHarm(() -> farm.killHard("scheduler"));

        // A new one knows nothing, and learns it from the builders within seconds.
        farm.startScheduler();
        farm.awaitLog("scheduler", "127.0.0.1:" + farm.builderPort(0) + " joined");
        farm.awaitLog("scheduler", "127.0.0.1:" + farm.builderPort(1) + " joined");
    }

    @Test
    void clientDaemonKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
        buildAndHarm(() -> farm.killClient());
        assertTrue(farm.statistics().get("compile_requests").asInt() > 0, "another daemon took over");
    }

    @Test
    void everythingKilled_inTheMiddleOfABuild_costsNothingButTime() throws Exception {
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
        buildAndHarm(() -> farm.stop("builder-1"));
        assertNothingLeft(1);
    }

    @Test
    void builderComingBack_getsWorkAgain() throws Exception {
        farm.killHard("builder-0");
        farm.startBuilder(0);
        build().assertSuccess();
        project.assertSameAsAlone();
        assertEquals(2, farm.statistics().get("dist_compiles").size());
    }

    /** No process of a job, no mount, no file but the toolchains. */
    private void assertNothingLeft(int builder) throws IOException, InterruptedException {
        String place = farm.buildDirectory(builder).toString();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
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

    private static Stream<ProcessHandle> processesNaming(String text) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .map(line -> line.contains(text))
                        .orElse(false));
    }
}
