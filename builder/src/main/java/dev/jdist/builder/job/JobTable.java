package dev.jdist.builder.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The jobs that the scheduler announced and no client has begun yet, oldest first. One that nobody claims is forgotten
 * after {@link #LEASE}, or {@link #MISSED_LEASE} if it could run, when the scheduler has long done so.
 */
public final class JobTable {
    static final Duration LEASE = Duration.ofMinutes(10);
    /** As long as a scheduler keeps the slot of a job that could run, if nobody gives it back. */
    static final Duration MISSED_LEASE = Duration.ofSeconds(60);
    /** A jdist client comes for its job at once: it has the inputs before it asks for a slot. A stock client packs them then. */
    static final Duration CLAIMED_WITHIN = Duration.ofSeconds(2);
    /** More than any scheduler announces to one builder. */
    static final int MAX_JOBS = 10_000;

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private final Map<JobId, Entry> jobs = new LinkedHashMap<>();

    /**
     * A job that was announced.
     *
     * @param known how far it is, as the scheduler knows
     */
    public record Announced(Toolchain toolchain, JobState known) {}

    /**
     * @param ready when it could be run first
     * @param missed whether {@link #unclaimed} told of it
     */
    private record Entry(Announced job, long since, long ready, boolean missed) {}

    public JobTable(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes a job; false if there is one of this number already, or far too many. */
    public synchronized boolean announce(JobId job, Announced announced) {
        forgetUnclaimed();
        long now = nanoTime.getAsLong();
        return jobs.size() < MAX_JOBS && jobs.putIfAbsent(job, new Entry(announced, now, now, false)) == null;
    }

    public synchronized boolean isEmpty() {
        forgetUnclaimed();
        return jobs.isEmpty();
    }

    @GuardedBy("this")
    private void forgetUnclaimed() {
        long now = nanoTime.getAsLong();
        jobs.values()
                .removeIf(entry -> now - entry.since > LEASE.toNanos()
                        || entry.missed && now - entry.ready > MISSED_LEASE.toNanos());
    }

    public synchronized Optional<Toolchain> toolchain(JobId job) {
        return Optional.ofNullable(jobs.get(job)).map(entry -> entry.job.toolchain());
    }

    /** Notes that the toolchain of a job is there. @return whether the scheduler does not know yet */
    public synchronized boolean makeReady(JobId job) {
        Entry entry = jobs.get(job);
        if (entry == null || entry.job.known() != JobState.PENDING) {
            return false;
        }
        Announced ready = new Announced(entry.job.toolchain(), JobState.READY);
        jobs.put(job, new Entry(ready, entry.since, nanoTime.getAsLong(), false));
        return true;
    }

    /**
     * Jobs that could run, and for which nobody has come: their clients are gone, or did not hear of the slot. Each is told
     * once. One whose client comes all the same can still be run.
     */
    public synchronized List<JobId> unclaimed() {
        long now = nanoTime.getAsLong();
        List<JobId> unclaimed = new ArrayList<>();
        jobs.replaceAll((job, entry) -> {
            boolean isDue = entry.job.known() == JobState.READY && now - entry.ready > CLAIMED_WITHIN.toNanos();
            if (entry.missed || !isDue) {
                return entry;
            }
            unclaimed.add(job);
            return new Entry(entry.job, entry.since, entry.ready, true);
        });
        return unclaimed;
    }

    /** Takes the job out: it can be run once. */
    public synchronized Optional<Announced> claim(JobId job) {
        return Optional.ofNullable(jobs.remove(job)).map(Entry::job);
    }
}
