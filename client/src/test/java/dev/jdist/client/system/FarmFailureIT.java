package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Farms that lack a part from the start, or are told to do without it: builds succeed, with the same objects. */
class FarmFailureIT {
    private static final int FEW_UNITS = 6;

    private static final long TIMEOUT_SECONDS = 240;

    @TempDir
    static Path common;

    private static SampleProject small;

    @TempDir
    Path directory;

    private Farm farm;

    @BeforeAll
    static void buildWithoutJdist() throws IOException, InterruptedException {
        small = SampleProject.create(common.resolve("small"), FEW_UNITS);
        small.buildAlone("gcc", "g++");
    }

    @BeforeEach
    void prepare() throws IOException {
        small.clean();
        farm = new Farm(directory, PackedToolchains.directory());
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private Result build(SampleProject project) throws IOException, InterruptedException {
        return farm.runProgram(project.directory(), project.make(8, farm.jdist() + " gcc", farm.jdist() + " g++"));
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
        try (Stream<Path> archives = Files.list(directory.resolve("empty-cache/sccache-dist-client/jdist/archives"))) {
            assertTrue(archives.findAny().isEmpty());
        }
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
                        .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .join());
        assertTrue(Files.notExists(directory.resolve("daemon.sock")));
        assertTrue(Files.notExists(directory.resolve("daemon.sock.d")));
    }
}
