package dev.jdist.client.execution.sccache;

import static dev.jdist.client.execution.sccache.FarmPeer.now;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.NoSourcesException;
import dev.jdist.client.execution.SourceAction;
import dev.jdist.client.execution.ToolchainRefusedException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.execution.sccache.CompileFarm.LeftAlone;
import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.client.view.SampleView;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.SubmitToolchainResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.testing.FreePorts;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a scheduler and a builder on loopback, over real HTTP and TLS. */
@Timeout(60)
class FarmClientTest {
    private static final Toolchain TOOLCHAIN = new Toolchain("0123456789ab" + "c".repeat(52));
    private static final byte[] BODY = "the job".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private static final EventLoops LOOPS = EventLoops.start(2);

    private final AtomicInteger spoolFiles = new AtomicInteger();
    private final Spools spools = new Spools(
            () -> directory.resolve("spool-" + spoolFiles.incrementAndGet()), Spools.Limits.ofFiles(1 << 30));
    private final HttpClient http = new HttpClient(LOOPS, spools);
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private FarmPeer peer;
    private FarmClient farm;
    private RemoteJob job;
    private byte[] archive;

    @BeforeEach
    void start() throws IOException {
        peer = new FarmPeer(LOOPS);
        farm = client(timer);
        archive = "an archive ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(directory.resolve("archive"), archive);
        job = new RemoteJob(
                new PackagedToolchain(TOOLCHAIN, file, "/usr/bin/gcc", Optional.empty()), Bytes.wrap(BODY), () -> {});
    }

    /** For it, time stands still: what it leaves alone it leaves alone for good. */
    private FarmClient client(ScheduledExecutorService clientsTimer) {
        return new FarmClient(
                http,
                new HttpTarget.Scheduler(peer.url()),
                FarmToken.fixed(new Secret("client token")),
                BuilderChoice.ANY,
                new LocalSlots(2),
                spools,
                clientsTimer,
                Audits.Settings.OFF,
                () -> 0);
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        timer.shutdownNow();
        http.close();
        peer.close();
        spools.close();
    }

    @AfterAll
    static void stopLoops() {
        LOOPS.close();
    }

    private ActionResult run() throws FarmException, InterruptedException {
        return farm.run(job, gone);
    }

    /** Holds a result against what {@link FarmPeer#result} sends. */
    private static void assertIsResult(ActionResult result) {
        RunJobResult.Complete sent = FarmPeer.result();
        assertEquals(sent.output(), new ProcessOutput(result.code(), result.stdout(), result.stderr()));
        assertEquals(
                sent.outputs().stream().map(OutputFile::path).toList(),
                result.outputs().stream().map(ActionResult.Output::path).toList());
    }

    private FarmException assertFails() {
        return assertThrows(FarmException.class, this::run);
    }

    @Test
    void job_isRunWhereTheSchedulerSays() throws Exception {
        ActionResult result = run();
        assertEquals(peer.server().toString(), result.executor());
        assertIsResult(result);
        assertEquals(
                List.of("alloc 0123456789ab with client token", "certificate of builder", "run 1 with job token 1"),
                List.copyOf(peer.log));
        assertArrayEquals(BODY, peer.jobs.element());
    }

    @Test
    void sources_forABuilderThatKnowsNothingOfThem_areNotOfferedAgainForAWhile() {
        SourceAction action = new SourceAction(
                job.toolchain(),
                List.of("-c", "a.c"),
                List.of(),
                directory,
                List.of("/w/a.o"),
                SampleView.of(Set.of()));
        NoSourcesException first = assertThrows(NoSourcesException.class, () -> farm.execute(action, gone));
        assertTrue(first.isOfFarm(), first.getMessage());
        assertEquals(1, peer.allocations.get());
        assertThrows(NoSourcesException.class, () -> farm.execute(action, gone));
        assertEquals(1, peer.allocations.get(), "no slot is spent on that");
    }

    @Test
    void builderThatLacksTheToolchain_getsItFirst() throws Exception {
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(true)));
        run();
        assertEquals(
                List.of(
                        "alloc 0123456789ab with client token",
                        "certificate of builder",
                        "upload 1 with job token 1",
                        "run 1 with job token 1"),
                List.copyOf(peer.log));
        assertArrayEquals(archive, peer.uploads.element());
    }

    @Test
    void refusal_isPassedOnAndNotHeldAgainstTheScheduler() throws Exception {
        peer.allocation = (exchange, toolchain) ->
                now(exchange.reply(new AllocJobResult.Fail("Insufficient capacity across 2 available servers")));
        assertEquals(
                "no slot: Insufficient capacity across 2 available servers",
                assertFails().getMessage());
        assertFails();
        assertEquals(2, peer.allocations.get());
    }

    @ParameterizedTest
    @CsvSource({"401", "500", "404"})
    void schedulerThatFails_isNotAskedAgainAtOnce(int status) {
        peer.allocation = (exchange, toolchain) -> now(HttpReply.error(status, "reason"));
        assertTrue(assertFails().getMessage().contains("error " + status));
        assertEquals("the scheduler failed a moment ago", assertFails().getMessage());
        assertEquals(1, peer.allocations.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?", "0000000000000000", "\u0002\u0000\u0000\u0000"})
    void answerThatIsNoAnswer_isAFailure(String bytes) {
        byte[] body = bytes.getBytes(StandardCharsets.ISO_8859_1);
        peer.allocation = (exchange, toolchain) -> now(new HttpReply(200, "application/octet-stream", Map.of(), body));
        assertTrue(assertFails().getMessage().contains("not what was expected"));
    }

    @Test
    void schedulerThatIsNotThere_isAFailureThatNamesIt() throws Exception {
        int free = FreePorts.next();
        farm = new FarmClient(
                http,
                new HttpTarget.Scheduler(HttpUrl.parse("http://127.0.0.1:" + free)),
                FarmToken.fixed(new Secret("t")),
                BuilderChoice.ANY,
                new LocalSlots(2),
                spools,
                timer,
                Audits.Settings.OFF);
        assertTrue(assertFails().getMessage().contains("scheduler http://127.0.0.1:" + free));
        assertEquals("the scheduler failed a moment ago", assertFails().getMessage());
        IOException e = assertThrows(IOException.class, farm::status);
        assertTrue(e.getMessage().contains("scheduler http://127.0.0.1:" + free), e.getMessage());
    }

    @Test
    void status_isTheSchedulers() throws Exception {
        assertEquals(new SchedulerStatus(1, 8, 3), farm.status());
        assertEquals(peer.url(), farm.schedulerUrl());
    }

    private void choose(String... builders) {
        Set<ServerId> only = Arrays.stream(builders).map(ServerId::parse).collect(Collectors.toSet());
        farm = new FarmClient(
                http,
                new HttpTarget.Scheduler(peer.url()),
                FarmToken.fixed(new Secret("client token")),
                new BuilderChoice(only),
                new LocalSlots(2),
                spools,
                timer,
                Audits.Settings.OFF);
    }

    @Test
    void choice_isToldToTheScheduler() throws Exception {
        choose(peer.server().toString(), "[fd00::1]:10501");
        List<BuilderChoice> told = new CopyOnWriteArrayList<>();
        peer.allocation = (exchange, toolchain) -> {
            told.add(BuilderChoice.ofQuery(exchange.query()));
            return now(exchange.reply(peer.place(false)));
        };
        assertIsResult(run());
        assertEquals(List.of(new BuilderChoice(Set.of(peer.server(), ServerId.parse("[fd00::1]:10501")))), told);
    }

    /** Else each unit would leave a job behind that nobody does. */
    @Test
    void schedulerThatIgnoresTheChoice_isNotAskedAgain() {
        choose("10.9.9.9:10501");
        assertEquals(
                "the scheduler does not support [jdist] builders", assertFails().getMessage());
        assertEquals(
                "the scheduler does not support [jdist] builders", assertFails().getMessage());
        assertEquals(1, peer.allocations.get());
        assertEquals(0, peer.jobs.size());
    }

    @Test
    void builderThatFails_isLeftForAnother() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        peer.allocation = peer::obedient;
        peer.run = (exchange, body) -> switch (runs.incrementAndGet()) {
            case 1 -> HttpReply.error(500, "out of disk");
            case 2 -> exchange.reply(new RunJobResult.JobNotFound());
            default -> exchange.reply(FarmPeer.result());
        };
        assertIsResult(run());
        assertEquals(List.of(0, 1, 2), List.copyOf(peer.usedBuilders));
    }

    /** Else each would be taken for a minute. */
    @Test
    void slotsThatCameToNothing_areGivenBack() throws Exception {
        assertIsResult(run());
        peer.usedBuilders.clear();
        builderThatFails_isLeftForAnother();
        Set<String> returned = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            returned.add(peer.returned.take());
        }
        assertEquals(Set.of("2 job token 2", "3 job token 3"), returned);
    }

    @Test
    void slotOnABuilderThatFailedLately_isGivenBack() throws Exception {
        schedulerThatIgnoresWhoFailed_getsNoMoreJobsDoneThere();
        Set<String> returned = new HashSet<>();
        for (int i = 1; i <= peer.allocations.get(); i++) {
            returned.add(peer.returned.take());
        }
        assertEquals(peer.allocations.get(), returned.size());
    }

    @Test
    void buildersThatFailAgainAndAgain_areGivenUpWithTheReason() {
        peer.allocation = peer::obedient;
        peer.run = (exchange, body) -> HttpReply.error(500, "out of disk");
        String message = assertFails().getMessage();
        assertTrue(message.contains("job 3 on " + peer.server(2)), message);
        assertTrue(message.contains("out of disk"), message);
        assertEquals(3, peer.allocations.get());
    }

    @Test
    void onlyBuilderFails_isNotTriedAgain() {
        peer.allocation = (exchange, toolchain) -> {
            boolean allowed = BuilderChoice.ofQuery(exchange.query()).allows(peer.server());
            return now(exchange.reply(allowed ? peer.place(false) : new AllocJobResult.Fail("nobody else")));
        };
        peer.run = (exchange, body) -> HttpReply.error(500, "out of disk");
        String message = assertFails().getMessage();
        assertTrue(message.contains("out of disk"), message);
        assertTrue(message.contains("no slot: nobody else"), message);
        assertEquals(1, peer.jobs.size());
    }

    /** Each later job would else find out by itself. */
    @Test
    void builderThatIsGone_isNamedByLaterJobs() throws Exception {
        peer.allocation = peer::obedient;
        peer.stopBuilder(0);
        assertIsResult(run());
        assertEquals(2, peer.allocations.get());

        assertIsResult(run());

        assertEquals(3, peer.allocations.get());
        assertEquals(List.of(1, 1), List.copyOf(peer.usedBuilders));
        LeftAlone known = farm.leftAlone().get(0);
        assertEquals(peer.server(0).toString(), known.builder());
    }

    /** It gives the builder that it gave before. */
    @Test
    void schedulerThatIgnoresWhoFailed_getsNoMoreJobsDoneThere() {
        peer.run = (exchange, body) -> HttpReply.error(503, "stopping");
        String message = assertFails().getMessage();
        assertTrue(message.contains("failed lately, and the scheduler gives no other"), message);
        assertEquals(1, peer.jobs.size());
        int asked = peer.allocations.get();
        assertTrue(asked <= 4, asked + " slots");

        assertFails();

        assertEquals(1, peer.jobs.size());
        assertTrue(peer.allocations.get() <= asked + 3);
    }

    @Test
    void builderWhoseCompilerFails_isLeftAloneUntilItIsKnownWhoIsToBlame() throws Exception {
        peer.allocation = peer::obedient;
        peer.run = (exchange, body) -> exchange.reply(new RunJobResult.Complete(
                new ProcessOutput(1, Bytes.EMPTY, Bytes.utf8("Illegal instruction")), List.of()));
        ActionResult first = run();
        ActionResult second = run();
        assertEquals(List.of(0, 1), List.copyOf(peer.usedBuilders));

        first.judge().judge(Verdict.OPEN, "");
        second.judge().judge(Verdict.FAILS_ELSEWHERE_ONLY, "its compiler is broken");
        run();
        run();

        assertEquals(List.of(0, 1, 0, 2), List.copyOf(peer.usedBuilders));
        assertEquals(
                List.of("its compiler is broken"),
                farm.leftAlone().stream().map(LeftAlone::reason).toList());
    }

    @Test
    void builderThatSendsNoObjects_isLeftAlone() throws Exception {
        peer.allocation = peer::obedient;
        run().judge().judge(Verdict.GOOD, "");
        run().judge().judge(Verdict.WRONG_OUTPUT, "it sent nothing");
        run();

        assertEquals(List.of(0, 0, 1), List.copyOf(peer.usedBuilders));
    }

    /** A full disk, for example: the toolchain of a compiler is tens of megabytes. */
    @Test
    void builderThatTakesNoToolchain_getsItOnceHoweverManyNeedIt() throws Exception {
        soundArchive();
        int count = 6;
        CountDownLatch allocated = new CountDownLatch(count);
        peer.allocation = (exchange, toolchain) -> {
            BuilderChoice choice = BuilderChoice.ofQuery(exchange.query());
            AllocJobResult place = choice.allows(peer.server(0)) ? peer.place(0, true) : peer.place(1, false);
            allocated.countDown();
            return now(exchange.reply(place));
        };
        peer.upload = (exchange, body) -> {
            allocated.await();
            return exchange.reply(SubmitToolchainResult.CANNOT_CACHE);
        };
        List<Future<ActionResult>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(threads.submit(this::run));
        }
        for (Future<ActionResult> each : results) {
            assertIsResult(each.get());
        }
        assertIsResult(run());
        assertEquals(1, peer.uploads.size());
    }

    /** Runs a job whose caller goes away meanwhile, until the builder has noticed that. */
    private void leaveARunningJob() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Void> left = new CompletableFuture<>();
        peer.run = (exchange, body) -> {
            exchange.disconnected().thenRun(() -> left.complete(null));
            running.countDown();
            left.get();
            return HttpReply.error(500, "nobody reads this");
        };
        Future<ActionResult> result = threads.submit(this::run);
        running.await();
        gone.complete(null);
        assertThrows(ExecutionException.class, result::get);
        left.get();
    }

    @Test
    void callerThatGoes_isNotTheBuildersFault() throws Exception {
        leaveARunningJob();

        assertEquals(List.of(), farm.leftAlone());
    }

    @Test
    void schedulerThatIsBack_isUsedAgainAsSoonAsItAnswersInTheBackground() throws Exception {
        CompletableFuture<Runnable> question = new CompletableFuture<>();
        ScheduledThreadPoolExecutor held = new ScheduledThreadPoolExecutor(1) {
            @Override
            public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
                boolean isFirst = question.complete(task);
                return super.schedule(isFirst ? () -> {} : task, delay, unit);
            }
        };
        farm = client(held);
        peer.allocation = (exchange, toolchain) -> now(HttpReply.error(500, "starting"));
        assertFails();
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(false)));
        assertEquals("the scheduler failed a moment ago", assertFails().getMessage());

        question.get().run();

        // The answer is on its way.
        Optional<ActionResult> result = Optional.empty();
        while (result.isEmpty()) {
            try {
                result = Optional.of(run());
            } catch (FarmException e) {
                assertEquals("the scheduler failed a moment ago", e.getMessage());
            }
        }
        assertIsResult(result.get());
        held.shutdownNow();
    }

    /** It would take as much of the next builder, and no less time. */
    @Test
    void jobThatTookTooMuch_isNotTriedElsewhere() {
        peer.run = (exchange, body) ->
                HttpReply.error(StatusCodes.OVER_LIMIT, "job 1 was ended", "it exceeded the limit job_processes = 9");
        String message = assertFails().getMessage();
        assertTrue(message.contains("job 1 on " + peer.server()), message);
        assertTrue(message.contains("it exceeded the limit job_processes = 9"), message);
        assertEquals(1, peer.allocations.get());
        assertEquals(List.of(), farm.leftAlone());
    }

    /** An archive that is what its id says. */
    private String soundArchive() throws IOException {
        Path file = directory.resolve("archive");
        job = new RemoteJob(
                new PackagedToolchain(ArchiveDigest.of(file), file, "/usr/bin/gcc", Optional.empty()),
                Bytes.wrap(BODY),
                () -> {});
        return job.toolchain().toolchain().toString();
    }

    @Test
    void toolchainThatIsNotTaken_isAFailureOfTheBuilder() throws Exception {
        String name = soundArchive();
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(peer.allocations.get() - 1, true)));
        peer.upload = (exchange, body) -> exchange.reply(SubmitToolchainResult.CANNOT_CACHE);
        String message = assertFails().getMessage();
        assertTrue(message.contains(name + ": CANNOT_CACHE"), message);
        assertEquals(0, peer.jobs.size());
        assertEquals(List.of(0, 1, 2), List.copyOf(peer.usedBuilders));
        assertEquals(3, farm.leftAlone().size());
    }

    /** What one builder finds damaged is damaged for all of them. */
    @Test
    void toolchainThatIsDamaged_isNotSentToOtherBuilders() {
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(true)));
        peer.upload = (exchange, body) -> exchange.reply(SubmitToolchainResult.CANNOT_CACHE);
        assertInstanceOf(ToolchainRefusedException.class, assertFails().getCause());
        assertEquals(1, peer.uploads.size());
        assertEquals(List.of(), farm.leftAlone());
    }

    @Test
    void certificate_isFetchedOnce() throws Exception {
        run();
        run();
        assertEquals(
                1, peer.log.stream().filter("certificate of builder"::equals).count());
    }

    @Test
    void builderWithANewKey_isLearntAnew() throws Exception {
        run();
        peer.replaceBuilder();
        assertIsResult(run());
        assertEquals(
                2, peer.log.stream().filter("certificate of builder"::equals).count());
    }

    @Test
    void builderWithAnotherKeyThanTheSchedulerSays_getsNothing() {
        ServerIdentity other = ServerIdentity.create(ServerId.parse("127.0.0.1:10501"), Instant.now());
        peer.certificate = other.toServerCertificate();
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(true)));
        assertFails();
        assertEquals(0, peer.jobs.size() + peer.uploads.size());
    }

    @Test
    void certificateThatIsNone_isAFailure() {
        peer.certificate = new ServerCertificate(Bytes.utf8("digest"), Bytes.utf8("no PEM"));
        assertTrue(assertFails().getMessage().contains("PEM"));
        assertEquals(0, peer.jobs.size());
    }

    @Test
    void manyJobsAtOnce_uploadOnce() throws Exception {
        int count = 6;
        CountDownLatch allocated = new CountDownLatch(count);
        peer.allocation = (exchange, toolchain) -> {
            AllocJobResult place = peer.place(true);
            allocated.countDown();
            return now(exchange.reply(place));
        };
        // The archive takes until everybody has been told that it is needed.
        peer.upload = (exchange, body) -> {
            if (body.length > 0) {
                allocated.await();
            }
            return exchange.reply(SubmitToolchainResult.SUCCESS);
        };
        List<Future<ActionResult>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(threads.submit(this::run));
        }
        for (Future<ActionResult> each : results) {
            assertIsResult(each.get());
        }
        assertEquals(1, peer.uploads.stream().filter(bytes -> bytes.length > 0).count());
        // Each has called all the same: that is what makes its job ready.
        assertEquals(count, peer.uploads.size());
    }

    @Test
    void uploadWhoseCallerGoes_isTakenOverByOneWhoWaitedForIt() throws Exception {
        soundArchive();
        CountDownLatch allocated = new CountDownLatch(2);
        CountDownLatch uploading = new CountDownLatch(1);
        AtomicInteger uploads = new AtomicInteger();
        peer.allocation = (exchange, toolchain) -> {
            AllocJobResult place = peer.place(true);
            allocated.countDown();
            return now(exchange.reply(place));
        };
        peer.upload = (exchange, body) -> {
            if (uploads.incrementAndGet() == 1) {
                CompletableFuture<Void> left = new CompletableFuture<>();
                exchange.disconnected().thenRun(() -> left.complete(null));
                uploading.countDown();
                left.get();
            }
            return exchange.reply(SubmitToolchainResult.SUCCESS);
        };
        Future<ActionResult> one = threads.submit(this::run);
        uploading.await();
        Future<ActionResult> two = threads.submit(() -> farm.run(job, new CompletableFuture<>()));
        allocated.await();
        gone.complete(null);
        assertThrows(ExecutionException.class, one::get);
        assertIsResult(two.get());
        assertEquals(2, peer.uploads.stream().filter(bytes -> bytes.length > 0).count());
    }

    @Test
    void builderThatHasLostTheToolchain_getsItAgain() throws Exception {
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(true)));
        run();
        run();
        assertEquals(2, peer.uploads.stream().filter(bytes -> bytes.length > 0).count());
    }

    @Test
    void callerThatGoesWhileWaitingForAPlace_isTakenOutOfTheQueue() throws Exception {
        CompletableFuture<Void> left = new CompletableFuture<>();
        CountDownLatch waiting = new CountDownLatch(1);
        peer.allocation = (exchange, toolchain) -> {
            exchange.disconnected().thenRun(() -> left.complete(null));
            waiting.countDown();
            return new CompletableFuture<>();
        };
        Future<ActionResult> result = threads.submit(this::run);
        waiting.await();
        gone.complete(null);
        ExecutionException e = assertThrows(ExecutionException.class, result::get);
        assertEquals("the caller went away", e.getCause().getMessage());
        left.get();

        // Ctrl-C in one build is no reason for another to do without the farm.
        peer.allocation = (exchange, toolchain) -> now(exchange.reply(peer.place(false)));
        assertIsResult(farm.run(job, new CompletableFuture<>()));
    }

    @Test
    void callerThatGoesWhileItsJobRuns_endsTheJob() throws Exception {
        leaveARunningJob();
        assertEquals(1, peer.allocations.get(), "no other place is asked for");
    }

    @Test
    void interrupted_takesItsCallBack() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<Void> left = new CompletableFuture<>();
        peer.allocation = (exchange, toolchain) -> {
            exchange.disconnected().thenRun(() -> left.complete(null));
            waiting.countDown();
            return new CompletableFuture<>();
        };
        Future<ActionResult> result = threads.submit(this::run);
        waiting.await();
        result.cancel(true);
        left.get();
    }
}
