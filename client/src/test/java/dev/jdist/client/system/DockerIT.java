package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jdist.client.hostile.Attacker;
import dev.jdist.client.testing.DockerDaemon;
import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.Farm.Result;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import dev.jdist.protocol.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A farm whose builder runs jobs in containers of a real Docker engine. Run by scripts/check docker. */
@Tag("docker")
class DockerIT {
    private static final long TIMEOUT_SECONDS = 240;

    @TempDir
    Path work;

    private Farm farm;

    @BeforeEach
    void prepare() throws IOException {
        farm = new Farm(work, PackedToolchains.directory());
        farm.setBuilderTables("[builder]\ntype = \"docker\"\n");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        farm.close();
    }

    private void startFarm() throws IOException, InterruptedException {
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
    }

    @Test
    void units_ofEveryCompiler_areDistributedAndGiveTheLocalObjects() throws Exception {
        startFarm();
        Path here = sources();
        List<String> lines = List.of(
                "gcc -O2 -c unit.c",
                "g++ -O2 -std=c++17 -c unit.cpp -MMD",
                "clang -O2 -c unit.c",
                "clang++ -O2 -c unit.cpp",
                "gcc -Wall -c warns.c");
        for (String line : lines) {
            List<String> command = new ArrayList<>(List.of(line.split(" ")));
            Path object = here.resolve(line.contains("warns") ? "warns.o" : "unit.o");
            Result expected = farm.runProgram(here, command).assertSuccess();
            byte[] bytes = Files.readAllBytes(object);
            Files.delete(object);
            farm.zeroStatistics();

            assertEquals(expected, farm.run(here, command), line);

            assertArrayEquals(bytes, Files.readAllBytes(object), line);
            assertEquals(1, Farm.distributed(farm.statistics()), line);
        }
        farm.stop("builder-0");
        assertEquals("", containers() + images(), "a builder that stops leaves nothing in the engine");
    }

    @Test
    void project_builtWithManyJobs_isDistributedWholeAndGivesTheSameFiles() throws Exception {
        startFarm();
        SampleProject project = SampleProject.create(work.resolve("project"), 16);
        project.buildAlone("gcc", "g++");

        farm.runProgram(project.directory(), project.make(8, farm.jdist() + " gcc", farm.jdist() + " g++"))
                .assertSuccess();

        project.assertSameAsAlone();
        JsonNode statistics = farm.statistics();
        assertEquals(project.units(), Farm.distributed(statistics), statistics.toPrettyString());
        awaitNoContainers();
    }

    @Test
    void brokenUnit_failsAsItDoesLocally() throws Exception {
        startFarm();
        Path here = sources();
        for (String compiler : List.of("gcc", "clang")) {
            List<String> command = List.of(compiler, "-c", "broken.c");
            Result expected = farm.runProgram(here, command);
            assertEquals(1, expected.code());
            assertEquals(expected, farm.run(here, command));
        }
    }

    @Test
    void attacker_reachesNothingAndLeavesNothing() throws Exception {
        Files.writeString(work.resolve("secret"), "of the host");
        Path here = startFarmWithAttacker();
        for (int attempt = 0; attempt < 2; attempt++) {
            farm.run(here, List.of("gcc", "-c", "unit.c", "-o", "report")).assertSuccess();

            assertEquals("\u007fELF\n" + """
                    trace of an earlier job: no
                    toolchain changed for this job: yes
                    file of the host: no
                    scheduler on loopback: no
                    network interfaces: 1
                    mount: no
                    device: no
                    new namespace: no
                    capabilities: CapEff:	0000000000000000
                    privileges: NoNewPrivs:	1
                    """, Files.readString(here.resolve("report")), "attempt " + attempt);
            Files.delete(here.resolve("report"));
        }
        assertEquals(2, Farm.distributed(farm.statistics()));
        awaitNoContainers();
    }

    @Test
    void callerGone_endsTheContainer() throws Exception {
        Path here = startFarmWithAttacker();
        Process launcher = launch(here, "endless.c");
        awaitContainers(1);
        launcher.destroyForcibly();
        farm.stopClient();
        awaitNoContainers();
    }

    @Test
    void unitThatTakesTooMuchMemory_isCompiledLocallyAndBothSidesNameTheLimit() throws Exception {
        String limit = "job_memory = 33554432 (32.0 MiB)";
        farm.setBuilderTables("[builder]\ntype = \"docker\"\n[jdist]\njob_memory = \"32M\"\n");
        startFarm();
        farm.expectWarning("exceeded the limit " + limit);
        Path here = sources();
        Files.writeString(here.resolve("hungry.cpp"), "#include <regex>\nstd::regex pattern{\"a*b\"};\n");

        farm.run(here, List.of("g++", "-O2", "-c", "hungry.cpp")).assertSuccess();

        assertEquals(0, Farm.distributed(farm.statistics()));
        for (String daemon : List.of("builder-0", "client")) {
            assertTrue(farm.log(daemon).contains("exceeded the limit " + limit), farm.log(daemon));
        }
        awaitNoContainers();
    }

    @Test
    void builderKilled_leavesNoContainerAndComesBack() throws Exception {
        farm.expectWarning("did not take job");
        farm.expectWarning("restarted");
        Path here = startFarmWithAttacker();
        CompletableFuture<Result> build = CompletableFuture.supplyAsync(() -> run(here, "gcc -c endless.c -o x.o"));
        awaitContainers(1);

        farm.killHard("builder-0");

        build.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).assertSuccess();
        awaitNoContainers();
        // What an engine has that was killed together with its builder.
        String image = images().lines().findFirst().orElseThrow();
        docker("create", "--label", label(), image, "/nothing");
        farm.startBuilder(0);
        assertEquals("", containers());
        assertFalse(images().contains(image), "images of before are gone too");
        farm.zeroStatistics();
        farm.run(here, List.of("gcc", "-c", "unit.c", "-o", "report")).assertSuccess();
        assertEquals(1, Farm.distributed(farm.statistics()));
    }

    @Test
    void engineStopped_inTheMiddleOfAJob_meansCompilingLocally() throws Exception {
        farm.expectWarning("did not take job");
        farm.expectWarning("failed: ");
        farm.expectWarning("compiling locally");
        farm.expectWarning("this builder takes no jobs");
        Path here;
        CompletableFuture<Result> build;
        try (DockerDaemon engine = DockerDaemon.start(work.resolve("engine"))) {
            farm.environment().put("DOCKER_HOST", engine.host());
            here = startFarmWithAttacker();
            build = CompletableFuture.supplyAsync(() -> run(here, "gcc -c endless.c -o x.o"));
            awaitContainers(1);
        }
        build.get(TIMEOUT_SECONDS, TimeUnit.SECONDS).assertSuccess();
        farm.run(here, List.of("gcc", "-c", "unit.c", "-o", "y.o")).assertSuccess();
        assertEquals(0, Farm.distributed(farm.statistics()));
        // It cannot clean up in an engine that is not there.
        farm.killHard("builder-0");
    }

    /** Its jobs would all fail, and be compiled locally although other builders have room. */
    @Test
    void engineThatGoesDown_keepsItsBuilderFromJobsUntilItIsBack() throws Exception {
        farm.expectWarning("this builder takes no jobs");
        farm.expectWarning("failed: ");
        farm.expectWarning("did not take job");
        farm.expectWarning("compiling locally");
        Path here = sources();
        Path directory = work.resolve("engine");
        try (DockerDaemon engine = DockerDaemon.start(directory)) {
            farm.environment().put("DOCKER_HOST", engine.host());
            startFarm();
            farm.run(here, List.of("gcc", "-O2", "-c", "unit.c")).assertSuccess();
            assertEquals(1, Farm.distributed(farm.statistics()));
        }
        farm.run(here, List.of("gcc", "-O2", "-c", "unit.c")).assertSuccess();
        farm.awaitLog("builder-0", "this builder takes no jobs, as none can be run: the Docker engine does not answer");
        farm.awaitLog("builder-0", "start it (systemctl start docker), or set DOCKER_HOST to its address");
        try (DockerDaemon engine = DockerDaemon.start(directory)) {
            assertEquals(engine.host(), farm.environment().get("DOCKER_HOST"));
            farm.awaitLog("builder-0", "jobs can be run again");
            // The engine is a new one, without any image: the first job may find that out.
            long distributed = Farm.distributed(farm.statistics());
            for (int i = 0; i < 3 && Farm.distributed(farm.statistics()) == distributed; i++) {
                farm.run(here, List.of("gcc", "-O2", "-c", "unit.c")).assertSuccess();
            }
            assertEquals(distributed + 1, Farm.distributed(farm.statistics()));
            farm.stop("builder-0");
        }
    }

    @Test
    void builder_withoutAnEngine_saysWhatToDo() throws Exception {
        farm.startScheduler();
        farm.environment().put("DOCKER_HOST", "unix://" + work.resolve("nobody.sock"));
        assertTrue(startupComplaint().contains("start it (systemctl start docker), or set DOCKER_HOST to its address"));
    }

    @Test
    void builder_withoutTheProgram_saysWhatToDo() throws Exception {
        farm.startScheduler();
        // A PATH with what the launcher needs, but no docker.
        Path bin = Files.createDirectory(work.resolve("bin"));
        for (String name : List.of("sh", "dirname", "readlink", "sed", "java")) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("/usr/bin").resolve(name));
        }
        farm.environment().put("PATH", bin.toString());
        assertTrue(startupComplaint().contains("install it (Debian: apt install docker.io)"));
    }

    @Test
    void builder_withAnImageThatCannotBeHad_saysWhatToDo() throws Exception {
        farm.startScheduler();
        farm.setBuilderTables("[builder]\ntype = \"docker\"\n[jdist]\ndocker_image = \"127.0.0.1:1/nothing-here:1\"\n");
        String complaint = startupComplaint();
        assertTrue(complaint.contains("no image 127.0.0.1:1/nothing-here:1"), complaint);
        assertTrue(complaint.contains("correct docker_image, or leave it out"), complaint);
    }

    @Test
    void imageOfTheUser_isUnderTheToolchain() throws Exception {
        String image = "jdist-test-" + FreePorts.next() + ":1";
        Path root = Files.createDirectories(work.resolve("image/usr/lib64"))
                .getParent()
                .getParent();
        Files.createDirectory(root.resolve("etc"));
        Files.writeString(root.resolve("etc/of-the-image"), "");
        // As distributions have it, while a toolchain may have a directory of that name.
        Files.createSymbolicLink(root.resolve("lib64"), Path.of("usr/lib64"));
        assertEquals(
                0,
                new ProcessBuilder(
                                "sh", "-c", "tar -C \"$1\" -c . | docker import - \"$2\"", "sh", root.toString(), image)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor());
        try {
            farm.setBuilderTables("[builder]\ntype = \"docker\"\n[jdist]\ndocker_image = \"" + image
                    + "\"\ndocker_args = [\"--memory\", \"2g\"]\n");
            startFarm();
            Path here = sources();
            farm.run(here, List.of("gcc", "-O2", "-c", "unit.c")).assertSuccess();
            assertEquals(1, Farm.distributed(farm.statistics()));
            String ours = images().lines().findFirst().orElseThrow();
            String listing = docker("create", "--label", label(), ours, "/nothing");
            assertTrue(program("sh", "-c", "docker export " + listing + " | tar -t")
                    .contains("etc/of-the-image"));
        } finally {
            farm.stop("builder-0");
            docker("rmi", image);
        }
    }

    /** What a builder says that cannot start. */
    private String startupComplaint() {
        AssertionError failure = null;
        try {
            farm.startBuilder();
        } catch (AssertionError e) {
            failure = e;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        assertTrue(failure != null, "the builder started");
        return failure.getMessage();
    }

    /** A farm, and a client that sends it an attacker as its gcc. Returns a directory of sources. */
    private Path startFarmWithAttacker() throws IOException, InterruptedException {
        Path archive = Attacker.toolchain(work, work.resolve("secret"), schedulerPort());
        farm.writeClientConfig("toolchains = [{ type = \"path_override\", compiler_executable = \"/usr/bin/gcc\","
                + " archive = \"" + archive + "\", archive_compiler_executable = \"/usr/bin/gcc\" }]");
        startFarm();
        return sources();
    }

    private Result run(Path here, String line) {
        try {
            return farm.run(here, List.of(line.split(" ")));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Process launch(Path here, String unit) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(farm.jdist().toString(), "gcc", "-c", unit, "-o", "x.o");
        builder.environment().putAll(farm.environment());
        return builder.directory(here.toFile()).start();
    }

    private int schedulerPort() {
        return Integer.parseInt(farm.schedulerUrl().replaceAll(".*:", ""));
    }

    private String label() {
        return "dev.jdist.builder=127.0.0.1:" + farm.builderPort(0);
    }

    private String containers() throws IOException, InterruptedException {
        return docker("ps", "--all", "--quiet", "--filter", "label=" + label());
    }

    private String images() throws IOException, InterruptedException {
        return docker("images", "--quiet", "--filter", "label=" + label());
    }

    private void awaitNoContainers() throws IOException, InterruptedException {
        awaitContainers(0);
    }

    private void awaitContainers(int count) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        // Running ones where some are awaited: what the engine has only created runs nothing yet.
        while (docker("ps", count == 0 ? "--all" : "--no-trunc", "--quiet", "--filter", "label=" + label())
                        .lines()
                        .count()
                != count) {
            if (System.nanoTime() > deadline) {
                fail("containers: " + docker("ps", "--all", "--filter", "label=" + label()));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private String docker(String... arguments) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("docker"));
        words.addAll(List.of(arguments));
        return program(words.toArray(String[]::new));
    }

    private String program(String... words) throws IOException, InterruptedException {
        return farm.runProgram(work, List.of(words)).assertSuccess().stdout().strip();
    }

    private Path sources() throws IOException {
        Path here = Files.createDirectory(work.resolve("sources"));
        // In a terminal, these two bytes would let go of a container.
        Files.writeString(
                here.resolve("unit.c"),
                "#include <stdlib.h>\nconst char *octets = \"\u0010\u0011\";\nint f(int x) { return abs(x) * 3; }\n");
        Files.writeString(
                here.resolve("unit.cpp"),
                "#include <string>\n#include <vector>\nstd::string f(std::vector<std::string> v) { return v.at(0) +"
                        + " __FILE__; }\n");
        Files.writeString(here.resolve("broken.c"), "int f( { return 1 }\n");
        Files.writeString(here.resolve("warns.c"), "static int unused(void) { return 1; }\nint x;\n");
        Files.writeString(here.resolve("endless.c"), "int ENDLESS_PLEASE;\n");
        return here;
    }
}
