package dev.jdist.client.execution.sccache;

import dev.jdist.client.caller.LocalSlots;
import dev.jdist.client.execution.Action;
import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.FarmException;
import dev.jdist.client.execution.NoSourcesException;
import dev.jdist.client.execution.SourceAction;
import dev.jdist.client.execution.ToolchainRefusedException;
import dev.jdist.client.execution.Verdict;
import dev.jdist.client.view.BuilderContents;
import dev.jdist.protocol.auth.RandomKey;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpClient;
import dev.jdist.protocol.http.client.HttpStatusException;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.AllocJobResult;
import dev.jdist.protocol.message.BuilderChoice;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.view.RunSourcesRequest;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has jobs done by the farm. Thread-safe; each call blocks its thread until its job is done, here or there.
 *
 * <p>A job that a builder fails goes to others, and never to that one again. What is learnt from it is in
 * {@link BuilderHealth}: the scheduler is asked for builders that are not left alone. A stock scheduler gives one of these all
 * the same; the slot is not used then, and another one is asked for.
 */
public final class FarmClient implements CompileFarm, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FarmClient.class);

    /** So many builders are tried with one job. */
    private static final int ATTEMPTS = 3;
    /** So many slots of one job are left unused, as they are on builders that are left alone. */
    private static final int UNUSED_SLOTS = 3;

    private final SchedulerClient scheduler;
    private final CallerCalls calls;
    private final ToolchainUploads uploads;
    private final LocalSlots slots;
    private final Spools spools;
    private final BuilderHealth health;
    private final Audits audits;
    /** How long all units are preprocessed after one builder did not compile sources: that cost a slot. */
    private static final Duration WITHOUT_SOURCES = Duration.ofMinutes(1);

    /** Until when; by {@link #nanoTime}. */
    private final AtomicLong withoutSources;

    private final LongSupplier nanoTime;
    /** By which builders know what they have of this client. */
    private final Bytes identity = RandomKey.bytes(RunSourcesRequest.CLIENT_BYTES);

    private final Map<ServerId, BuilderContents> contents = new ConcurrentHashMap<>();

    /**
     * @param choice the builders to use; a scheduler that lets nobody choose is not asked again
     * @param slots bound how many jobs are encoded at once
     * @param spools for jobs that wait to be sent
     * @param timer for what is short and does not block
     * @param audits how builders are audited
     */
    public FarmClient(
            HttpClient http,
            HttpTarget.Scheduler scheduler,
            FarmToken token,
            BuilderChoice choice,
            LocalSlots slots,
            Spools spools,
            ScheduledExecutorService timer,
            Audits.Settings audits) {
        this(http, scheduler, token, choice, slots, spools, timer, audits, System::nanoTime);
    }

    FarmClient(
            HttpClient http,
            HttpTarget.Scheduler scheduler,
            FarmToken token,
            BuilderChoice choice,
            LocalSlots slots,
            Spools spools,
            ScheduledExecutorService timer,
            Audits.Settings audits,
            LongSupplier nanoTime) {
        this.health = new BuilderHealth(nanoTime);
        this.nanoTime = nanoTime;
        this.withoutSources = new AtomicLong(nanoTime.getAsLong());
        this.scheduler = new SchedulerClient(http, scheduler, token, choice, timer);
        this.calls = new CallerCalls(http);
        this.uploads = new ToolchainUploads(calls);
        this.slots = slots;
        this.spools = spools;
        this.audits = new Audits(audits, slots, health, new Audits.Runner() {
            @Override
            public ActionResult run(RemoteJob job, Set<ServerId> without, CompletionStage<Void> gone)
                    throws FarmException, InterruptedException {
                return FarmClient.this.run(job, without, gone);
            }

            @Override
            public boolean canChoose() {
                return FarmClient.this.scheduler.isJdist();
            }
        });
    }

    @Override
    public HttpUrl schedulerUrl() {
        return scheduler.url();
    }

    @Override
    public boolean isLoggedIn() {
        return scheduler.isLoggedIn();
    }

    @Override
    public SchedulerStatus status() throws IOException, InterruptedException {
        return scheduler.status();
    }

    @Override
    public List<LeftAlone> leftAlone() {
        return health.leftAlone();
    }

    @Override
    public ActionResult execute(Action action, CompletionStage<Void> gone)
            throws FarmException, IOException, InterruptedException {
        RemoteJob job = encode(action);
        boolean isKept = false;
        try {
            ActionResult result = run(job, gone);
            isKept = audits.want(result);
            return isKept ? audits.watch(job, result) : result;
        } finally {
            if (!isKept) {
                job.close();
            }
        }
    }

    @Override
    public ActionResult execute(SourceAction action, CompletionStage<Void> gone)
            throws FarmException, NoSourcesException, InterruptedException {
        if (nanoTime.getAsLong() - withoutSources.get() < 0) {
            throw new NoSourcesException("a builder of the farm compiled preprocessed source only, a moment ago", true);
        }
        try {
            return run(new SourceJob(action, identity, this::contentsOf), gone);
        } catch (FarmException e) {
            if (e.getCause() instanceof NoSourcesException reason) {
                if (reason.isOfFarm()) {
                    withoutSources.set(nanoTime.getAsLong() + WITHOUT_SOURCES.toNanos());
                }
                throw reason;
            }
            throw e;
        }
    }

    private BuilderContents contentsOf(BuilderJob.Place place) {
        return contents.computeIfAbsent(place.slot().serverId(), builder -> new BuilderContents());
    }

    /** Ends audits that are under way. */
    @Override
    public void close() {
        audits.close();
    }

    private RemoteJob encode(Action action) throws IOException, InterruptedException {
        try (LocalSlots.Slot slot = slots.acquire()) {
            return RemoteJob.of(action, spools);
        }
    }

    ActionResult run(BuilderJob job, CompletionStage<Void> gone) throws FarmException, InterruptedException {
        return run(job, Set.of(), gone);
    }

    /** @param without builders that are not to do it */
    private ActionResult run(BuilderJob job, Set<ServerId> without, CompletionStage<Void> gone)
            throws FarmException, InterruptedException {
        Set<ServerId> failed = new LinkedHashSet<>(without);
        FarmException last = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            long asked = System.nanoTime();
            AllocJobResult.Success place;
            try {
                place = allocate(job.toolchain().toolchain(), failed, gone);
            } catch (FarmException e) {
                throw last == null ? e : new FarmException(last.getMessage() + "; " + e.getMessage(), last);
            }
            try {
                return runAt(place, asked, job, gone);
            } catch (IOException e) {
                last = new FarmException(place.jobAlloc() + ": " + e.getMessage(), e);
                if (e instanceof NoSourcesException) {
                    throw last; // It is to be preprocessed.
                }
                if (e instanceof ToolchainRefusedException) {
                    throw last; // No builder will take it.
                }
                if (gone.toCompletableFuture().isDone()) {
                    throw last;
                }
                if (e instanceof HttpStatusException refused && refused.status() == StatusCodes.OVER_LIMIT) {
                    log.warn("compiling locally: {}", last.getMessage());
                    throw last;
                }
                failed.add(place.jobAlloc().serverId());
                log.info("{}; {}", last.getMessage(), attempt < ATTEMPTS ? "asking for another slot" : "giving up");
            }
        }
        throw last;
    }

    /** A slot on a builder that may be used. @param failed builders that failed this job */
    private AllocJobResult.Success allocate(Toolchain toolchain, Set<ServerId> failed, CompletionStage<Void> gone)
            throws FarmException, InterruptedException {
        Optional<ServerId> given = Optional.empty();
        for (int unused = 0; unused < UNUSED_SLOTS; unused++) {
            BuilderHealth.Admission admission = health.admit(toolchain, failed);
            given = Optional.empty();
            boolean isGood = false;
            AllocJobResult.Success place;
            try {
                place = scheduler.allocate(toolchain, admission.leftAlone(), gone);
                given = Optional.of(place.jobAlloc().serverId());
            } finally {
                isGood = health.decide(admission, toolchain, given);
            }
            if (isGood) {
                return place;
            }
            log.debug("{} is not used, as that builder failed lately", place.jobAlloc());
            scheduler.giveBack(place.jobAlloc());
        }
        throw new FarmException("no slot: builder "
                + given.map(ServerId::toString).orElse("") + " failed lately, and the scheduler gives no other");
    }

    /**
     * Has a job run, and notes what that says about the builder.
     *
     * @param asked when the place was asked for
     */
    private ActionResult runAt(AllocJobResult.Success place, long asked, BuilderJob job, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        ServerId builder = place.jobAlloc().serverId();
        Toolchain toolchain = job.toolchain().toolchain();
        boolean isDecided = false;
        boolean isAnswered = false;
        try {
            ActionResult result = resultOf(
                    call(place, asked, job, gone),
                    builder,
                    (verdict, reason) -> note(builder, toolchain, verdict, reason));
            isAnswered = true;
            if (health.isAccused(builder)) {
                isDecided = true;
                result.close();
                throw new IOException("an audit proved meanwhile that it makes other objects");
            } else if (result.code() != 0) {
                health.suspect(builder, toolchain);
            }
            isDecided = true;
            return result;
        } catch (BuilderException e) {
            if (!gone.toCompletableFuture().isDone()) {
                isDecided = true;
                health.failed(builder, toolchain, e.fault(), Reason.of(e));
            }
            throw e;
        } finally {
            if (!isDecided) {
                health.open(builder, toolchain);
            }
            if (!isAnswered) {
                scheduler.giveBack(place.jobAlloc());
            }
        }
    }

    private void note(ServerId builder, Toolchain toolchain, Verdict verdict, String reason) {
        switch (verdict) {
            case GOOD, GOOD_MESSAGES -> health.succeeded(builder, toolchain);
            case FAILS_ELSEWHERE_ONLY -> health.failed(builder, toolchain, BuilderFault.COMPILER, reason);
            case WRONG_OUTPUT -> health.failed(builder, toolchain, BuilderFault.OUTPUT, reason);
            case OPEN -> health.open(builder, toolchain);
        }
    }

    private BuilderJob.Done call(AllocJobResult.Success place, long asked, BuilderJob job, CompletionStage<Void> gone)
            throws IOException, InterruptedException {
        JobAlloc alloc = place.jobAlloc();
        HttpTarget builder = new HttpTarget.Builder(
                alloc.serverId(), scheduler.certificate(alloc.serverId(), place.certDigest(), gone));
        if (place.needToolchain()) {
            uploads.submit(builder, alloc, asked, new Secret(alloc.auth()), job.toolchain(), gone);
        }
        return job.runOn(new BuilderJob.Place(builder, alloc, calls, gone));
    }

    /** Takes over what a builder did, which is read from where it is until the result is closed. */
    private static ActionResult resultOf(BuilderJob.Done done, ServerId builder, ActionResult.Judge judge) {
        ProcessOutput printed = done.result().output();
        return new ActionResult(
                builder.toString(),
                System.currentTimeMillis(),
                printed.code(),
                printed.stdout(),
                printed.stderr(),
                done.result().outputs().stream().map(ReceivedOutput::of).toList(),
                judge,
                done);
    }
}
