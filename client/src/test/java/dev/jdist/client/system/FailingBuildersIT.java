package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Farms of two builders, of which the first one fails each job in its way: few units are sent there, and the other one compiles
 * the rest.
 */
class FailingBuildersIT {
    private static final int UNITS = 30;
    private static final int JOBS = 8;
    private static final Path CASE = Path.of("warm.c");

    @TempDir
    static Path common;

    private static SampleProject project;

    @TempDir
    Path directory;

    private Farm farm;

    @BeforeAll
    static void buildWithoutJdist() throws IOException, InterruptedException {
        project = SampleProject.create(common.resolve("project"), UNITS);
        project.buildAlone("gcc", "g++");
    }

    @BeforeEach
    void startScheduler() throws IOException, InterruptedException {
        project.clean();
        farm = new Farm(directory, PackedToolchains.directory());
        farm.expectWarning("is left alone");
        farm.startScheduler();
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private Duration build() throws IOException, InterruptedException {
        long began = System.nanoTime();
        farm.runProgram(project.directory(), project.make(JOBS, farm.jdist() + " gcc", farm.jdist() + " g++"))
                .assertSuccess();
        project.assertSameAsAlone();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Has a unit compiled. @return whether a builder did it */
    private boolean compileOne() throws IOException, InterruptedException {
        Files.writeString(directory.resolve(CASE), "int warm;\n");
        long before = Farm.distributed(farm.statistics());
        farm.run(directory, List.of("gcc", "-c", CASE.toString())).assertSuccess();
        return Farm.distributed(farm.statistics()) > before;
    }

    private long linesOfClient(String... texts) throws IOException {
        return farm.log("client")
                .lines()
                .filter(line -> Stream.of(texts).allMatch(line::contains))
                .count();
    }

    private String builder(int index) {
        return "127.0.0.1:" + farm.builderPort(index);
    }

    /** It has no room for them. */
    @Test
    void builderThatTakesNoToolchains_isSentFew() throws Exception {
        farm.expectWarning("is refused");
        farm.setToolchainCacheSize("100K");
        farm.startBuilder();
        farm.setToolchainCacheSize("10G");
        farm.startBuilder();
        farm.startClient();

        build();

        assertEquals(UNITS, Farm.distributed(farm.statistics()));
        long uploads = linesOfClient("sending toolchain", "to builder " + builder(0));
        assertTrue(uploads >= 1 && uploads <= 5, uploads + " uploads");
        assertEquals(1, linesOfClient(" WARN ", builder(0), "is left alone", "cache_dir"));
        String status =
                farm.run(directory, List.of("--dist-status")).assertSuccess().stdout();
        assertTrue(status.contains("\"left_alone\":[{\"builder\":\"" + builder(0)), status);
    }

    /** It fails so fast that it always seems to be the one with the fewest jobs. */
    @Test
    void builderWithABrokenCompiler_getsFewUnits() throws Exception {
        farm.startBuilder();
        farm.startClient();
        assertTrue(compileOne());
        farm.stopClient();
        breakCompilers(farm.pid("builder-0"), farm.directory().resolve("builder-0"));
        farm.startBuilder();
        farm.startClient();

        build();

        long failed = linesOfClient("builder " + builder(0) + " ended with exit code");
        assertTrue(failed >= 1 && failed <= JOBS, failed + " units went to the broken compiler");
        assertEquals(UNITS - failed, Farm.distributed(farm.statistics()));
    }

    /** Leaves nothing of the compilers that a builder has unpacked, wherever in its own mount namespace that is. */
    private static void breakCompilers(long builder, Path directory) throws IOException, InterruptedException {
        String script = "find \"/proc/$1/root$2\" -type f '(' -name cc1 -o -name cc1plus ')' -exec truncate -s 0 {} + "
                + "-exec echo {} +";
        Process process = new ProcessBuilder("sh", "-c", script, "sh", Long.toString(builder), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String broken = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        assertTrue(broken.contains("cc1plus"), "nothing was broken: " + broken);
    }

    /** Its kernel takes connections, and nobody answers. */
    @Test
    void builderThatStandsStill_costsHalfASecond() throws Exception {
        farm.expectWarning("did not take job");
        farm.expectWarning("was silent for");
        farm.startBuilder();
        farm.startBuilder();
        farm.startClient();
        // Both have the toolchain then.
        Duration usual = build();
        project.clean();
        farm.zeroStatistics();
        signal("STOP");
        try {
            Duration one = timeOf(this::compileOne);
            Duration all = build();

            assertEquals(UNITS + 1, Farm.distributed(farm.statistics()));
            // Each job that waits for that builder alone would take 30 s longer.
            assertTrue(one.compareTo(Duration.ofSeconds(20)) < 0, "a unit took " + one);
            Duration most = usual.multipliedBy(2).plusSeconds(20);
            assertTrue(all.compareTo(most) < 0, "the build took " + all + ", and before " + usual);
        } finally {
            signal("CONT");
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        String pid = Long.toString(farm.pid("builder-0"));
        assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
    }

    private interface Step {
        boolean run() throws IOException, InterruptedException;
    }

    private static Duration timeOf(Step step) throws IOException, InterruptedException {
        long began = System.nanoTime();
        assertTrue(step.run());
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void schedulerThatIsBack_isUsedAgainWithinASecondOrTwo() throws Exception {
        farm.expectWarning("compiling locally");
        farm.expectWarning("cannot reach the scheduler");
        farm.startBuilder();
        farm.startClient();
        assertTrue(compileOne());
        farm.killHard("scheduler");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < end) {
            Duration local = timeOf(() -> !compileOne());
            assertTrue(local.compareTo(Duration.ofSeconds(5)) < 0, "nobody waits for it, but a unit took " + local);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        farm.startScheduler();
        farm.awaitLog("scheduler", "joined");
        long back = System.nanoTime();
        while (!compileOne()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        Duration waited = Duration.ofNanos(System.nanoTime() - back);
        assertTrue(waited.compareTo(Duration.ofSeconds(3)) < 0, "used again after " + waited);
    }
}
