package dev.jdist.builder.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.JobId;
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
    private final Map<JobId, Announced> jobs = new LinkedHashMap<>();

    private record Announced(Toolchain toolchain, long since) {}

    public JobTable(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Notes a job; false if there is one of this number already, or far too many. */
    public synchronized boolean announce(JobId job, Toolchain toolchain) {
        forgetUnclaimed();
        return jobs.size() < MAX_JOBS && jobs.putIfAbsent(job, new Announced(toolchain, nanoTime.getAsLong())) == null;
    }

    public synchronized boolean isEmpty() {
        forgetUnclaimed();
        return jobs.isEmpty();
    }

    @GuardedBy("this")
    private void forgetUnclaimed() {
        long now = nanoTime.getAsLong();
        jobs.values().removeIf(announced -> now - announced.since > LEASE.toNanos());
    }

    public synchronized Optional<Toolchain> toolchain(JobId job) {
        return Optional.ofNullable(jobs.get(job)).map(Announced::toolchain);
    }

    /** Takes the job out: it can be run once. */
    public synchronized Optional<Toolchain> claim(JobId job) {
        return Optional.ofNullable(jobs.remove(job)).map(Announced::toolchain);
    }
}
