package dev.jdist.builder.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.JobState;
import dev.jdist.protocol.message.Toolchain;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The jobs that the scheduler announced and no client has begun yet, oldest first. One that nobody claims is forgotten
 * after {@link #LEASE}, when the scheduler has long done so.
 */
public final class JobTable {
    static final Duration LEASE = Duration.ofMinutes(10);
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

    private record Entry(Announced job, long since) {}

    public JobTable(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes a job; false if there is one of this number already, or far too many. */
    public synchronized boolean announce(JobId job, Announced announced) {
        forgetUnclaimed();
        return jobs.size() < MAX_JOBS && jobs.putIfAbsent(job, new Entry(announced, nanoTime.getAsLong())) == null;
    }

    public synchronized boolean isEmpty() {
        forgetUnclaimed();
        return jobs.isEmpty();
    }

    @GuardedBy("this")
    private void forgetUnclaimed() {
        long now = nanoTime.getAsLong();
        jobs.values().removeIf(entry -> now - entry.since > LEASE.toNanos());
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
        jobs.put(job, new Entry(new Announced(entry.job.toolchain(), JobState.READY), entry.since));
        return true;
    }

    /** Takes the job out: it can be run once. */
    public synchronized Optional<Announced> claim(JobId job) {
        return Optional.ofNullable(jobs.remove(job)).map(Entry::job);
    }
}
