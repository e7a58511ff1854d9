package dev.jdist.builder.farm;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.ServerToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpStatusException;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.http.client.LostConnection;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.HeartbeatResult;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.UpdateJobStateResult;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerConfig.SchedulerAuth;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks to the scheduler: heartbeats from a thread of its own, and the states of jobs.
 *
 * <p>A heartbeat goes out three times as often as stock's, so that a restarted scheduler, which knows nobody, has its
 * farm back in seconds; and at once when the scheduler turns out not to know a job. What the scheduler could not be told of a
 * job, it is told after the next heartbeat that it answers: it never fails the job. A builder that wants no jobs for a while
 * falls silent, after which any scheduler forgets it within 90 seconds.
 */
public final class SchedulerLink implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SchedulerLink.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration INTERVAL_AFTER_ERROR = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST_UNRECORDED = 10_000;

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final HttpClient http;
    private final HttpTarget scheduler;
    private final Secret token;
    private final Heartbeat heartbeat;
    private final BooleanSupplier isSilent;
    /** A permit means that the next heartbeat is due now. */
    private final Semaphore due = new Semaphore(0);

    /** The last report of each job that has not been answered yet. */
    private final Map<JobId, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    /** Moves of jobs that the scheduler could not be told, in their order. */
    private final Map<JobId, Set<JobState>> unrecorded = new ConcurrentHashMap<>();

    /** Completes when the scheduler has been told what it could not be told before; of the heartbeats' thread alone. */
    private CompletableFuture<Void> retelling = DONE;

    private final Pause pause;
    private final int mostUnrecorded;
    private final Thread thread = new Thread(this::beat, "heartbeat");
    private volatile boolean closed;
    private volatile boolean isRegistered;
    private volatile boolean isJdist;

    /** How the next heartbeat is waited for: a semaphore with a timeout, or a test's stand-in. */
    @FunctionalInterface
    interface Pause {
        /** Waits until {@code due} has a permit, and takes all it has, but not longer than {@code most}. */
        void await(Semaphore due, Duration most) throws InterruptedException;
    }

    /** @param isSilent asked before each heartbeat, which is left out then */
    public SchedulerLink(
            HttpClient http,
            HttpTarget.Scheduler scheduler,
            Secret token,
            Heartbeat heartbeat,
            BooleanSupplier isSilent) {
        this(
                http,
                scheduler,
                token,
                heartbeat,
                isSilent,
                (due, most) -> {
                    if (due.tryAcquire(most.toMillis(), TimeUnit.MILLISECONDS)) {
                        due.drainPermits();
                    }
                },
                MOST_UNRECORDED);
    }

    /** @param mostUnrecorded jobs of which the scheduler can be told later */
    SchedulerLink(
            HttpClient http,
            HttpTarget.Scheduler scheduler,
            Secret token,
            Heartbeat heartbeat,
            BooleanSupplier isSilent,
            Pause pause,
            int mostUnrecorded) {
        this.isSilent = isSilent;
        this.pause = pause;
        this.mostUnrecorded = mostUnrecorded;
        this.http = http;
        this.scheduler = scheduler;
        this.token = token;
        this.heartbeat = heartbeat;
        thread.setDaemon(true);
    }

    /** With what a builder shows the scheduler that it belongs to the farm. */
    public static Secret token(ServerConfig config) throws StartupException {
        ServerId self = config.publicAddr();
        if (config.schedulerAuth() instanceof SchedulerAuth.Token token) {
            return ServerToken.shared(self, token.token());
        } else if (config.schedulerAuth() instanceof SchedulerAuth.JwtToken jwt) {
            Optional<ServerId> claimed = ServerToken.claimedByJwt(jwt.token());
            if (!claimed.equals(Optional.of(self))) {
                throw new StartupException("scheduler_auth.token is "
                        + claimed.map(id -> "for the builder " + id).orElse("not a builder's token")
                        + ", but public_addr is "
                        + self + "; make one with `jdist auth generate-jwt-hs256-server-token --server " + self + "`");
            }
            return jwt.token();
        }
        return ServerToken.shared(self, SchedulerConfig.INSECURE_SERVER_TOKEN);
    }

    public void start() {
        thread.start();
    }

    /** Whether the scheduler has taken the last heartbeat. */
    public boolean isRegistered() {
        return isRegistered;
    }

    /** Has the next heartbeat come at once, if there is one to come. */
    public void beatNow() {
        due.release();
    }

    private void beat() {
        String lastProblem = "";
        while (!closed) {
            Duration interval = INTERVAL;
            try {
                while (isSilent.getAsBoolean()) {
                    isRegistered = false;
                    pause.await(due, INTERVAL);
                }
                HttpCall call = HttpCall.post(scheduler, Endpoints.HEARTBEAT, token, heartbeat)
                        .within(TIMEOUT);
                HttpAnswer answer = http.call(call);
                boolean isNew = answer.decode(HeartbeatResult::decode).isNew();
                isJdist = answer.fromJdist();
                if (isNew || !lastProblem.isEmpty()) {
                    log.info("registered with the {}, offering {} CPUs", scheduler, heartbeat.numCpus());
                }
                lastProblem = "";
                isRegistered = true;
                if (isNew) {
                    // It knows of no job.
                    unrecorded.clear();
                }
                tellUnrecorded();
            } catch (IOException e) {
                isRegistered = false;
                String problem = advice(e);
                if (!problem.equals(lastProblem)) {
                    log.warn("{}; trying again every {} s", problem, INTERVAL_AFTER_ERROR.toSeconds());
                }
                lastProblem = problem;
                interval = INTERVAL_AFTER_ERROR;
            } catch (InterruptedException e) {
                return;
            }
            try {
                pause.await(due, interval);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** What to do about a heartbeat that failed. */
    private String advice(IOException problem) {
        if (problem instanceof HttpStatusException refused && refused.status() == 401) {
            return "the " + scheduler + " refuses this builder: compare [scheduler_auth] here with [server_auth] there,"
                    + " and public_addr here with the source address of this machine's packets (the scheduler's log"
                    + " says which of the two it is)";
        }
        if (problem instanceof HttpStatusException) {
            return "the " + scheduler + " refuses this builder: " + problem.getMessage();
        }
        if (LostConnection.tellsRemedy(problem)) {
            return "no TLS with the " + problem.getMessage();
        }
        return "cannot reach the scheduler: " + problem.getMessage() + "; is it running, and is scheduler_url right?";
    }

    /**
     * Reports a move of a job, after those of it that are still on their way: they go over several connections, and the
     * scheduler refuses them in another order. Reporting goes on while the job does.
     *
     * @return completes when the scheduler has noted it, or could not be told
     */
    public CompletableFuture<Void> moved(JobId job, JobState state) {
        return inTurn(job, () -> isLeftForLater(job, state) ? DONE : post(job, state, this::beatNow));
    }

    /** After what is under way for the same job. */
    private CompletableFuture<Void> inTurn(JobId job, Supplier<CompletableFuture<Void>> report) {
        CompletableFuture<Void> next =
                underWay.compute(job, (id, last) -> (last == null ? DONE : last).thenCompose(done -> report.get()));
        return next.whenComplete((done, error) -> underWay.remove(job, next));
    }

    private boolean isLeftForLater(JobId job, JobState state) {
        // Once heartbeats have ended, there is no later.
        return !closed && unrecorded.computeIfPresent(job, (id, states) -> with(states, state)) != null;
    }

    private static Set<JobState> with(Set<JobState> states, JobState state) {
        Set<JobState> more = EnumSet.of(state);
        more.addAll(states);
        return more;
    }

    /** One job after the other: all at once would be thousands of connections to a scheduler that has just come back. */
    private void tellUnrecorded() {
        if (retelling.isDone()) {
            for (JobId job : unrecorded.keySet()) {
                retelling = retelling.thenCompose(done -> tellAgain(job));
            }
        }
    }

    private CompletableFuture<Void> tellAgain(JobId job) {
        return inTurn(job, () -> {
            Set<JobState> states = unrecorded.remove(job);
            CompletableFuture<Void> told = DONE;
            for (JobState state : states == null ? Set.<JobState>of() : states) {
                // If that fails again, it is told after the next heartbeat, which need not come sooner for it.
                told = told.thenCompose(done -> isLeftForLater(job, state) ? DONE : post(job, state, () -> {}));
            }
            return told;
        });
    }

    /** Whether the scheduler can be told that nobody comes for a job. */
    public boolean takesJobsBack() {
        return isJdist;
    }

    /** Says that nobody comes for a job. What comes of that is of no matter: its lease ends, too. */
    public void giveBack(JobId job) {
        Secret jobToken = new Secret(JobToken.sign(job, heartbeat.jwtKey()));
        http.send(HttpCall.post(scheduler, Endpoints.RETURN_JOB + job, jobToken, JobState.COMPLETE)
                        .within(TIMEOUT))
                .whenComplete((answer, error) ->
                        log.debug("nobody has come for job {}{}", job, error == null ? "" : ": " + Reason.of(error)));
    }

    /** @param onFailure called if the scheduler does not note it */
    private CompletableFuture<Void> post(JobId job, JobState state, Runnable onFailure) {
        HttpCall call = HttpCall.post(scheduler, Endpoints.JOB_STATE + job, token, state)
                .within(TIMEOUT);
        return http.send(call).handle((answer, error) -> {
            try {
                if (isOutOfReach(error, answer) && unrecorded.size() < mostUnrecorded) {
                    unrecorded.merge(job, EnumSet.of(state), (states, one) -> with(states, state));
                }
                if (error != null) {
                    throw new IOException(error.getMessage(), error);
                }
                if (answer.decode(UpdateJobStateResult::decode) instanceof UpdateJobStateResult.Fail fail) {
                    throw new IOException(fail.message());
                }
            } catch (IOException e) {
                log.info("the scheduler did not record that job {} is {}: {}", job, state, e.getMessage());
                onFailure.run();
            }
            return null;
        });
    }

    /** Whether nobody has answered, or a proxy in front of the scheduler that cannot reach it either. */
    private static boolean isOutOfReach(@Nullable Throwable error, @Nullable HttpAnswer answer) {
        return error != null || answer != null && answer.status() >= 502 && answer.status() <= 504;
    }

    /** Ends the heartbeats. What jobs have to report is still sent. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
