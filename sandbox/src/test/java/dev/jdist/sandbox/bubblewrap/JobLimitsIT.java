package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.HostTree;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.ProcessSearch;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.cgroup.CgroupMounts;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Commands that take more than they may, under the real bubblewrap: each dies whole, the next one is served, and nothing is
 * left. Once with what cgroups this machine offers, in sandboxes that waited for the command; once without any, in those
 * that are made for it.
 */
@Timeout(300)
class JobLimitsIT {
    private static final Path HELPER = Path.of("target/native/jdist-sandbox").toAbsolutePath();
    private static final Path BWRAP = Path.of("/usr/bin/bwrap");
    private static final int MIB = 1 << 20;
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(60), 128 * MIB, 60, 32 * MIB, 2 * MIB, 0);
    /** Not for all: on a busy machine, what is nice may take longer than it has time. */
    private static final JobLimits NICE = new JobLimits(Duration.ofSeconds(60), 128 * MIB, 60, 32 * MIB, 2 * MIB, 7);

    /** How limits are kept. */
    enum Keeper {
        CGROUPS,
        WATCH
    }

    @TempDir
    private static Path directory;

    private static Path lower;
    private static BubblewrapSandbox withCgroups;
    private static BubblewrapSandbox withoutCgroups;

    /** What no command outside bears: finds the processes of a test in /proc. */
    private final String mark = "mark-" + UUID.randomUUID();

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: mounting overlays takes root");
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        lower = Files.createDirectories(directory.resolve("lower"));
        HostTree.fill(lower, "sh", "sleep", "yes", "head", "dd", "setsid", "nice", "cat", "mkdir", "tail", "taskset");
        Files.createDirectories(lower.resolve("tmp"));
        withCgroups = BubblewrapSandbox.open(
                HELPER,
                BWRAP,
                directory.resolve("scratch-1"),
                false,
                new BubblewrapSandbox.Wanted(List.of(SandboxStrategy.ROOT_OVERLAY), TreeOwner.of(SandboxIT.JOBS), 2));
        Path scratch = Files.createDirectories(directory.resolve("scratch-2"));
        withoutCgroups = new BubblewrapSandbox(
                HELPER,
                BWRAP,
                scratch,
                new JobCgroups(List.of(), Optional.empty(), "none"),
                new BubblewrapSandbox.Means(
                        new SandboxReport(SandboxStrategy.ROOT_OVERLAY, false, List.of()),
                        HelperArguments.Devices.READ_ONLY,
                        TreeOwner.of(SandboxIT.JOBS)),
                0);
    }

    @AfterAll
    static void close() throws IOException {
        if (withCgroups != null) {
            TreeRemoval.remove(lower);
        }
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        withCgroups.giveUp(lower).join();
        for (String scratch : List.of("scratch-1", "scratch-2")) {
            Path path = directory.resolve(scratch);
            assertEquals(0, path.toFile().list().length, "files are left");
            assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(path.toString()), "mounts are left");
        }
        assertEquals(List.of(), ProcessSearch.naming(mark), "processes are left");
        assertEquals(List.of(), cgroups(), "cgroups are left");
    }

    /** Those below this process's own, in every hierarchy. */
    private static List<Path> cgroups() throws IOException {
        CgroupMounts mounts = CgroupMounts.ofThisProcess();
        String prefix = JobCgroups.prefix(ProcessHandle.current().pid()).orElseThrow();
        List<Path> found = new ArrayList<>();
        for (Optional<Path> own : List.of(mounts.v1("memory"), mounts.v1("pids"), mounts.v1("cpu"), mounts.v2())) {
            if (own.isPresent()) {
                try (Stream<Path> entries = Files.list(own.get())) {
                    entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                            .filter(entry -> !entry.endsWith(prefix + "-builder"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }

    private SandboxResult shell(Keeper keeper, JobLimits limits, String script)
            throws IOException, InterruptedException {
        BubblewrapSandbox sandbox = keeper == Keeper.CGROUPS ? withCgroups : withoutCgroups;
        sandbox.prepareNext(lower, limits, true);
        sandbox.prepared().awaitWaiting();
        try (BubblewrapRoot root = sandbox.openRoot(lower)) {
            root.createDirectories("/out");
            return root.run(
                    new SandboxCommand("/bin/sh", List.of("-c", script, mark), Map.of("PATH", "/bin"), "/"), limits);
        }
    }

    /** The script goes over this limit, after which another is served. */
    private void assertEnded(JobLimit limit, Keeper keeper, JobLimits limits, String script) throws Exception {
        LimitExceededException e = assertThrows(LimitExceededException.class, () -> shell(keeper, limits, script));

        assertEquals(limit, e.limit());
        assertEquals(List.of(), ProcessSearch.naming(mark));
        SandboxResult next = shell(keeper, LIMITS, "echo next");
        assertEquals("next\n", new String(next.stdout(), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_sleepForEver_endsAtTheTimeLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.TIME, keeper, LIMITS.within(Duration.ofMillis(300)), "sleep 1000");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_busyForEver_endsAtTheTimeLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.TIME, keeper, LIMITS.within(Duration.ofMillis(300)), "trap '' TERM; while :; do :; done");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_endlessOutput_endsAtTheLogLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.LOG, keeper, LIMITS, "yes");
        assertEnded(JobLimit.LOG, keeper, LIMITS, "yes >&2");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_tooMuchOutputThatEnds_isOverTheLogLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.LOG, keeper, LIMITS, "yes | head -c " + (2 * MIB + 1));
        assertEquals(2 * MIB, shell(keeper, LIMITS, "yes | head -c " + 2 * MIB).stdout().length);
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_memoryHog_endsAtTheMemoryLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.MEMORY, keeper, LIMITS, "x=$(yes); echo \"$x\"");
    }

    /** As a compiler's driver would: the one that is killed is not the one that is waited for. */
    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_memoryHogThatSomebodySurvives_endsAtTheMemoryLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.MEMORY, keeper, LIMITS, "sh -c 'x=$(yes)' $0; sleep 1000");
        assertEnded(JobLimit.MEMORY, keeper, LIMITS, "sh -c 'x=$(yes)' $0; exit 1");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_manySmallHogs_endAtTheMemoryLimitTogether(Keeper keeper) throws Exception {
        String hog = "sh -c 'x=$(yes | head -c 20000000); sleep 1000' $0 & ";
        assertEnded(JobLimit.MEMORY, keeper, LIMITS, hog.repeat(8) + "wait");
    }

    /** By the kernel alone: it grows faster than anybody can watch, and takes the machine of the tests with it. */
    @Test
    void run_forkBomb_endsAtTheProcessLimit() throws Exception {
        try (JobCgroups.Group group = withCgroups.cgroups().create(JobCgroups.nextNumber(), LIMITS)) {
            assumeTrue(group.keeps(JobLimit.PROCESSES), "skipped: no cgroup limits processes here");
        }
        assertEnded(JobLimit.PROCESSES, Keeper.CGROUPS, LIMITS, "bomb() { bomb | bomb & }; bomb; sleep 1000");
    }

    /** None of which stays a child of whoever started it. */
    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_tooManyDaemons_endAtTheProcessLimit(Keeper keeper) throws Exception {
        assertEnded(
                JobLimit.PROCESSES,
                keeper,
                LIMITS,
                "i=0; while [ $i -lt 100 ]; do (setsid sh -c 'sleep 1000; :' $0 &); i=$((i+1)); done; sleep 1000");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_daemonsThatOutliveTheCommand_endWithIt(Keeper keeper) throws Exception {
        SandboxResult result = shell(
                keeper,
                LIMITS,
                "for i in 1 2 3 4; do (setsid sh -c \"trap '' TERM HUP; sleep 1000; :\" $0 &); done; exit 5");

        assertEquals(5, result.exitCode());
        assertEquals(List.of(), ProcessSearch.naming(mark));
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_oneFileTooLarge_endsAtTheScratchLimit(Keeper keeper) throws Exception {
        assertEnded(JobLimit.SCRATCH, keeper, LIMITS, "yes >/out/file");
        assertEnded(JobLimit.SCRATCH, keeper, LIMITS, "trap '' XFSZ; yes >/out/file 2>/dev/null; sleep 1000");
    }

    /** It would take no space here, and all of it where it is sent to. */
    @Test
    void run_fileWithHolesBeyondTheLimit_isNotWritten() throws Exception {
        SandboxResult result = shell(Keeper.WATCH, LIMITS, "dd if=/dev/null of=/out/hole bs=1M seek=100");

        assertFalse(result.exitCode() == 0);
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_tooManyFiles_endAtTheScratchLimit(Keeper keeper) throws Exception {
        assertEnded(
                JobLimit.SCRATCH,
                keeper,
                LIMITS,
                "mkdir /out/d; i=0; while :; do yes | head -c 5000000 >/out/d/$i; i=$((i+1)); done");
        assertEnded(JobLimit.SCRATCH, keeper, LIMITS, "cd /out; i=0; while :; do : >$i; i=$((i+1)); done");
    }

    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_moreThanAllJobsTogetherMayWrite_endsTheLargestOnly(Keeper keeper) throws Exception {
        BubblewrapSandbox sandbox = keeper == Keeper.CGROUPS ? withCgroups : withoutCgroups;
        sandbox.limitScratch(8 * MIB);
        try (BubblewrapRoot root = sandbox.openRoot(lower)) {
            root.createDirectories("/out");
            String script = "yes | head -c 3000000 >/out/file; sleep 1000";
            FutureTask<SandboxResult> neighbour = new FutureTask<>(() -> root.run(
                    new SandboxCommand("/bin/sh", List.of("-c", script, "neighbour"), Map.of("PATH", "/bin"), "/"),
                    LIMITS));
            new Thread(neighbour).start();

            assertEnded(JobLimit.ALL_SCRATCH, keeper, LIMITS, "yes | head -c 9000000 >/out/file; sleep 1000");

            assertFalse(neighbour.isDone(), "the other goes on");
            root.kill();
            ExecutionException e = assertThrows(ExecutionException.class, neighbour::get);
            assertInstanceOf(CommandKilledException.class, e.getCause());
        } finally {
            sandbox.limitScratch(Long.MAX_VALUE);
        }
    }

    /** It is memory, and not in the root. */
    @Test
    void run_filesInDev_cannotBeWritten() throws Exception {
        SandboxResult result = shell(Keeper.WATCH, LIMITS, "echo x >/dev/shm/file || echo y >/dev/file");

        assertFalse(result.exitCode() == 0);
        assertEquals(
                "0\n",
                new String(
                        shell(Keeper.WATCH, LIMITS, "echo x >/dev/null; echo $?")
                                .stdout(),
                        StandardCharsets.UTF_8));
    }

    @Test
    void run_command_isAsNiceAsItIsToldToBe() throws Exception {
        int own = Integer.parseInt(output("nice"));

        assertEquals(
                Math.min(own + 7, 19) + "\n",
                new String(shell(Keeper.CGROUPS, NICE, "nice").stdout(), StandardCharsets.UTF_8));
    }

    /**
     * Whoever uses the machine has a session of their own, and the kernel may weigh sessions against each other and not
     * processes. Both want the same processor for ever; the job, alone with the other as nice as it is, would get a half.
     */
    @ParameterizedTest
    @EnumSource(Keeper.class)
    void run_commandThatWantsAProcessorWithSomebody_getsLittleOfIt(Keeper keeper) throws Exception {
        String cpu = output("sh", "-c", "taskset -cp $$ | sed 's/.*[ ,-]//'");
        String loop = "exec taskset -c " + cpu + " sh -c 'while :; do :; done' ";
        Process user = new ProcessBuilder("setsid", "sh", "-c", loop + "user-" + mark).start();
        Path userProcess = Path.of("/proc", Long.toString(user.pid()));
        BubblewrapRoot root = (keeper == Keeper.CGROUPS ? withCgroups : withoutCgroups).openRoot(lower);
        SandboxCommand command = new SandboxCommand("/bin/sh", List.of("-c", loop + mark), Map.of("PATH", "/bin"), "/");
        FutureTask<SandboxResult> job = new FutureTask<>(() -> root.run(command, NICE));
        new Thread(job).start();
        try (root) {
            while (processorTicks(userProcess) < 10 || ticksOfJob() == 0) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            long userBefore = processorTicks(userProcess);
            long jobBefore = ticksOfJob();
            while (processorTicks(userProcess) < userBefore + 100) {
                TimeUnit.MILLISECONDS.sleep(5);
            }

            long ofJob = ticksOfJob() - jobBefore;
            root.kill();
            ExecutionException end = assertThrows(ExecutionException.class, job::get);
            assertInstanceOf(CommandKilledException.class, end.getCause());
            assertTrue(ofJob < 50, "while the user's program ran for 100 ticks, the job did for " + ofJob);
        } finally {
            user.destroyForcibly().waitFor();
        }
    }

    /** Of all its processes. */
    private long ticksOfJob() throws IOException {
        return ProcessSearch.naming(mark).stream()
                .filter(process -> !ProcessSearch.commandLine(process).contains("user-" + mark))
                .mapToLong(JobLimitsIT::processorTicks)
                .sum();
    }

    /** Time that a process had on processors, in ticks of the kernel's clock; none if it has ended. */
    private static long processorTicks(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** So that it dies before the builder where memory is short. */
    @Test
    void run_command_isTheFirstThatTheKernelTakes() throws Exception {
        SandboxResult result = shell(Keeper.WATCH, LIMITS, "cat /proc/self/oom_score_adj");

        assertEquals("1000\n", new String(result.stdout(), StandardCharsets.UTF_8));
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return output.strip();
    }

    @Test
    void open_machineWithCgroups_usesThem() throws Exception {
        CgroupMounts mounts = CgroupMounts.ofThisProcess();
        Optional<Path> memory = mounts.v1("memory");
        assumeTrue(
                memory.isPresent() && Files.isWritable(memory.get()),
                "skipped: there are no cgroups of version 1 to be had here");

        try (JobCgroups.Group group = withCgroups.cgroups().create(JobCgroups.nextNumber(), LIMITS)) {
            assertTrue(group.keeps(JobLimit.MEMORY));
            assertEquals(
                    1,
                    cgroups().stream()
                            .filter(path -> path.startsWith(memory.get()))
                            .count());
        }
        assertEquals(List.of(), cgroups());
    }

    @Test
    void open_again_removesTheCgroupsOfABuilderThatWasKilled() throws Exception {
        CgroupMounts mounts = CgroupMounts.ofThisProcess();
        Optional<Path> pids = mounts.v1("pids");
        assumeTrue(
                pids.isPresent() && Files.isWritable(pids.get()),
                "skipped: there are no cgroups of version 1 to be had here");
        Process shortLived = new ProcessBuilder("true").start();
        shortLived.waitFor();
        Path stale = Files.createDirectory(pids.get().resolve("jdist-" + shortLived.pid() + "-12345-3"));

        JobCgroups.open(HELPER);

        assertFalse(Files.exists(stale));
    }

    @Test
    void helper_cgroupThatIsNotThere_fails() throws Exception {
        Process process = new ProcessBuilder(
                        HELPER.toString(), "confine", "--cgroup", "/nowhere", "--", HELPER.toString(), "true")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(125, process.waitFor());
        assertEquals("jdist-sandbox: cannot join the cgroup /nowhere: No such file or directory\n", said);
    }
}
