package dev.jdist.sandbox.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.CommandKilledException;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.SandboxResult;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ends of the connection into a container; the container is bubblewrap here, so that no engine is needed. */
@Timeout(60)
class DockerRootIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final JobLimits LIMITS = new JobLimits(TIMEOUT, 1 << 30, 200, 64 << 20, 4_000_000, 0);
    private static final Path HELPER = Path.of("target/native/jdist-sandbox").toAbsolutePath();

    @TempDir
    Path directory;

    private final ExecutorService waiting = Executors.newCachedThreadPool();
    private final List<String> complaints = new ArrayList<>();
    private Process container;
    private DockerRoot root;

    @BeforeEach
    void open() throws IOException {
        container = new ProcessBuilder(container(HELPER.toString(), "serve")).start();
        root = new DockerRoot(container, waiting, () -> {}, complaints::add);
    }

    private List<String> container(String... command) {
        List<String> line = new ArrayList<>(List.of("bwrap", "--unshare-pid", "--as-pid-1", "--die-with-parent"));
        line.addAll(List.of("--bind", directory.toString(), "/", "--ro-bind", "/usr", "/usr"));
        line.addAll(List.of("--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib"));
        line.addAll(List.of("--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev"));
        line.addAll(List.of("--ro-bind", HELPER.toString(), HELPER.toString()));
        line.addAll(Arrays.asList(command));
        return line;
    }

    @AfterEach
    void close() throws InterruptedException {
        root.close();
        waiting.shutdown();
        assertTrue(waiting.awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        assertTrue(!container.isAlive(), "the container ends with its root");
    }

    private SandboxResult shell(String script) throws IOException, InterruptedException {
        return root.run(shellCommand(script), LIMITS);
    }

    private static SandboxCommand shellCommand(String script) {
        return new SandboxCommand("/bin/sh", List.of("-c", script), Map.of("GREETING", "hello, wörld"), "/job");
    }

    private void write(String path, String content) throws IOException {
        root.writeFile(path, false, new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
    }

    private Optional<String> read(String path) throws IOException {
        Optional<InputStream> content = root.openFile(path);
        return content.isEmpty()
                ? Optional.empty()
                : Optional.of(new String(content.get().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void command_withInputs_givesOutputs() throws Exception {
        String large = "0123456789abcdef".repeat(20_000);
        write("/home/me/ünit.c", large);
        write("/home/me/empty", "");
        root.writeFile(
                "/job/tool", true, new ByteArrayInputStream("#!/bin/sh\nexit 7\n".getBytes(StandardCharsets.UTF_8)));
        root.createDirectories("/job/out/deep");

        SandboxResult result =
                shell("./tool; echo $?; cat /home/me/*; pwd >&2; env -u PWD >&2; cp /home/me/ünit.c out/deep/copy");

        assertEquals(0, result.exitCode());
        assertEquals("7\n" + large, new String(result.stdout(), StandardCharsets.UTF_8));
        assertEquals("/job\nGREETING=hello, wörld\n", new String(result.stderr(), StandardCharsets.UTF_8));
        assertEquals(Optional.of(large), read("/job/out/deep/copy"));
        assertEquals(Optional.of(""), read("/home/me/empty"));
        assertEquals(Optional.empty(), read("/job/out/none"));
        assertEquals(Optional.empty(), read("/job/out"));
        assertEquals(Optional.empty(), read("/dev/zero"));
    }

    @Test
    void command_endedByASignal_hasItsNumber() throws Exception {
        root.createDirectories("/job");
        assertEquals(128 + 11, shell("kill -SEGV $$").exitCode());
    }

    @ParameterizedTest
    @CsvSource({
        "memory.events, oom_kill, MEMORY",
        "memory/memory.oom_control, oom_kill, MEMORY",
        "pids.events, max, PROCESSES",
        "pids/pids.events, max, PROCESSES"
    })
    void commandThatMetALimitOfTheEngine_isOverThatLimit(String file, String event, JobLimit limit) throws Exception {
        root.createDirectories("/job");
        write("/sys/fs/cgroup/" + file, "other 5\n" + event + " 0\n");
        assertEquals(0, shell("true").exitCode());

        write("/sys/fs/cgroup/" + file, "other 0\n" + event + " 2\n");
        LimitExceededException e = assertThrows(LimitExceededException.class, () -> shell("exit 1"));

        assertEquals(limit, e.limit());
    }

    @Test
    void commandThatPrintsTooMuch_isOverTheLimit() throws Exception {
        root.createDirectories("/job");
        JobLimits few = new JobLimits(TIMEOUT, 1 << 30, 200, 64 << 20, 1000, 0);
        SandboxCommand command = shellCommand("head -c 1000 /dev/zero; head -c 3000000 /dev/zero >&2; exit 3");
        LimitExceededException e = assertThrows(LimitExceededException.class, () -> root.run(command, few));
        assertEquals(JobLimit.LOG, e.limit());
    }

    /** As soon as it does, and not when its time is over. */
    @Test
    void commandThatPrintsForEver_isEndedAtTheLimit() throws Exception {
        root.createDirectories("/job");
        for (String script : List.of("yes", "yes >&2", "trap '' TERM; yes & yes | cat & wait")) {
            LimitExceededException e = assertThrows(LimitExceededException.class, () -> shell(script));
            assertEquals(JobLimit.LOG, e.limit());
        }
    }

    @Test
    void commandThatPrintsAsMuchAsItMay_isFine() throws Exception {
        root.createDirectories("/job");
        JobLimits few = new JobLimits(TIMEOUT, 1 << 30, 200, 64 << 20, 1000, 0);
        SandboxResult result = root.run(shellCommand("head -c 1000 /dev/zero; exit 3"), few);
        assertEquals(3, result.exitCode());
        assertEquals(1000, result.stdout().length);
    }

    @Test
    void processesThatStay_areEndedBeforeOutputsAreRead() throws Exception {
        root.createDirectories("/job");
        shell("setsid sh -c 'echo up; while :; do date >>/job/log; done' & while ! test -s /job/log; do :; done");
        Optional<String> first = read("/job/log");
        assertTrue(first.isPresent());
        assertEquals(first, read("/job/log"));
        assertTrue(Files.size(directory.resolve("job/log")) > 0);
    }

    @Test
    void links_insideTheRoot_leadNowhereElse() throws Exception {
        Path outside = Files.writeString(Files.createTempFile("outside", ""), "untouched");
        Files.createSymbolicLink(directory.resolve("link"), outside);
        Files.createSymbolicLink(directory.resolve("up"), Path.of("../../../../../../../.."));
        write("/link", "replaced");
        write("/up/here", "still inside");
        root.createDirectories("/job");
        shell("ln -s " + outside + " out; ln -s /link good");

        assertEquals(Optional.empty(), read("/job/out"));
        assertEquals(Optional.of("replaced"), read("/job/good"));
        assertEquals("still inside", Files.readString(directory.resolve("here")));
        assertEquals("untouched", Files.readString(outside));
        Files.delete(outside);
    }

    @Test
    void fileInTheWay_isRefused() throws Exception {
        write("/a", "file");
        write("/a/b", "below a file");
        root.createDirectories("/job");
        UnsafePathException refused = assertThrows(UnsafePathException.class, () -> shell("true"));
        assertTrue(refused.getMessage().contains("/a"), refused.getMessage());
    }

    @Test
    void programThatIsNotThere_isTheSandboxsFailure() throws Exception {
        root.createDirectories("/job");
        SandboxCommand command = new SandboxCommand("/usr/bin/no-such", List.of(), Map.of(), "/job");
        SandboxException failed = assertThrows(SandboxException.class, () -> root.run(command, LIMITS));
        assertEquals("cannot run /usr/bin/no-such: No such file or directory", failed.getMessage());
    }

    @Test
    void commandThatTakesTooLong_isKilled() throws Exception {
        root.createDirectories("/job");
        LimitExceededException e = assertThrows(
                LimitExceededException.class,
                () -> root.run(shellCommand("sleep 1000"), LIMITS.within(Duration.ofMillis(200))));
        assertEquals(JobLimit.TIME, e.limit());
    }

    @Test
    void kill_endsTheCommand() throws Exception {
        root.createDirectories("/job");
        waiting.submit(() -> {
            while (Files.notExists(directory.resolve("job/started"))) {
                Thread.onSpinWait();
            }
            root.kill();
            return null;
        });
        assertThrows(CommandKilledException.class, () -> shell("touch started; sleep 1000"));
    }

    @Test
    void containerThatDoesNotStart_saysWhy() throws Exception {
        Process broken = new ProcessBuilder("sh", "-c", "echo 'docker: no such luck' >&2; exit 125").start();
        DockerRoot none = new DockerRoot(broken, waiting, () -> complaints.add("removed"), complaints::add);
        SandboxException failed = assertThrows(SandboxException.class, () -> {
            none.createDirectories("/job");
            none.run(shellCommand("true"), LIMITS);
        });
        assertTrue(failed.getMessage().contains("docker: no such luck"), failed.getMessage());
        assertTrue(complaints.contains("docker: no such luck"));
    }

    @Test
    void serve_outsideAContainer_refuses() throws Exception {
        Process direct = new ProcessBuilder(HELPER.toString(), "serve").start();
        assertEquals(1, direct.waitFor());
    }
}
