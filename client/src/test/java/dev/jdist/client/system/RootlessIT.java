package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import dev.jdist.client.testing.PackedToolchains;
import dev.jdist.client.testing.SampleProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A farm whose builder is a user without any rights, in each kind of sandbox that such a user can have. */
class RootlessIT {
    private static final int UNITS = 8;

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
    void prepare() throws IOException, InterruptedException {
        project.clean();
        farm = new Farm(directory, PackedToolchains.directory());
        farm.setUnprivilegedBuilders();
    }

    @AfterEach
    void stopFarm() throws IOException, InterruptedException {
        farm.close();
    }

    private Path buildDirectory() {
        return directory.resolve("unprivileged/.cache/jdist/build");
    }

    /** Without {@code build_dir} and {@code bwrap_path}. */
    private void startFarm(String jdistTable) throws IOException, InterruptedException {
        farm.setBuilderTables("[builder]\ntype = \"overlay\"\n[jdist]\n" + jdistTable);
        farm.startScheduler();
        farm.startBuilder();
        farm.startClient();
    }

    private void build() throws IOException, InterruptedException {
        farm.runProgram(project.directory(), project.make(6, farm.jdist() + " gcc", farm.jdist() + " g++"))
                .assertSuccess();
        project.assertSameAsAlone();
        assertEquals(
                UNITS, Farm.distributed(farm.statistics()), farm.statistics().toPrettyString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless-overlay", "directory"})
    void build_inAForcedSandbox_isDistributedWholeAndGivesTheSameFiles(String sandbox) throws Exception {
        startFarm("sandbox = \"" + sandbox + "\"\n");
        farm.awaitLog("builder-0", "sandboxes of the kind " + sandbox + ", scratch space on disk");

        build();

        farm.stop("builder-0");
        BuilderRemains.assertNoProcessAndNoMount(buildDirectory());
        BuilderRemains.assertNoFileOfAJob(buildDirectory());
    }

    @Test
    void builder_leftToChoose_takesTheBestAndSaysWhyNotABetterOne() throws Exception {
        startFarm("");

        assertTrue(farm.log("builder-0").contains("sandboxes of the kind rootless-overlay"), farm.log("builder-0"));
        assertTrue(
                farm.log("builder-0")
                        .contains("not of the better kind root-overlay: jdist-sandbox: cannot make a mount namespace:"
                                + " Operation not permitted. It needs root"),
                farm.log("builder-0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rootless-overlay", "directory"})
    void builderKilled_duringAJob_leavesNoProcessAndNoMount(String sandbox) throws Exception {
        startFarm("sandbox = \"" + sandbox + "\"\n");
        farm.expectWarning("");
        Path source = Files.writeString(directory.resolve("long.cpp"), """
                template <int N, int M> struct F { static constexpr int v = F<N - 1, M>::v + F<N - 2, M + 1>::v; };
                template <int M> struct F<0, M> { static constexpr int v = M; };
                template <int M> struct F<1, M> { static constexpr int v = M; };
                int x = F<300, 0>::v;
                """);
        ProcessBuilder compile =
                new ProcessBuilder(farm.jdist().toString(), "g++", "-ftemplate-depth=1000", "-c", source.toString());
        compile.environment().putAll(farm.environment());
        Process client = compile.directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BuilderRemains.awaitJob(buildDirectory());

        farm.killHard("builder-0");

        BuilderRemains.assertNoProcessAndNoMount(buildDirectory());
        client.destroy();
        client.waitFor();
        farm.startBuilder(0);
        BuilderRemains.assertNoFileOfAJob(buildDirectory());
    }
}
