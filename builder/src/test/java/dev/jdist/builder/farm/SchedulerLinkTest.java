package dev.jdist.builder.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.EventLoops;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.HttpReply;
import dev.jdist.protocol.http.server.HttpRoute;
import dev.jdist.protocol.http.server.HttpServer;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.UpdateJobStateResult;
import dev.jdist.protocol.wire.Bytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Heartbeats and reports over real HTTP to a scheduler that does as the test says. Time passes when the test says so. */
@Timeout(60)
class SchedulerLinkTest {
    private static final int MOST_UNRECORDED = 20;
    private static final Secret TOKEN = new Secret("127.0.0.1:1 token");
    private static final Heartbeat HEARTBEAT =
            new Heartbeat(Bytes.utf8("k".repeat(32)), 4, 5, new ServerCertificate(Bytes.utf8("d"), Bytes.utf8("p")));

    private final BlockingQueue<Heartbeat> heartbeats = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> tokens = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> returned = new LinkedBlockingQueue<>();
    private final BlockingQueue<Duration> pauses = new LinkedBlockingQueue<>();
    private final Semaphore timePassed = new Semaphore(0);
    private volatile Function<HttpExchange, HttpReply> onHeartbeat =
            exchange -> exchange.reply(new HeartbeatResult(true));
    private volatile Function<HttpExchange, CompletionStage<HttpReply>> onReport =
            exchange -> CompletableFuture.completedFuture(exchange.reply(new UpdateJobStateResult.Success()));

    private EventLoops loops;
    private HttpServer scheduler;
    private HttpClient http;
    private final AtomicBoolean isSilent = new AtomicBoolean();
    private SchedulerLink link;

    @BeforeEach
    void start() throws IOException {
        loops = EventLoops.start(2);
        scheduler = listen(0);
        http = new HttpClient(loops);
        link = new SchedulerLink(
                http,
                new HttpTarget.Scheduler(
                        HttpUrl.parse("http://127.0.0.1:" + scheduler.address().getPort())),
                TOKEN,
                HEARTBEAT,
                isSilent::get,
                this::pause,
                MOST_UNRECORDED);
    }

    private HttpServer listen(int port) throws IOException {
        return HttpServer.start(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Optional.empty(),
                List.of(
                        HttpRoute.post(
                                Endpoints.HEARTBEAT, HttpRoute.Gate.OPEN, Heartbeat::decode, (exchange, beat) -> {
                                    HttpReply reply = onHeartbeat.apply(exchange);
                                    tokens.add(exchange.bearerToken().orElse(""));
                                    heartbeats.add(beat);
                                    return CompletableFuture.completedFuture(reply);
                                }),
                        HttpRoute.post(
                                Endpoints.RETURN_JOB, HttpRoute.Gate.OPEN, JobState::decode, (exchange, state) -> {
                                    returned.add(exchange.parameter() + " "
                                            + exchange.bearerToken().orElseThrow());
                                    return CompletableFuture.completedFuture(HttpReply.empty(200));
                                }),
                        HttpRoute.post(
                                Endpoints.JOB_STATE, HttpRoute.Gate.OPEN, JobState::decode, (exchange, state) -> {
                                    reports.add(exchange.parameter() + " " + state);
                                    return onReport.apply(exchange);
                                })));
    }

    /** Ends when the test lets the time pass, or something is due. */
    private void pause(Semaphore due, Duration most) throws InterruptedException {
        pauses.add(most);
        while (!due.tryAcquire() && !timePassed.tryAcquire()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        }
        due.drainPermits();
    }

    @AfterEach
    void stop() {
        link.close();
        http.close();
        scheduler.close();
        loops.close();
    }

    @Test
    void start_reachableScheduler_registersAtOnceAndThenEveryTenSeconds() throws InterruptedException {
        link.start();

        assertEquals(HEARTBEAT, heartbeats.take());
        assertEquals(TOKEN.value(), tokens.take());
        assertEquals(Duration.ofSeconds(10), pauses.take());
        timePassed.release();
        assertEquals(HEARTBEAT, heartbeats.take());
        assertEquals(Duration.ofSeconds(10), pauses.take());
    }

    /** A builder that wants no jobs for a while says so by saying nothing, and that it wants them again at once. */
    @Test
    void beat_silentBuilder_isHeardAgainWhenItWantsToBe() throws InterruptedException {
        isSilent.set(true);
        link.start();
        assertEquals(Duration.ofSeconds(10), pauses.take());
        link.beatNow();
        assertEquals(Duration.ofSeconds(10), pauses.take());
        assertTrue(heartbeats.isEmpty());

        isSilent.set(false);
        link.beatNow();

        assertEquals(HEARTBEAT, heartbeats.take());
    }

    @Test
    void beat_refusedHeartbeat_isTriedAgainSooner() throws InterruptedException {
        List<HttpReply> refusals = List.of(
                HttpReply.unauthorized("invalid_bearer_token", ""),
                HttpReply.error(500, "no"),
                HttpReply.empty(404),
                new HttpReply(200, null, Map.of(), new byte[0]));
        onHeartbeat = exchange -> refusals.get(0);
        link.start();
        for (int i = 1; i <= refusals.size(); i++) {
            assertEquals(Duration.ofSeconds(2), pauses.take());
            int next = i;
            onHeartbeat = exchange ->
                    next < refusals.size() ? refusals.get(next) : exchange.reply(new HeartbeatResult(false));
            timePassed.release();
        }

        assertEquals(Duration.ofSeconds(10), pauses.take());
    }

    @Test
    void isRegistered_always_isWhatTheLastHeartbeatCameTo() throws InterruptedException {
        assertFalse(link.isRegistered());
        link.start();
        pauses.take();
        assertTrue(link.isRegistered());

        onHeartbeat = exchange -> HttpReply.error(500, "no");
        timePassed.release();
        pauses.take();
        assertFalse(link.isRegistered());

        onHeartbeat = exchange -> exchange.reply(new HeartbeatResult(true));
        timePassed.release();
        pauses.take();
        assertTrue(link.isRegistered());

        isSilent.set(true);
        timePassed.release();
        pauses.take();
        assertFalse(link.isRegistered());
    }

    @Test
    void beat_schedulerThatIsNotThereYet_isFoundWhenItIs() throws Exception {
        int port = scheduler.address().getPort();
        scheduler.close();
        link.start();
        assertEquals(Duration.ofSeconds(2), pauses.take());
        timePassed.release();
        assertEquals(Duration.ofSeconds(2), pauses.take());

        scheduler = listen(port);
        timePassed.release();

        assertEquals(HEARTBEAT, heartbeats.take());
        assertEquals(Duration.ofSeconds(10), pauses.take());
    }

    @Test
    void moved_severalStates_areReportedInOrder() throws InterruptedException {
        JobId job = new JobId(-1);
        link.moved(job, JobState.READY);
        link.moved(job, JobState.STARTED);
        link.moved(job, JobState.COMPLETE);

        assertEquals("18446744073709551615 READY", reports.take());
        assertEquals("18446744073709551615 STARTED", reports.take());
        assertEquals("18446744073709551615 COMPLETE", reports.take());
    }

    /** The scheduler takes moves in their order only, and connections overtake each other. */
    @Test
    void moved_whileAnEarlierReportIsUnderWay_waitsForItButNotForOtherJobs() throws InterruptedException {
        CompletableFuture<HttpReply> held = new CompletableFuture<>();
        BlockingQueue<HttpExchange> exchanges = new LinkedBlockingQueue<>();
        onReport = exchange -> {
            exchanges.add(exchange);
            return exchange.parameter().equals("1") && exchanges.size() == 1
                    ? held
                    : CompletableFuture.completedFuture(exchange.reply(new UpdateJobStateResult.Success()));
        };
        link.moved(new JobId(1), JobState.READY);
        assertEquals("1 READY", reports.take());

        link.moved(new JobId(1), JobState.STARTED);
        link.moved(new JobId(2), JobState.STARTED);

        assertEquals("2 STARTED", reports.take());
        assertTrue(reports.isEmpty());
        held.complete(exchanges.element().reply(new UpdateJobStateResult.Success()));
        assertEquals("1 STARTED", reports.take());
    }

    /** It was restarted and knows nobody: it should not have to wait for the next heartbeat. */
    @Test
    void moved_jobThatTheSchedulerDoesNotKnow_bringsAHeartbeatAtOnce() throws InterruptedException {
        link.start();
        heartbeats.take();
        pauses.take();
        onReport = exchange -> CompletableFuture.completedFuture(HttpReply.error(500, "Unknown job"));

        link.moved(new JobId(1), JobState.STARTED);

        assertEquals(HEARTBEAT, heartbeats.take());
    }

    @Test
    void moved_failAnswer_bringsAHeartbeatAtOnce() throws InterruptedException {
        link.start();
        heartbeats.take();
        pauses.take();
        onReport = exchange -> CompletableFuture.completedFuture(exchange.reply(new UpdateJobStateResult.Fail("no")));

        link.moved(new JobId(1), JobState.STARTED);

        assertEquals(HEARTBEAT, heartbeats.take());
    }

    /** Without that, the slot of a job that is over would be taken for as long as a job may run. */
    @Test
    void moved_whileTheSchedulerCannotBeReached_isToldInOrderWhenItCan() throws Exception {
        int port = scheduler.address().getPort();
        onHeartbeat = exchange -> exchange.reply(new HeartbeatResult(false));
        scheduler.close();
        JobId job = new JobId(1);
        link.moved(job, JobState.STARTED).join();
        link.moved(job, JobState.COMPLETE).join();
        scheduler = listen(port);
        link.moved(new JobId(2), JobState.STARTED).join();
        assertEquals("2 STARTED", reports.take());
        assertTrue(reports.isEmpty());

        link.start();

        assertEquals("1 STARTED", reports.take());
        assertEquals("1 COMPLETE", reports.take());
        pauses.take();
        timePassed.release();
        pauses.take();
        assertTrue(reports.isEmpty(), "once is enough");
    }

    @Test
    void moved_answeredByAProxyWhoseSchedulerIsDown_isToldLater() throws InterruptedException {
        onHeartbeat = exchange -> exchange.reply(new HeartbeatResult(false));
        Function<HttpExchange, CompletionStage<HttpReply>> up = onReport;
        onReport = exchange -> CompletableFuture.completedFuture(HttpReply.empty(502));
        link.moved(new JobId(1), JobState.STARTED).join();
        assertEquals("1 STARTED", reports.take());
        onReport = up;

        link.start();

        assertEquals("1 STARTED", reports.take());
    }

    /** What is more has to wait for its lease. */
    @Test
    void moved_moreThanIsKept_isReportedLaterForThatManyJobs() throws InterruptedException {
        onHeartbeat = exchange -> exchange.reply(new HeartbeatResult(false));
        Function<HttpExchange, CompletionStage<HttpReply>> up = onReport;
        onReport = exchange -> CompletableFuture.completedFuture(HttpReply.empty(503));
        for (int i = 0; i <= MOST_UNRECORDED; i++) {
            link.moved(new JobId(i), JobState.STARTED).join();
        }
        reports.clear();
        onReport = up;

        link.start();

        for (int i = 0; i < MOST_UNRECORDED; i++) {
            String report = reports.take();
            assertFalse(report.startsWith(MOST_UNRECORDED + " "), report);
        }
        pauses.take();
        timePassed.release();
        pauses.take();
        assertTrue(reports.isEmpty());
    }

    /** A scheduler that has just come back would otherwise have a connection for each. */
    @Test
    void moved_manyThatAreToldLater_areToldOneAfterTheOther() throws InterruptedException {
        onHeartbeat = exchange -> exchange.reply(new HeartbeatResult(false));
        onReport = exchange -> CompletableFuture.completedFuture(HttpReply.empty(503));
        for (int i = 0; i < MOST_UNRECORDED; i++) {
            link.moved(new JobId(i), JobState.STARTED).join();
        }
        reports.clear();
        BlockingQueue<Runnable> answers = new LinkedBlockingQueue<>();
        onReport = exchange -> {
            CompletableFuture<HttpReply> answer = new CompletableFuture<>();
            answers.add(() -> answer.complete(exchange.reply(new UpdateJobStateResult.Success())));
            return answer;
        };

        link.start();

        for (int i = 0; i < MOST_UNRECORDED; i++) {
            Runnable answer = answers.take();
            assertTrue(answers.isEmpty(), "several at once");
            pauses.take();
            timePassed.release();
            assertTrue(answers.isEmpty(), "a heartbeat brings a second one");
            answer.run();
        }
    }

    /** It knows of none of its jobs. */
    @Test
    void moved_beforeTheSchedulerWasReplaced_isNotToldTheNewOne() throws Exception {
        int port = scheduler.address().getPort();
        scheduler.close();
        link.moved(new JobId(1), JobState.STARTED).join();
        scheduler = listen(port);

        link.start();

        pauses.take();
        timePassed.release();
        pauses.take();
        assertTrue(reports.isEmpty());
    }

    @Test
    void giveBack_ofAJdistScheduler_showsTheJobsOwnToken() throws InterruptedException {
        assertFalse(link.takesJobsBack());
        link.start();
        pauses.take();
        assertTrue(link.takesJobsBack());

        JobId job = new JobId(-1);
        link.giveBack(job);

        String[] told = returned.take().split(" ");
        assertEquals(job.toString(), told[0]);
        assertTrue(JobToken.verify(told[1], job, HEARTBEAT.jwtKey()));
    }

    @Test
    void moved_reportThatFailed_doesNotStopTheNext() throws InterruptedException {
        onReport = exchange -> CompletableFuture.completedFuture(HttpReply.error(500, "Unknown job"));
        link.moved(new JobId(1), JobState.STARTED);
        link.moved(new JobId(1), JobState.COMPLETE);

        assertEquals("1 STARTED", reports.take());
        assertEquals("1 COMPLETE", reports.take());
    }
}
