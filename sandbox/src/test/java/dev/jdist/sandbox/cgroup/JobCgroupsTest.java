package dev.jdist.sandbox.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On plain directories in the place of the cgroup file system, above all for version 2; JobLimitsIT has the real one. */
class JobCgroupsTest {
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(1), 1 << 30, 300, 1 << 20, 1000, 10);

    @TempDir
    private Path own;

    private JobCgroups cgroups() {
        return new JobCgroups(
                List.of(CgroupController.memoryV2(own), CgroupController.processes(own)),
                Optional.of(new CgroupWeight(own, true)),
                "jdist-1-2");
    }

    private Path only() throws IOException {
        try (var entries = Files.list(own)) {
            return entries.findFirst().orElseThrow();
        }
    }

    @Test
    void create_version2_limitsMemoryAndProcessesOfOneDirectory() throws IOException {
        JobCgroups.Group group = cgroups().create(JobCgroups.nextNumber(), LIMITS);

        assertTrue(only().getFileName().toString().startsWith("jdist-1-2-"));
        assertEquals("1073741824", Files.readString(only().resolve("memory.max")));
        assertEquals("300", Files.readString(only().resolve("pids.max")));
        assertEquals("10", Files.readString(only().resolve("cpu.weight.nice")));
        assertEquals(List.of("--cgroup", only().toString()), group.options());
        assertTrue(group.keeps(JobLimit.MEMORY) && group.keeps(JobLimit.PROCESSES));
        assertFalse(group.keeps(JobLimit.SCRATCH));
    }

    /** The kernel's own table of weights by niceness has these. */
    @ParameterizedTest
    @CsvSource({"0, 1024", "1, 819", "10, 110", "19, 15"})
    void create_version1_givesTheSharesOfTheNiceness(int nice, String shares) throws IOException {
        JobLimits limits = new JobLimits(Duration.ofSeconds(1), 1 << 30, 300, 1 << 20, 1000, nice);

        new JobCgroups(List.of(), Optional.of(new CgroupWeight(own, false)), "jdist-1-2")
                .create(JobCgroups.nextNumber(), limits);

        assertEquals(shares, Files.readString(only().resolve("cpu.shares")));
    }

    @Test
    void reached_eventsOfTheKernel_tellWhichLimitItWas() throws IOException {
        JobCgroups.Group group = cgroups().create(JobCgroups.nextNumber(), LIMITS);
        assertEquals(Optional.empty(), group.reached(), "a kernel that tells nothing");

        Files.writeString(only().resolve("memory.events"), "low 0\nhigh 3\nmax 15\noom 0\noom_kill 0\n");
        Files.writeString(only().resolve("pids.events"), "max 0\n");
        assertEquals(Optional.empty(), group.reached());

        Files.writeString(only().resolve("pids.events"), "max 10\n");
        assertEquals(Optional.of(JobLimit.PROCESSES), group.reached());

        Files.writeString(only().resolve("memory.events"), "low 0\nhigh 0\nmax 15\noom 1\noom_kill 1\n");
        assertEquals(Optional.of(JobLimit.MEMORY), group.reached());
    }

    @Test
    void close_always_removesTheDirectory() throws IOException {
        JobCgroups.Group group = cgroups().create(JobCgroups.nextNumber(), LIMITS);
        for (String file : List.of("memory.max", "pids.max", "cpu.weight.nice")) {
            Files.delete(only().resolve(file)); // as those of the kernel, which go with their directory
        }

        group.close();

        assertEquals(0, own.toFile().list().length);
    }

    @Test
    void create_noControllers_keepsNothing() throws IOException {
        try (JobCgroups.Group group =
                new JobCgroups(List.of(), Optional.empty(), "none").create(JobCgroups.nextNumber(), LIMITS)) {
            assertEquals(List.of(), group.options());
            assertEquals(Optional.empty(), group.reached());
            assertFalse(group.keeps(JobLimit.MEMORY));
        }
    }

    @Test
    void removeStale_namesOfOthers_removesThoseOfTheDeadOnly() throws Exception {
        String self = JobCgroups.prefix(ProcessHandle.current().pid()).orElseThrow();
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        String reused = "jdist-" + ProcessHandle.current().pid() + "-1-4";
        for (String name : List.of(
                self + "-7",
                self + "-builder",
                "jdist-" + dead.pid() + "-99-1",
                "jdist-" + dead.pid() + "-99-builder",
                reused,
                "jdist-other",
                "user.slice")) {
            Files.createDirectory(own.resolve(name));
        }

        JobCgroups.removeStale(own);

        try (var left = Files.list(own)) {
            assertEquals(
                    List.of(self + "-7", self + "-builder", "jdist-other", "user.slice"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    // Version 2 allows children with limits only to a cgroup without members.

    private void offer(String controllers, String enabled) throws IOException {
        Files.writeString(own.resolve("cgroup.controllers"), controllers);
        Files.writeString(own.resolve("cgroup.subtree_control"), enabled);
    }

    @Test
    void take_controllersNotEnabled_movesIntoAChildAndEnablesThem() throws IOException {
        offer("cpuset cpu io memory hugetlb pids rdma misc\n", "\n");

        assertTrue(CgroupDelegation.take(own, "jdist-1-2-builder", 42));

        assertEquals("42", Files.readString(own.resolve("jdist-1-2-builder/cgroup.procs")));
        assertEquals("+memory +pids +cpu", Files.readString(own.resolve("cgroup.subtree_control")));
    }

    @Test
    void take_controllersEnabledAlready_staysWhereItIs() throws IOException {
        offer("memory pids\n", "cpu memory pids\n");
        assertTrue(CgroupDelegation.sharesProcessors(own));

        assertTrue(CgroupDelegation.take(own, "child", 42));
        assertFalse(Files.exists(own.resolve("child")));
    }

    @Test
    void take_controllersMissing_changesNothing() throws IOException {
        offer("hugetlb\n", "\n");

        assertFalse(CgroupDelegation.sharesProcessors(own));
        assertFalse(CgroupDelegation.take(own, "child", 42));
        assertFalse(Files.exists(own.resolve("child")));
        assertFalse(CgroupDelegation.take(own.resolve("nowhere"), "child", 42));
    }
}
