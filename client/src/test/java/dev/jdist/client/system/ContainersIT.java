package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.client.testing.ContainerFarm;
import dev.jdist.client.testing.Farm;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The walk-through in containers that are not privileged: a scheduler, two builders and a client, each in its own, and no
 * root in any of them. One builder has a volume for what it writes, so that it can have overlays; the other has only the
 * files of its container. Run by scripts/check docker, which makes the image.
 */
@Tag("docker")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContainersIT {
    private static final int WITH_VOLUME = 0;
    private static final int WITHOUT_VOLUME = 1;

    private static ContainerFarm farm;

    @BeforeAll
    static void startFarm() {
        farm = new ContainerFarm();
        farm.start();
        farm.startBuilder(true);
        farm.startBuilder(false);
    }

    @AfterAll
    static void removeFarm() {
        if (farm != null) {
            farm.close();
        }
    }

    @Test
    @Order(1)
    void distStatus_ofTheWalkThrough_countsBothBuilders() throws Exception {
        int cpus = Integer.parseInt(farm.type("nproc").strip());

        assertEquals(
                "{\"SchedulerStatus\":[\"" + farm.schedulerUrl() + "/\",{\"num_servers\":2,\"num_cpus\":" + 2 * cpus
                        + ",\"in_progress\":0}]}\n",
                farm.type("jdist --start-server >/dev/null 2>&1\njdist --dist-status"));
    }

    @Test
    @Order(2)
    void builders_choose_whatTheirFilesAllow() throws Exception {
        for (int builder : List.of(WITH_VOLUME, WITHOUT_VOLUME)) {
            assertEquals("10001\n", farm.inBuilder(builder, "id -u"));
            assertTrue(farm.inBuilder(builder, "cat /proc/1/status").contains("CapBnd:\t0000000000000000"));
        }
        assertTrue(
                farm.builderLog(WITH_VOLUME).contains("sandboxes of the kind rootless-overlay"),
                farm.builderLog(WITH_VOLUME));
        // Where the engine's own storage is an overlay, no other one can lie on it.
        if (farm.storageDriver().startsWith("overlay")) {
            String log = farm.builderLog(WITHOUT_VOLUME);
            assertTrue(log.contains("sandboxes of the kind directory"), log);
            assertTrue(log.contains("set build_dir to a directory on a local disk or a volume"), log);
        }
    }

    @Test
    @Order(3)
    void cmakeProject_builtOnTheFarm_isDistributedWholeAndGivesTheSameObjects() throws Exception {
        String configure = "cmake -S /usr/src/googletest -B build -G Ninja -DCMAKE_BUILD_TYPE=Release"
                + " -DBUILD_GMOCK=OFF -Dgtest_build_samples=ON";
        farm.type(configure + "\nninja -C build\nmv build plain");

        farm.type(configure + " -DCMAKE_C_COMPILER_LAUNCHER=jdist -DCMAKE_CXX_COMPILER_LAUNCHER=jdist\n"
                + "jdist --zero-stats >/dev/null\nninja -C build -j8\n./build/googletest/sample1_unittest");

        String expected = digests("plain");
        assertEquals(expected, digests("build"));
        JsonNode statistics = statistics();
        assertEquals(expected.lines().count(), Farm.distributed(statistics), statistics.toPrettyString());
        assertEquals(0, statistics.get("dist_errors").asInt(), statistics.toPrettyString());
        assertEquals(2, statistics.get("dist_compiles").size(), statistics.toPrettyString());
        for (int builder : List.of(WITH_VOLUME, WITHOUT_VOLUME)) {
            assertNothingRuns(builder);
        }
    }

    private static String digests(String build) throws Exception {
        return farm.type("cd " + build + "\nfind . -name '*.o' | LC_ALL=C sort | xargs sha256sum");
    }

    private static JsonNode statistics() throws Exception {
        return new ObjectMapper()
                .readTree(farm.type("jdist --show-stats --stats-format json"))
                .get("stats");
    }

    /** But the builder itself, which is the container's first process, sandboxes that wait, and what looks. */
    private static void assertNothingRuns(int builder) throws Exception {
        Stream<String> jobs = farm.inBuilder(builder, "ps -eo pid=,comm=")
                .lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("1 ") && !line.matches(".* (sh|ps|jdist-sandbox|bwrap)"));
        assertEquals(List.of(), jobs.toList());
        assertFalse(farm.inBuilder(builder, "cat /proc/1/mountinfo").contains(ContainerFarm.BUILD_DIRECTORY + "/"));
    }

    @Test
    @Order(4)
    void builder_stopped_endsAtOnceAndLeavesNothingOfJobs() throws Exception {
        for (int builder : List.of(WITH_VOLUME, WITHOUT_VOLUME)) {
            assertEquals(143, farm.stopBuilder(builder), farm.builderLog(builder));

            assertEquals(List.of("builds/"), farm.filesOfBuilder(builder, ContainerFarm.BUILD_DIRECTORY + "/builds"));
        }
    }
}
