package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.FarmException;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpCall;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpStatusException;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the scheduler for slots and certificates; while it does not answer, says so at once. Thread-safe. */
final class SchedulerClient {
    private static final Logger log = LoggerFactory.getLogger(SchedulerClient.class);

    /** A stock scheduler answers at once; ours may let us wait for a place. */
    private static final Duration ALLOC_TIMEOUT = Duration.ofSeconds(180);

    private static final Duration STATUS_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RETURN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

    private final HttpClient http;
    private final CallerCalls calls;
    private final HttpTarget.Scheduler scheduler;
    private final FarmToken token;
    private final BuilderChoice choice;
    private final ScheduledExecutorService timer;
    private final CircuitBreaker breaker;
    private final Map<ServerId, ServerCertificate> certificates = new ConcurrentHashMap<>();
    /** Whether the scheduler gave a place on another builder than was asked for, and so has nothing to give. */
    private volatile boolean ignoresChoice;
    /** Whether it was jdist that answered last, which is told of builders that failed. */
    private volatile boolean isJdist;

    SchedulerClient(
            HttpClient http,
            HttpTarget.Scheduler scheduler,
            FarmToken token,
            BuilderChoice choice,
            ScheduledExecutorService timer) {
        this.http = http;
        this.calls = new CallerCalls(http);
        this.scheduler = scheduler;
        this.token = token;
        this.choice = choice;
        this.timer = timer;
        this.breaker = new CircuitBreaker(this::probe, this::later, System::nanoTime);
    }

    HttpUrl url() {
        return scheduler.url();
    }

    /** Whether it heeds which builders are not wanted. */
    boolean isJdist() {
        return isJdist;
    }

    boolean isLoggedIn() {
        return token.current().isPresent();
    }

    SchedulerStatus status() throws IOException, InterruptedException {
        return http.call(HttpCall.get(scheduler, choice.appendTo(Endpoints.STATUS))
                        .within(STATUS_TIMEOUT))
                .decode(SchedulerStatus::decode);
    }

    private CompletionStage<SchedulerStatus> probe() {
        CompletableFuture<HttpAnswer> answer =
                http.send(HttpCall.get(scheduler, Endpoints.STATUS).within(PROBE_TIMEOUT));
        // The limit of the call does not include the time that it takes to connect.
        later(() -> answer.cancel(false), PROBE_TIMEOUT);
        return answer.thenApply(status -> {
            try {
                return status.decode(SchedulerStatus::decode);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void later(Runnable task, Duration delay) {
        try {
            timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("the daemon is stopping, and asks the scheduler no more");
        }
    }

    /**
     * Asks for a slot.
     *
     * @param leftAlone builders that are not wanted; a stock scheduler gives one of them all the same
     * @throws FarmException if there is none
     */
    AllocJobResult.Success allocate(Toolchain toolchain, Collection<ServerId> leftAlone, CompletionStage<Void> gone)
            throws FarmException, InterruptedException {
        if (!breaker.allows()) {
            throw new FarmException("the scheduler failed a moment ago");
        }
        if (ignoresChoice) {
            throw new FarmException("the scheduler does not support [jdist] builders");
        }
        Secret shown = token.current().orElseThrow(() -> new FarmException("there is no token for the scheduler"));
        BuilderChoice wanted = choice.without(leftAlone)
                .orElseThrow(() -> new FarmException("each of [jdist] builders has failed a moment ago"));
        AllocJobResult result;
        try {
            String path = (isJdist ? wanted : choice).appendTo(Endpoints.ALLOC_JOB);
            HttpAnswer answer = calls.make(
                    HttpCall.post(scheduler, path, shown, toolchain)
                            .within(ALLOC_TIMEOUT)
                            .probing(Endpoints.STATUS),
                    gone);
            isJdist = answer.fromJdist();
            result = answer.decode(AllocJobResult::decode);
            breaker.succeeded();
        } catch (IOException e) {
            // If nobody waits any more, the scheduler has done nothing wrong.
            if (!gone.toCompletableFuture().isDone() && breaker.failed()) {
                log.warn("compiling locally: {}", advice(e));
            }
            throw new FarmException(Reason.of(e), e);
        }
        if (result instanceof AllocJobResult.Success success) {
            checkChoice(success.jobAlloc().serverId());
            return success;
        }
        throw new FarmException("no slot: " + ((AllocJobResult.Fail) result).message());
    }

    /**
     * Says that a slot is not used, so that whoever waits for one need not wait until the scheduler takes it for lost. Nobody
     * waits for the answer. A stock scheduler cannot be told.
     */
    void giveBack(JobAlloc slot) {
        if (isJdist) {
            String path = Endpoints.RETURN_JOB + slot.jobId();
            http.send(HttpCall.post(scheduler, path, new Secret(slot.auth()), JobState.COMPLETE)
                            .within(RETURN_TIMEOUT))
                    .whenComplete((answer, error) -> {
                        if (error != null) {
                            log.debug("{} could not be given back: {}", slot, Reason.of(error));
                        }
                    });
        }
    }

    private void checkChoice(ServerId given) throws FarmException {
        if (!choice.allows(given)) {
            if (!ignoresChoice) {
                log.warn(
                        "compiling locally: the {} gave a slot on {}, which is not in [jdist] builders: it is sccache's"
                                + " or an older one, and does not support that key; remove it, then jdist --stop-server",
                        scheduler,
                        given);
            }
            ignoresChoice = true;
            throw new FarmException("the scheduler does not support [jdist] builders");
        }
    }

    private String advice(IOException problem) {
        if (problem instanceof HttpStatusException refused && refused.status() == 401) {
            return "the " + scheduler + " refuses " + token.whenRefused();
        }
        return Reason.of(problem);
    }

    /** The certificate of a builder, which the scheduler is asked for once. */
    ServerCertificate certificate(ServerId server, Bytes digest, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        ServerCertificate known = certificates.get(server);
        if (known != null && known.digest().equals(digest)) {
            return known;
        }
        ServerCertificate fresh = calls.make(HttpCall.get(scheduler, Endpoints.SERVER_CERTIFICATE + server), gone)
                .decode(ServerCertificate::decode);
        certificates.put(server, fresh);
        return fresh;
    }
}
