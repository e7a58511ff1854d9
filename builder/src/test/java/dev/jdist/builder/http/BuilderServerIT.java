package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.builder.job.JobRules;
import dev.jdist.builder.store.ContentStore;
import dev.jdist.builder.testing.BuilderSettings;
import dev.jdist.builder.toolchain.Tars;
import dev.jdist.builder.toolchain.ToolchainStore;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.EnvironmentVariable;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.SandboxCommand;
import dev.jdist.sandbox.bubblewrap.BubblewrapRoot;
import dev.jdist.sandbox.bubblewrap.BubblewrapSandbox;
import dev.jdist.sandbox.bubblewrap.SandboxStrategy;
import dev.jdist.sandbox.tree.TreeOwner;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A builder over real HTTPS, with the real gcc under the real bubblewrap, and a scheduler that only listens. */
@Timeout(300)
class BuilderServerIT {
    private static final Path HELPER = Path.of(
                    System.getProperty("jdist.sandbox", "../sandbox/target/native/jdist-sandbox"))
            .toAbsolutePath();
    private static final Path BWRAP = Path.of("/usr/bin/bwrap");
    private static final TreeOwner JOBS =
            "root".equals(System.getProperty("user.name")) ? TreeOwner.of(1_879_075_428) : TreeOwner.SELF;
    private static final JobLimits LIMITS = new JobLimits(Duration.ofSeconds(20), 192 << 20, 100, 32 << 20, 1 << 20, 0);
    private static final AtomicLong NUMBERS = new AtomicLong(-100);

    @TempDir
    private static Path directory;

    private static HostToolchain gcc;
    private static EventLoops loops;
    private static HttpClient http;
    private static ListeningScheduler scheduler;
    private static Heartbeat heartbeat;
    private static BubblewrapSandbox sandbox;
    private static ContentStore contents;
    private static BuilderServer builder;
    private static HttpTarget target;
    private static ServerId self;

    private JobId job;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Files.isExecutable(BWRAP), "skipped: bubblewrap is not installed (scripts/setup test does it)");
        gcc = HostToolchain.pack();
        loops = EventLoops.start(2);
        http = new HttpClient(loops);
        scheduler = new ListeningScheduler(loops);
        sandbox = BubblewrapSandbox.open(
                HELPER,
                BWRAP,
                directory.resolve("builds"),
                false,
                new BubblewrapSandbox.Wanted(SandboxStrategy.BEST_FIRST, JOBS, 3));
        ToolchainStore toolchains = ToolchainStore.open(
                directory.resolve("tc"), directory.resolve("toolchains"), 1L << 30, Clock.systemUTC(), sandbox);
        contents = ContentStore.open(directory.resolve("contents"), 1L << 30);
        self = ListeningScheduler.freeAddress();
        builder = BuilderServer.start(new BuilderSetup(
                BuilderSettings.in(directory, self, scheduler.url()),
                sandbox,
                toolchains,
                contents,
                2,
                new JobRules(LIMITS, Optional.empty(), 1 << 20)));
        heartbeat = scheduler.heartbeats().take();
        target = new HttpTarget.Builder(self, heartbeat.certificate());
    }

    @AfterAll
    static void stop() throws IOException {
        if (builder != null) {
            builder.close();
            contents.close();
            sandbox.close();
            scheduler.close();
            http.close();
            loops.close();
            assertEquals(0, directory.resolve("builds").toFile().list().length);
            TreeRemoval.remove(directory.resolve("toolchains"));
        }
    }

    @BeforeEach
    void announce() {
        job = new JobId(NUMBERS.getAndIncrement());
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertEquals(List.of(), builds("job-"), "files of jobs are left");
        try (var archives = Files.list(directory.resolve("tc"))) {
            assertTrue(archives.allMatch(file -> file.getFileName().toString().matches("[0-9a-f]{64}")));
        }
    }

    /** The directories of jobs, or those of sandboxes that wait for jobs. */
    private static List<String> builds(String prefix) {
        return Stream.of(directory.resolve("builds").toFile().list())
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    private static void awaitWaitingSandboxes() {
        while (builds("waiting-").isEmpty()) {
            Thread.onSpinWait();
        }
    }

    // The three calls.

    private HttpAnswer call(String path, String token, byte[] body) throws IOException, InterruptedException {
        return http.call(HttpCall.postBytes(target, path + job, new Secret(token), body)
                .withMaxAnswer(1 << 24)
                .within(Duration.ofSeconds(60)));
    }

    private String token() {
        return JobToken.sign(job, heartbeat.jwtKey());
    }

    private <T> T call(String path, byte[] body, WireDecoder<T> decoder) throws IOException, InterruptedException {
        return call(path, token(), body).decode(decoder);
    }

    private AssignJobResult assign(Toolchain toolchain) throws IOException, InterruptedException {
        return call(Endpoints.ASSIGN_JOB, toolchain.toBincode(), AssignJobResult::decode);
    }

    private SubmitToolchainResult submit(byte[] archive) throws IOException, InterruptedException {
        return call(Endpoints.SUBMIT_TOOLCHAIN, archive, SubmitToolchainResult::decode);
    }

    private RunJobResult run(byte[] body) throws IOException, InterruptedException {
        return call(Endpoints.RUN_JOB, body, RunJobResult::decode);
    }

    private HttpAnswer runAnswer(byte[] body) throws IOException, InterruptedException {
        return call(Endpoints.RUN_JOB, token(), body);
    }

    /** Assigns a job for gcc, and sends gcc if it is not there yet. */
    private void ready() throws IOException, InterruptedException {
        if (assign(gcc.id()).needToolchain()) {
            assertEquals(SubmitToolchainResult.SUCCESS, submit(gcc.archive()));
        }
    }

    private static byte[] body(RunJobRequest request, byte[] zlib) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] head = request.toBincode();
        DataOutputStream out = new DataOutputStream(body);
        out.writeInt(head.length);
        out.write(head);
        out.write(zlib);
        return body.toByteArray();
    }

    private static CompileCommand shell(String script) {
        return new CompileCommand(
                "/bin/sh", List.of("-c", script), List.of(new EnvironmentVariable("LC_ALL", "C")), "/work");
    }

    private static byte[] body(String script, String... outputs) throws IOException {
        return body(new RunJobRequest(shell(script), List.of(outputs)), new Tars().toZlib());
    }

    private RunJobResult.Complete runShell(String script, String... outputs) throws Exception {
        ready();
        return (RunJobResult.Complete) run(body(script, outputs));
    }

    private static byte[] content(OutputFile file) throws IOException {
        byte[] content = new InflaterInputStream(file.zlib().toInputStream()).readAllBytes();
        assertEquals(file.size(), content.length);
        return content;
    }

    private List<String> reportsUntilComplete() throws InterruptedException {
        List<String> seen = new ArrayList<>();
        while (!seen.contains("COMPLETE")) {
            String report = scheduler.reports().take();
            if (report.startsWith(job + " ")) {
                seen.add(report.substring(report.indexOf(' ') + 1));
            }
        }
        return seen;
    }

    // What Kubernetes asks.

    @ParameterizedTest
    @ValueSource(strings = {Endpoints.LIVE, Endpoints.READY})
    void liveAndReady_ofABuilderInOrder_areSaidToAnybody(String path) throws Exception {
        HttpAnswer answer = http.call(HttpCall.get(target, path).within(Duration.ofSeconds(10)));
        while (answer.status() == 503) { // between the first heartbeat and the answer to it
            answer = http.call(HttpCall.get(target, path).within(Duration.ofSeconds(10)));
        }

        assertEquals(200, answer.status());
    }

    // One compile.

    @Test
    void runJob_cSource_givesTheObjectThatTheLocalCompilerGives() throws Exception {
        String source = "int twice(int n) { return 2 * n; }\n";
        ready();
        CompileCommand command = new CompileCommand(
                gcc.compiler(),
                List.of("-x", "cpp-output", "-O2", "-c", "/work/src/a.i", "-o", "/work/out/a.o"),
                List.of(new EnvironmentVariable("PATH", "/usr/bin:/bin")),
                "/work");
        byte[] inputs = new Tars().file("work/src/a.i", source).toZlib();

        RunJobResult.Complete result = (RunJobResult.Complete)
                run(body(new RunJobRequest(command, List.of("/work/out/a.o", "/work/out/a.d")), inputs));

        assertEquals(0, result.output().code(), result.output().stderr().toUtf8());
        assertEquals(1, result.outputs().size());
        assertEquals("/work/out/a.o", result.outputs().get(0).path());
        Path local = Files.writeString(directory.resolve("a.i"), source);
        Process process = new ProcessBuilder(gcc.compiler(), "-x", "cpp-output", "-O2", "-c", "a.i", "-o", "a.o")
                .directory(directory.toFile())
                .start();
        assertEquals(0, process.waitFor());
        assertArrayEquals(
                Files.readAllBytes(local.resolveSibling("a.o")),
                content(result.outputs().get(0)));
    }

    @Test
    void runJob_brokenSource_isTheCompilersVerdict() throws Exception {
        ready();
        CompileCommand command =
                new CompileCommand(gcc.compiler(), List.of("-c", "/a.i", "-o", "/a.o"), List.of(), "/");

        RunJobResult.Complete result = (RunJobResult.Complete) run(body(
                new RunJobRequest(command, List.of("/a.o")),
                new Tars().file("a.i", "int x = ;").toZlib()));

        assertEquals(1, result.output().code());
        assertTrue(result.output().stderr().toUtf8().contains("error:"));
        assertEquals(List.of(), result.outputs());
    }

    @Test
    void runJob_wholeLife_isReportedInOrder() throws Exception {
        // A toolchain of its own, so that it has to be sent.
        byte[] archive = new Tars().file("only", "" + job).toGzip();
        assertEquals(new AssignJobResult(JobState.PENDING, true), assign(idOf(archive)));
        assertEquals(SubmitToolchainResult.SUCCESS, submit(archive));

        assertEquals(500, runAnswer(body("true")).status()); // there is no shell in it

        assertEquals(List.of("READY", "STARTED", "COMPLETE"), reportsUntilComplete());
    }

    /** Its client died, or never heard of it. */
    @Test
    void job_forWhichNobodyComes_isGivenBackAndCanStillBeRun() throws Exception {
        ready();
        String returned;
        do {
            returned = scheduler.returned().take();
        } while (!returned.equals(job.toString()));
        assertInstanceOf(RunJobResult.Complete.class, run(body("true")));
    }

    /** A stock scheduler refuses the client's next job for as long as it counts this one. */
    @Test
    void runJob_result_comesWhenTheSchedulerKnowsThatTheJobIsOver() throws Exception {
        runShell("true");

        assertTrue(scheduler.reports().contains(job + " COMPLETE"));
    }

    @Test
    void runJob_schedulerThatDoesNotAnswer_doesNotKeepTheResult() throws Exception {
        CompletableFuture<Void> never = new CompletableFuture<>();
        scheduler.answerToEndsAfter(never);
        try {
            assertEquals(0, runShell("true").output().code());
            assertTrue(scheduler.reports().contains(job + " COMPLETE"));
        } finally {
            scheduler.answerToEndsAfter(CompletableFuture.completedFuture(null));
            never.complete(null);
        }
    }

    @Test
    void assignJob_toolchainThatIsThere_isReadyAtOnce() throws Exception {
        ready();
        job = new JobId(NUMBERS.getAndIncrement());

        assertEquals(new AssignJobResult(JobState.READY, false), assign(gcc.id()));
        run(body("true"));
        assertEquals(List.of("STARTED", "COMPLETE"), reportsUntilComplete());
    }

    @Test
    void runJob_outputsAndDirectories_areAsAskedFor() throws Exception {
        RunJobResult.Complete result = runShell(
                "echo hello; echo oops >&2; echo data >/deep/down/out; exit 3", "/deep/down/out", "/deep/absent");

        assertEquals(3, result.output().code());
        assertEquals("hello\n", result.output().stdout().toUtf8());
        assertEquals("oops\n", result.output().stderr().toUtf8());
        assertEquals(1, result.outputs().size());
        assertEquals("data\n", new String(content(result.outputs().get(0)), StandardCharsets.UTF_8));
    }

    @Test
    void runJob_environment_isTheClientsAndNothingElse() throws Exception {
        ready();
        CompileCommand command = new CompileCommand(
                "/bin/sh",
                List.of("-c", "echo \"$A|$B|$HOME|$USER\""),
                List.of(
                        new EnvironmentVariable("A", "1"),
                        new EnvironmentVariable("A", "2"),
                        new EnvironmentVariable("", "x"),
                        new EnvironmentVariable("B=C", "x")),
                "/work");

        RunJobResult.Complete result =
                (RunJobResult.Complete) run(body(new RunJobRequest(command, List.of()), new Tars().toZlib()));

        assertEquals(
                "2|||\n",
                result.output().stdout().toUtf8(),
                result.output().stderr().toUtf8());
    }

    @Test
    void runJob_endBySignal_isItsNumber() throws Exception {
        assertEquals(139, runShell("kill -SEGV $$").output().code());
    }

    @Test
    void runJob_writesToTheToolchain_areGoneInTheNextJob() throws Exception {
        runShell("echo evil >/bin/sh; echo evil >/usr/bin/as; echo x >/left");
        job = new JobId(NUMBERS.getAndIncrement());

        RunJobResult.Complete result = runShell("[ -e /left ] || echo clean", "/left");

        assertEquals("clean\n", result.output().stdout().toUtf8());
        assertEquals(List.of(), result.outputs());
    }

    @Test
    void runJob_whileSandboxesWait_takesOneAndFindsNothingOfTheJobBefore() throws Exception {
        runShell("echo secret >/home-of-one");
        awaitWaitingSandboxes();
        List<String> waiting = builds("waiting-");
        announce();

        RunJobResult.Complete result = runShell("test ! -e /home-of-one");

        assertEquals(0, result.output().code(), result.output().stderr().toUtf8());
        assertFalse(builds("waiting-").containsAll(waiting), "one was taken of " + waiting);
    }

    @Test
    void receive_whileSandboxesWaitOnTheToolchainThatHasToGo_endsThem() throws Exception {
        ToolchainStore small = ToolchainStore.open(
                directory.resolve("small"), directory.resolve("small-trees"), 1 << 20, Clock.systemUTC(), sandbox);
        byte[] archive = new Tars()
                .add((byte) '0', "bin/true", "", 0755, Files.readAllBytes(HELPER))
                .toGzip();
        byte[] noise = new byte[600 << 10];
        new Random(1).nextBytes(noise);
        byte[] other = new Tars().add((byte) '0', "noise", "", 0644, noise).toGzip();
        Toolchain first = receive(small, archive);
        Path tree;
        try (ToolchainStore.Lease lease = small.acquire(first).orElseThrow()) {
            tree = lease.tree();
            try (BubblewrapRoot root = sandbox.openRoot(tree)) {
                root.run(new SandboxCommand("/bin/true", List.of("true"), Map.of(), "/"), LIMITS);
            }
        }
        awaitProcesses(tree);

        small.acquire(receive(small, other)).orElseThrow().close();

        assertFalse(small.contains(first));
        assertFalse(Files.exists(tree));
        assertEquals(0, processes(tree));
        TreeRemoval.remove(directory.resolve("small-trees"));
    }

    private static Toolchain receive(ToolchainStore store, byte[] archive) throws IOException {
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(archive, archive.length);
        Toolchain id = digest.finish();
        store.receive(id, new ByteArrayInputStream(archive));
        return id;
    }

    private static void awaitProcesses(Path tree) {
        while (processes(tree) == 0) {
            Thread.onSpinWait();
        }
    }

    /** How many have this on their command lines. */
    private static long processes(Path tree) {
        return ProcessHandle.current()
                .children()
                .filter(process -> process.info().commandLine().orElse("").contains(tree.toString()))
                .count();
    }

    @Test
    void runJob_outputsOutsideTheRoot_areNotSent() throws Exception {
        RunJobResult.Complete result = runShell("true", "/../../../../etc/passwd", "/proc/self/environ");

        assertEquals(List.of(), result.outputs());
    }

    @Test
    void runJob_twiceTheSameJob_isNotFoundTheSecondTime() throws Exception {
        runShell("true");

        assertEquals(new RunJobResult.JobNotFound(), run(body("true")));
    }

    @Test
    void anyCall_unknownJob_isNotFound() throws Exception {
        assertEquals(SubmitToolchainResult.JOB_NOT_FOUND, submit(gcc.archive()));
        assertEquals(new RunJobResult.JobNotFound(), run(body("true")));
    }

    @Test
    void assignJob_knownJob_isRefused() throws Exception {
        assign(gcc.id());

        IOException e = assertThrows(IOException.class, () -> assign(gcc.id()));
        assertTrue(e.getMessage().contains("job " + job + " is announced already"), e.getMessage());
    }

    // Many clients with one toolchain.

    /** gcc again under another digest: a gzip member that nobody reads stands behind it. */
    private byte[] gccUnderAnotherName() {
        byte[] tail = new Tars().file("job", "" + job).toGzip();
        byte[] archive = Arrays.copyOf(gcc.archive(), gcc.archive().length + tail.length);
        System.arraycopy(tail, 0, archive, gcc.archive().length, tail.length);
        return archive;
    }

    private static Toolchain idOf(byte[] archive) {
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(archive, archive.length);
        return digest.finish();
    }

    /** The names of the files that uploads wrote to, in the order in which they were made; waits for the first. */
    private static List<String> incoming(WatchService watch) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (WatchKey key = watch.take(); key != null; key = watch.poll()) {
            key.pollEvents().stream()
                    .map(event -> event.context().toString())
                    .filter(name -> name.startsWith(".incoming"))
                    .forEach(names::add);
            key.reset();
        }
        return names;
    }

    private static WatchService watchArchives() throws IOException {
        WatchService watch = FileSystems.getDefault().newWatchService();
        directory.resolve("tc").register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        return watch;
    }

    /** Announces so many jobs, and has their clients begin to send the toolchain. */
    private Map<JobId, CompletableFuture<HttpAnswer>> submitFromMany(int clients, Toolchain toolchain, byte[] archive)
            throws IOException, InterruptedException {
        Map<JobId, CompletableFuture<HttpAnswer>> answers = new LinkedHashMap<>();
        for (int i = 0; i < clients; i++) {
            announce();
            assertTrue(assign(toolchain).needToolchain());
            answers.put(
                    job,
                    http.send(HttpCall.postBytes(target, Endpoints.SUBMIT_TOOLCHAIN + job, new Secret(token()), archive)
                            .within(Duration.ofSeconds(60))));
        }
        return answers;
    }

    private void assertAllTakenAndRun(Map<JobId, CompletableFuture<HttpAnswer>> answers) throws Exception {
        for (var answer : answers.entrySet()) {
            assertEquals(SubmitToolchainResult.SUCCESS, answer.getValue().get().decode(SubmitToolchainResult::decode));
            job = answer.getKey();
            RunJobResult.Complete result = (RunJobResult.Complete) run(body("echo " + job));
            assertEquals(job + "\n", result.output().stdout().toUtf8());
        }
    }

    @Test
    void submitToolchain_fortyClientsAtOnce_areOneUpload() throws Exception {
        byte[] archive = gccUnderAnotherName();
        Toolchain toolchain = idOf(archive);
        assign(toolchain);
        try (WatchService watch = watchArchives();
                SlowUpload first = new SlowUpload(self, job, token(), archive)) {
            assertEquals(1, incoming(watch).size());

            Map<JobId, CompletableFuture<HttpAnswer>> answers = submitFromMany(40, toolchain, archive);
            announce();
            assertEquals(0, runShell("true").output().code(), "a job with another toolchain goes on meanwhile");
            assertTrue(answers.values().stream().noneMatch(CompletableFuture::isDone));

            assertEquals("HTTP/1.1 200 OK", first.finish());
            assertAllTakenAndRun(answers);
            assertEquals(List.of(), incoming(watch), "another file was written");
        }
    }

    @Test
    void submitToolchain_firstBreaksOff_isTakenOverByOneOfThoseThatWait() throws Exception {
        byte[] archive = gccUnderAnotherName();
        Toolchain toolchain = idOf(archive);
        assign(toolchain);
        try (WatchService watch = watchArchives()) {
            Map<JobId, CompletableFuture<HttpAnswer>> answers;
            try (SlowUpload first = new SlowUpload(self, job, token(), archive)) {
                assertEquals(1, incoming(watch).size());
                answers = submitFromMany(5, toolchain, archive);
            }

            assertAllTakenAndRun(answers);
            assertEquals(1, incoming(watch).size());
        }
    }

    // Who may not.

    @Test
    void anyCall_wrongToken_isUnauthorized() throws Exception {
        JobId other = new JobId(1);
        List<String> tokens =
                List.of("", "x", JobToken.sign(other, heartbeat.jwtKey()), JobToken.sign(job, wrongKey()));
        for (String path : List.of(Endpoints.ASSIGN_JOB, Endpoints.SUBMIT_TOOLCHAIN, Endpoints.RUN_JOB)) {
            for (String wrong : tokens) {
                assertEquals(401, call(path, wrong, gcc.id().toBincode()).status(), path);
            }
        }
    }

    private static Bytes wrongKey() {
        return Bytes.utf8("w".repeat(32));
    }

    // What is refused.

    @Test
    void submitToolchain_otherBytes_isRefusedAndNotKept() throws Exception {
        List<byte[]> others = List.of(
                new Tars().file("a", "x").toGzip(),
                new byte[0],
                "x".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        for (byte[] other : others) {
            announce();
            assign(new Toolchain("ab".repeat(32)));

            assertEquals(SubmitToolchainResult.CANNOT_CACHE, submit(other));
            assertEquals(SubmitToolchainResult.JOB_NOT_FOUND, submit(other), "the job is over with that");
        }
        assertFalse(Files.exists(directory.resolve("tc").resolve("ab".repeat(32))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../../tmp/evil", "short"})
    void submitToolchain_idThatIsNoDigest_isRefused(String id) throws Exception {
        assertTrue(assign(new Toolchain(id)).needToolchain());

        assertEquals(SubmitToolchainResult.CANNOT_CACHE, submit(gcc.archive()));
    }

    @Test
    void runJob_toolchainThatIsNotThere_saysSo() throws Exception {
        assign(new Toolchain("cd".repeat(32)));

        HttpAnswer answer = runAnswer(body("true"));

        assertEquals(500, answer.status());
        assertTrue(new String(answer.body(), StandardCharsets.UTF_8).contains("not available"));
    }

    private String refusal(byte[] body) throws Exception {
        ready();
        HttpAnswer answer = runAnswer(body);
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(400, answer.status(), text);
        assertFalse(text.contains("null\""), text);
        return text;
    }

    @Test
    void runJob_truncatedBodies_areBadRequests() throws Exception {
        byte[] whole = body(
                new RunJobRequest(shell("true"), List.of()),
                new Tars().file("a", "x".repeat(9000)).toZlib());
        int head = new RunJobRequest(shell("true"), List.of()).toBincode().length;
        for (int length : new int[] {0, 3, 4, 20, 4 + head - 1, 4 + head, 4 + head + 10, whole.length - 8}) {
            refusal(Arrays.copyOf(whole, length));
            job = new JobId(NUMBERS.getAndIncrement());
        }
    }

    @Test
    void runJob_hostileLengths_areBadRequests() throws Exception {
        for (byte[] head : List.of(new byte[] {-1, -1, -1, -1}, new byte[] {127, -1, -1, -1}, new byte[] {
            0, 0, 0, 16, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0
        })) {
            refusal(head);
            job = new JobId(NUMBERS.getAndIncrement());
        }
    }

    @Test
    void runJob_inputsThatLeadOutOrAreNoFiles_areBadRequests() throws Exception {
        RunJobRequest request = new RunJobRequest(shell("true"), List.of());
        for (Tars inputs : List.of(
                new Tars().file("../../evil", "x"),
                new Tars().file("/etc/evil", "x"),
                new Tars().symbolicLink("l", "/etc"),
                new Tars().hardLink("h", "bin/sh"),
                new Tars().add(TarConstants.LF_CHR, "c", "", 0644, new byte[0]),
                new Tars().add(TarConstants.LF_FIFO, "f", "", 0644, new byte[0]),
                new Tars().file("bin/sh/x", "x"),
                new Tars().file("n".repeat(300), "x"))) {
            refusal(body(request, inputs.toZlib()));
            job = new JobId(NUMBERS.getAndIncrement());
        }
    }

    @Test
    void runJob_impossibleCommands_areBadRequests() throws Exception {
        byte[] none = new Tars().toZlib();
        for (RunJobRequest request : List.of(
                new RunJobRequest(new CompileCommand("sh", List.of(), List.of(), "/"), List.of()),
                new RunJobRequest(new CompileCommand("/bin/sh", List.of(), List.of(), "work"), List.of()),
                new RunJobRequest(new CompileCommand("/bin/sh", List.of("a\0b"), List.of(), "/"), List.of()),
                new RunJobRequest(
                        new CompileCommand("/bin/sh", List.of(), List.of(new EnvironmentVariable("A", "\0")), "/"),
                        List.of()),
                new RunJobRequest(new CompileCommand("/bin/sh", List.of(), List.of(), "/bin/sh"), List.of()),
                new RunJobRequest(shell("true"), List.of("out")),
                new RunJobRequest(shell("true"), List.of("/a\0b")),
                new RunJobRequest(shell("true"), List.of("/" + "n".repeat(300) + "/x")))) {
            refusal(body(request, none));
            job = new JobId(NUMBERS.getAndIncrement());
        }
    }

    // What takes too much.

    /**
     * Each is ended whole, says by which limit, and is no reason for a stock client to fail the build. Texts are doubled, not
     * appended to: on a busy machine, a job that takes processor time to get at its limit meets that of time first.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x=0123456789abcdef; i=0; while [ $i -lt 24 ]; do x=$x$x; i=$((i+1)); done; while :; do :; done"
                        + " | job_memory = 201326592 (192.0 MiB)",
                "'b() { b | b & }; b; while :; do :; done' | job_processes = 100",
                "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done | job_log_bytes = 1048576 (1.0 MiB)",
                "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done >&2 | job_log_bytes = 1048576 (1.0"
                        + " MiB)",
                "x=0123456789abcdef; i=0; while [ $i -lt 12 ]; do x=$x$x; i=$((i+1)); done;"
                        + " while :; do echo $x; done >/work/f | job_scratch_bytes = 33554432 (32.0 MiB)",
                "i=0; while :; do : >/work/$i; i=$((i+1)); done | job_scratch_bytes = 33554432 (32.0 MiB)",
                "while :; do :; done | job_timeout_secs = 20",
            })
    void runJob_overALimit_isEndedAndNamesIt(String script, String limit) throws Exception {
        ready();

        HttpAnswer answer = runAnswer(body(script));

        assertEquals(StatusCodes.OVER_LIMIT, answer.status());
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertTrue(said.contains("job " + job + " was ended"), said);
        assertTrue(said.contains("it exceeded the limit " + limit), said);
        assertTrue(reportsUntilComplete().contains("STARTED"));
        announce();
        assertEquals("next\n", runShell("echo next").output().stdout().toUtf8());
    }

    @Test
    void runJob_outputsTooLarge_isEndedAndNamesTheLimit() throws Exception {
        ready();

        HttpAnswer answer = runAnswer(body(
                "i=0; while [ $i -lt 40000 ]; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxx; i=$((i+1)); done >/work/out",
                "/work/out"));

        assertEquals(StatusCodes.OVER_LIMIT, answer.status());
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertTrue(said.contains("it exceeded the limit job_output_bytes = 1048576 (1.0 MiB)"), said);
    }

    @Test
    void runJob_manyAtOnce_allEndWell() throws Exception {
        List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            job = new JobId(NUMBERS.getAndIncrement());
            ready();
            answers.add(http.send(HttpCall.postBytes(
                            target, Endpoints.RUN_JOB + job, new Secret(token()), body("echo " + i + "; exit " + i))
                    .within(Duration.ofSeconds(60))));
        }
        for (int i = 0; i < 12; i++) {
            RunJobResult.Complete result =
                    (RunJobResult.Complete) answers.get(i).get().decode(RunJobResult::decode);
            assertEquals(i, result.output().code());
            assertEquals(i + "\n", result.output().stdout().toUtf8());
        }
    }
}
