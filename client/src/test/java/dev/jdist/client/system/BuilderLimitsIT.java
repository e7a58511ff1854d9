package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real builders whose jobs take too much, or that are told to end while jobs run. */
class BuilderLimitsIT {
    private static final long TIMEOUT_SECONDS = 240;
    /** Take the compiler two seconds or so, and more than 32 MiB. */
    private static final int FUNCTIONS = 300;

    @TempDir
    Path directory;

    private Farm farm;

    @BeforeEach
    void prepare() throws IOException, InterruptedException {
        writeLarge(FUNCTIONS);
        Files.writeString(directory.resolve("small.c"), "int small;\n");
        farm = new Farm(directory, PackedToolchains.directory());
        farm.startScheduler();
    }

    private void writeLarge(int functions) throws IOException {
        StringBuilder source = new StringBuilder();
        for (int i = 0; i < functions; i++) {
            source.append(("int f%d(int *a, int n) { int s = %d; for (int i = 0; i < n; i++) { if (a[i] %% %d == 0)"
                            + " s += a[i] * %d; else s ^= a[i] >> %d; } return s; }\n")
                    .formatted(i, i, i + 3, i, i % 7));
        }
        Files.writeString(directory.resolve("large.c"), source);
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private Result compile(String unit) throws IOException, InterruptedException {
        return farm.runProgram(
                directory, List.of(farm.jdist().toString(), "gcc", "-O2", "-c", unit + ".c", "-o", unit + ".o"));
    }

    private CompletableFuture<Result> compileInBackground(String unit) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return compile(unit);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    private void assertSameAsLocal(String unit) throws IOException, InterruptedException {
        farm.runProgram(directory, List.of("gcc", "-O2", "-c", unit + ".c", "-o", "local.o"))
                .assertSuccess();
        assertArrayEquals(
                Files.readAllBytes(directory.resolve("local.o")), Files.readAllBytes(directory.resolve(unit + ".o")));
    }

    private static boolean runsACompiler(long builder) {
        return ProcessHandle.of(builder).stream()
                .flatMap(ProcessHandle::descendants)
                .anyMatch(process -> process.info().commandLine().orElse("").contains("/cc1"));
    }

    /** The number of the builder that runs a job. */
    private int awaitJob() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (System.nanoTime() < deadline) {
            for (int i = 0; i < 2; i++) {
                if (farm.hasStarted("builder-" + i) && runsACompiler(farm.pid("builder-" + i))) {
                    return i;
                }
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return fail("no job runs");
    }

    @ParameterizedTest
    @CsvSource({"job_memory = \"32M\", job_memory = 33554432 (32.0 MiB)", "job_timeout_secs = 1, job_timeout_secs = 1"})
    void unitThatTakesTooMuch_isCompiledLocallyAndBothSidesNameTheLimit(String setting, String limit) throws Exception {
        farm.setBuilderTables("""
                [builder]
                type = "overlay"
                build_dir = "%s"
                bwrap_path = "/usr/bin/bwrap"
                [jdist]
                %s
                """.formatted(farm.buildDirectory(0), setting));
        farm.startBuilder();
        farm.startClient();
        farm.expectWarning("exceeded the limit " + limit);
        writeLarge(2 * FUNCTIONS);

        compile("large").assertSuccess();

        assertSameAsLocal("large");
        assertEquals(0, Farm.distributed(farm.statistics()));
        for (String daemon : List.of("builder-0", "client")) {
            assertEquals(
                    1,
                    farm.log(daemon)
                            .lines()
                            .filter(line -> line.contains(" WARN ") && line.contains("exceeded the limit " + limit))
                            .count(),
                    daemon);
        }
        compile("small").assertSuccess();
        assertEquals(1, Farm.distributed(farm.statistics()), "the builder goes on");
    }

    @Test
    void sigterm_whileAJobRuns_letsItEndAndSendsOthersElsewhere() throws Exception {
        writeLarge(2 * FUNCTIONS);
        farm.startBuilder();
        farm.startBuilder();
        farm.startClient();
        // In turns, so that both have the toolchain.
        compile("small").assertSuccess();
        compile("small").assertSuccess();
        CompletableFuture<Result> large = compileInBackground("large");
        String busy = "builder-" + awaitJob();
        farm.expectWarning("did not take job");

        farm.terminate(busy);
        farm.awaitLog(busy, "taking no more jobs");
        compile("small").assertSuccess();
        assertFalse(large.isDone(), "the job was to run for longer than the other");

        large.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).assertSuccess();
        farm.awaitExit(busy);
        assertSameAsLocal("large");
        assertEquals(4, Farm.distributed(farm.statistics()));
        assertEquals(0, farm.statistics().get("dist_errors").asLong());
        assertFalse(farm.log(busy).contains("jobs that still run are ended"));
    }

    @Test
    void sigterm_longerThanTheDrain_endsTheJob() throws Exception {
        farm.setBuilderTables("""
                [builder]
                type = "overlay"
                build_dir = "%s"
                bwrap_path = "/usr/bin/bwrap"
                [jdist]
                drain_secs = 0
                """.formatted(farm.buildDirectory(0)));
        assertEndsWithoutTheJob(() -> farm.terminate("builder-0"));
    }

    @Test
    void sigterm_forTheSecondTime_endsTheJob() throws Exception {
        assertEndsWithoutTheJob(() -> {
            farm.terminate("builder-0");
            farm.awaitLog("builder-0", "taking no more jobs");
            farm.terminate("builder-0");
        });
    }

    private interface Harm {
        void run() throws Exception;
    }

    private void assertEndsWithoutTheJob(Harm harm) throws Exception {
        farm.startBuilder();
        farm.startClient();
        List.of("did not take job", "compiling locally", "is compiled locally", "failed: ")
                .forEach(farm::expectWarning);
        CompletableFuture<Result> large = compileInBackground("large");
        awaitJob();

        harm.run();
        farm.awaitExit("builder-0");

        assertTrue(farm.log("builder-0").contains("jobs that still run are ended"));
        assertFalse(large.isDone());
        large.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).assertSuccess();
        assertSameAsLocal("large");
        assertEquals(0, Farm.distributed(farm.statistics()));
    }
}
