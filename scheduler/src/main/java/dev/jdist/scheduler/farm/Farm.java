package dev.jdist.scheduler.farm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.AssignJobResult;
import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The builders that are alive, the jobs they have, and which builder gets the next one.
 *
 * <p>Invariants, under this object's lock. Each job belongs to one builder that is in {@code builders}; when a builder
 * goes, its jobs go with it. A builder has at most {@link Heartbeat#slots} jobs, those not counted whose clients are still
 * sending it a toolchain, up to {@link #MOST_WAITING}: they take no processor, and jobs whose toolchains are there
 * need not wait for them. Stock builders start all that they have at once, so with them every job counts. A job is a
 * lease: one that nobody claims, or that runs longer than any client waits, is dropped, so that no place is lost for
 * good. Job numbers count up from a random base, so that a restarted scheduler does not give out a number that a
 * builder still works on.
 *
 * <p>Placement is the one of sccache-dist: the builder with the lowest ratio of jobs to CPUs, not counting doubtful ones
 * unless nothing else is free. Three things differ: between equals, the one that waited longest gets the job; a builder that
 * failed is doubtful for seconds, doubled with each further failure, instead of five minutes; and one is doubtful as well
 * whose heartbeat is overdue, or that has been told of a job and has not answered.
 */
public final class Farm {
    private static final Logger log = LoggerFactory.getLogger(Farm.class);

    static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(90);
    /** A jdist builder sends a heartbeat every 10 s. */
    static final Duration JDIST_HEARTBEAT_OVERDUE = Duration.ofSeconds(13);
    /** A stock builder sends a heartbeat every 30 s. */
    static final Duration STOCK_HEARTBEAT_OVERDUE = Duration.ofSeconds(35);

    static final Duration UNCLAIMED_PENDING_TIMEOUT = Duration.ofSeconds(300);
    static final Duration UNCLAIMED_READY_TIMEOUT = Duration.ofSeconds(60);
    /** A stock client gives up on a running job after 1200 s; whatever still counts as running then is a leftover. */
    static final Duration STARTED_TIMEOUT = Duration.ofSeconds(1260);

    /** Jobs of one builder that may wait for a toolchain beside its others. */
    static final int MOST_WAITING = 64;

    private static final Duration FIRST_ERROR_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_ERROR_PAUSE = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final Map<ServerId, Builder> builders = new HashMap<>();

    @GuardedBy("this")
    private final Map<JobId, Job> jobs = new HashMap<>();

    @GuardedBy("this")
    private long nextJob;

    @GuardedBy("this")
    private long placements;

    private static final class Builder {
        final ServerId id;
        final Heartbeat about;
        final Set<JobId> jobs = new HashSet<>();
        long lastSeen;
        long lastPlacement;
        int errors;
        long backedOffUntil;
        /** Whether it is jdist, which lets jobs wait, however many it has. */
        boolean isJdist;
        /** Of its jobs, those that wait for a toolchain. */
        int waiting;
        /** Of its jobs, those that it was told of without an answer so far. */
        int unanswered;

        Builder(ServerId id, Heartbeat about, long now) {
            this.id = id;
            this.about = about;
            this.lastSeen = now;
            this.backedOffUntil = now;
        }

        double load() {
            return (double) jobs.size() / about.numCpus();
        }

        boolean isFull() {
            int uncounted = isJdist ? Math.min(waiting, MOST_WAITING) : 0;
            return jobs.size() - uncounted >= Heartbeat.slots(about.numCpus());
        }

        /** Whether there are signs that it would not do a job. */
        boolean isDoubtful(long now) {
            Duration overdue = isJdist ? JDIST_HEARTBEAT_OVERDUE : STOCK_HEARTBEAT_OVERDUE;
            return backedOffUntil - now > 0 || unanswered > 0 || now - lastSeen > overdue.toNanos();
        }
    }

    private static final class Job {
        final Builder builder;
        JobState state = JobState.PENDING;
        long since;
        boolean waits;
        /** Whether its builder was told of it some time ago and has not answered. */
        boolean unanswered;

        boolean answered;
        boolean clientIsJdist;

        Job(Builder builder, long now) {
            this.builder = builder;
            this.since = now;
        }

        void waits(boolean whether) {
            builder.waiting += (whether ? 1 : 0) - (waits ? 1 : 0);
            waits = whether;
        }

        void unanswered(boolean whether) {
            builder.unanswered += (whether ? 1 : 0) - (unanswered ? 1 : 0);
            unanswered = whether;
        }
    }

    /**
     * A job that was given to a builder, which has to be told.
     *
     * @param token with which scheduler and client speak to the builder about this job
     * @param onJdist whether the builder is jdist, which answers at once whatever else it does
     */
    public record Placement(JobId job, ServerId server, ServerCertificate certificate, Secret token, boolean onJdist) {}

    /**
     * @param nanoTime the clock, as {@link System#nanoTime()}
     * @param firstJob the first job number to give out
     */
    public Farm(LongSupplier nanoTime, long firstJob) {
        this.nanoTime = nanoTime;
        this.nextJob = firstJob;
    }

    /** Registers a builder, or notes that it lives. Tells whether this run of it was not known. */
    public synchronized boolean heartbeat(ServerId server, Heartbeat about) {
        prune();
        long now = nanoTime.getAsLong();
        Builder known = builders.get(server);
        if (known != null && known.about.equals(about)) {
            known.lastSeen = now;
            return false;
        }
        if (known != null) {
            log.info("builder {} restarted; its {} jobs are dropped", server, known.jobs.size());
            known.jobs.forEach(jobs::remove);
        }
        builders.put(server, new Builder(server, about, now));
        log.info("builder {} joined with {} CPUs", server, about.numCpus());
        return true;
    }

    /** Notes that a builder is jdist, whose jobs wait for processors by themselves. */
    public synchronized void noteJdist(ServerId server) {
        Builder known = builders.get(server);
        if (known != null) {
            known.isJdist = true;
        }
    }

    /** Forgets a builder that may not be in the farm any more, with its jobs. */
    public synchronized void dismiss(ServerId server) {
        Builder known = builders.remove(server);
        if (known != null) {
            log.info("builder {} is dropped, as its token was revoked, with {} jobs", server, known.jobs.size());
            known.jobs.forEach(jobs::remove);
        }
    }

    /** Finds a place for a new job on an {@code eligible} builder, or nothing if all of these are full. */
    synchronized Optional<Placement> place(Predicate<ServerId> eligible) {
        prune();
        long now = nanoTime.getAsLong();
        Optional<Builder> best = builders.values().stream()
                .filter(builder -> !builder.isFull() && eligible.test(builder.id))
                .min(Comparator.<Builder, Boolean>comparing(builder -> builder.isDoubtful(now))
                        .thenComparing(Builder::load)
                        .thenComparing(builder -> builder.lastPlacement));
        return best.map(builder -> {
            JobId id = new JobId(nextJob++);
            builder.jobs.add(id);
            builder.lastPlacement = ++placements;
            jobs.put(id, new Job(builder, now));
            Secret token = new Secret(JobToken.sign(id, builder.about.jwtKey()));
            return new Placement(id, builder.id, builder.about.certificate(), token, builder.isJdist);
        });
    }

    /** The builder was told of the job some time ago, and has not answered yet. */
    synchronized void unanswered(Placement placement) {
        Job job = jobs.get(placement.job());
        if (job != null && !job.answered) {
            job.unanswered(true);
        }
    }

    /** The builder took the job. */
    synchronized void assigned(Placement placement, AssignJobResult result) {
        Job job = jobs.get(placement.job());
        if (job != null) {
            job.answered = true;
            job.unanswered(false);
        }
        if (job != null && job.state == JobState.PENDING) {
            job.state = result.state();
            job.waits(result.state() == JobState.PENDING);
            job.since = nanoTime.getAsLong();
            job.builder.errors = 0;
        }
    }

    /** The builder could not be asked, or refused. */
    synchronized void assignmentFailed(Placement placement) {
        Job job = jobs.get(placement.job());
        if (job != null) {
            drop(placement.job());
            Builder builder = job.builder;
            Duration pause = FIRST_ERROR_PAUSE.multipliedBy(1L << Math.min(builder.errors, 10));
            builder.errors++;
            builder.backedOffUntil = nanoTime.getAsLong()
                    + (pause.compareTo(LONGEST_ERROR_PAUSE) < 0 ? pause : LONGEST_ERROR_PAUSE).toNanos();
        }
    }

    /** Nobody wants the job any more; its client has not heard of it. */
    synchronized void abandon(JobId job, String reason) {
        if (jobs.containsKey(job)) {
            log.info("job {} abandoned: {}", job, reason);
            drop(job);
        }
    }

    /** Its client is jdist, which comes for a job at once: it has the inputs before it asks for a slot. */
    public synchronized void clientIsJdist(JobId id) {
        Job job = jobs.get(id);
        if (job != null) {
            job.clientIsJdist = true;
        }
    }

    /** The key of its builder, by which a job's token is signed. */
    synchronized Optional<Bytes> tokenKey(JobId id) {
        return Optional.ofNullable(jobs.get(id)).map(job -> job.builder.about.jwtKey());
    }

    /**
     * Its client or its builder says that nobody comes for a job. One that runs keeps its slot: the builder says when it has
     * ended. So does one of a stock client, which may still pack its inputs.
     *
     * @return whether its slot is free now
     */
    synchronized boolean giveBack(JobId id) {
        Job job = jobs.get(id);
        if (job == null || job.state == JobState.STARTED || !job.clientIsJdist) {
            return false;
        }
        log.info("job {} on {} was given back: its client does not run it", id, job.builder.id);
        drop(id);
        return true;
    }

    /**
     * A builder reports a move of a job.
     *
     * @return nothing, or why this cannot be
     */
    public synchronized Optional<String> updateState(JobId id, ServerId server, JobState to) {
        Job job = jobs.get(id);
        if (job == null) {
            return Optional.of("Unknown job");
        }
        if (!job.builder.id.equals(server)) {
            return Optional.of("Job id " + id + " is not registered on server ServerId(" + server + ")");
        }
        job.builder.lastSeen = nanoTime.getAsLong();
        boolean forward = job.state == JobState.PENDING && to == JobState.READY
                || job.state == JobState.READY && to == JobState.STARTED
                || job.state == JobState.STARTED && to == JobState.COMPLETE;
        if (!forward) {
            if (to == JobState.COMPLETE) {
                // A report before this one was lost. Its builder knows that it is over.
                drop(id);
            }
            return Optional.of("Invalid job state transition from " + lowerCase(job.state) + " to " + lowerCase(to));
        }
        if (to == JobState.COMPLETE) {
            drop(id);
        } else {
            job.state = to;
            job.waits(false);
            job.since = nanoTime.getAsLong();
        }
        log.debug("job {} on {} is {}", id, server, lowerCase(to));
        return Optional.empty();
    }

    public synchronized Optional<ServerCertificate> certificate(ServerId server) {
        return Optional.ofNullable(builders.get(server)).map(builder -> builder.about.certificate());
    }

    public synchronized SchedulerStatus status() {
        return status(any -> true);
    }

    /** As {@link #status()}, of a part of the farm. */
    public synchronized SchedulerStatus status(Predicate<ServerId> wanted) {
        prune();
        List<Builder> some = builders.values().stream()
                .filter(builder -> wanted.test(builder.id))
                .toList();
        long cpus = some.stream().mapToLong(builder -> builder.about.numCpus()).sum();
        long inProgress =
                some.stream().mapToLong(builder -> builder.jobs.size()).sum();
        return new SchedulerStatus(some.size(), cpus, inProgress);
    }

    /** Drops builders that fell silent and jobs that outlived their lease. */
    @GuardedBy("this")
    private void prune() {
        long now = nanoTime.getAsLong();
        for (Builder builder : List.copyOf(builders.values())) {
            if (now - builder.lastSeen > HEARTBEAT_TIMEOUT.toNanos()) {
                log.warn(
                        "builder {} was silent for {} s and is dropped, with {} jobs",
                        builder.id,
                        HEARTBEAT_TIMEOUT.toSeconds(),
                        builder.jobs.size());
                builders.remove(builder.id);
                builder.jobs.forEach(jobs::remove);
            }
        }
        List<JobId> expired = new ArrayList<>();
        jobs.forEach((id, job) -> {
            if (now - job.since > lease(job.state).toNanos()) {
                log.warn("job {} on {} is dropped: {} for too long", id, job.builder.id, lowerCase(job.state));
                expired.add(id);
            }
        });
        expired.forEach(this::drop);
    }

    private static Duration lease(JobState state) {
        return switch (state) {
            case PENDING -> UNCLAIMED_PENDING_TIMEOUT;
            case READY -> UNCLAIMED_READY_TIMEOUT;
            case STARTED, COMPLETE -> STARTED_TIMEOUT;
        };
    }

    @GuardedBy("this")
    private void drop(JobId id) {
        Job job = jobs.remove(id);
        if (job != null) {
            job.waits(false);
            job.unanswered(false);
            job.builder.jobs.remove(id);
        }
    }

    private static String lowerCase(JobState state) {
        return state.name().toLowerCase(java.util.Locale.ROOT);
    }
}
