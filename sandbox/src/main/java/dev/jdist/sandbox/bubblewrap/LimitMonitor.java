package dev.jdist.sandbox.bubblewrap;

import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import dev.jdist.sandbox.LimitExceededException;
import dev.jdist.sandbox.cgroup.JobCgroups;
import dev.jdist.sandbox.tree.TreeSize;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/**
 * Looks after a running job: is it within its limits? Some of them the kernel keeps, and says when one was reached; the
 * others are looked at ten times a second. Measuring files takes at most a twentieth of the time.
 */
public final class LimitMonitor {
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int SHARE_OF_MEASURING = 20;
    private static final Path PROC = Path.of("/proc");

    private final Process process;
    private final JobLimits limits;
    private final JobCgroups.Group group;
    private final Path files;
    private final List<Path> logs;
    private final LongPredicate exceedsQuota;
    private final long started = System.nanoTime();
    private long nextMeasuring = started;

    /**
     * @param process the job's first
     * @param files the directory of what the job writes
     * @param logs the files of what it prints
     * @param exceedsQuota whether so many bytes in files are too much beside those of all other jobs
     */
    LimitMonitor(
            Process process,
            JobLimits limits,
            JobCgroups.Group group,
            Path files,
            List<Path> logs,
            LongPredicate exceedsQuota) {
        this.process = process;
        this.limits = limits;
        this.group = group;
        this.files = files;
        this.logs = logs;
        this.exceedsQuota = exceedsQuota;
    }

    /** Waits for the end of the job. @throws LimitExceededException if it has to be ended */
    void awaitEnd() throws IOException, InterruptedException {
        while (true) {
            long left = limits.time().toNanos() - (System.nanoTime() - started);
            if (process.waitFor(Math.min(left, PAUSE.toNanos()), TimeUnit.NANOSECONDS)) {
                return;
            }
            if (left <= PAUSE.toNanos()) {
                throw new LimitExceededException(JobLimit.TIME);
            }
            refuse(overrunWhileItRuns());
        }
    }

    /** Looks once more when all is over: a limit may be the reason for it. */
    void checkAfterwards() throws IOException {
        refuse(keptByTheKernel().or(this::tooMuchPrinted));
        if (process.exitValue() != 0) {
            refuse(tooMuchWritten());
        }
    }

    private static void refuse(Optional<JobLimit> overrun) throws LimitExceededException {
        if (overrun.isPresent()) {
            throw new LimitExceededException(overrun.get());
        }
    }

    private Optional<JobLimit> overrunWhileItRuns() throws IOException {
        Optional<JobLimit> overrun =
                keptByTheKernel().or(this::tooMuchPrinted).or(this::tooManyProcessesOrTooMuchMemory);
        long now = System.nanoTime();
        if (overrun.isPresent() || now - nextMeasuring < 0) {
            return overrun;
        }
        overrun = tooMuchWritten();
        long end = System.nanoTime();
        nextMeasuring = end + SHARE_OF_MEASURING * (end - now);
        return overrun;
    }

    private Optional<JobLimit> keptByTheKernel() throws IOException {
        return group.reached();
    }

    private Optional<JobLimit> tooMuchPrinted() {
        boolean tooMuch = logs.stream().anyMatch(log -> log.toFile().length() > limits.printedBytes());
        return tooMuch ? Optional.of(JobLimit.LOG) : Optional.empty();
    }

    private Optional<JobLimit> tooManyProcessesOrTooMuchMemory() {
        if (group.keeps(JobLimit.MEMORY) && group.keeps(JobLimit.PROCESSES)) {
            return Optional.empty();
        }
        ProcessTree tree = ProcessTree.below(PROC, process.pid());
        if (tree.tasks() > limits.processes()) {
            return Optional.of(JobLimit.PROCESSES);
        }
        return tree.memoryBytes() > limits.memoryBytes() ? Optional.of(JobLimit.MEMORY) : Optional.empty();
    }

    /** The kernel lets no file grow beyond the limit, so one of just that size wanted more. */
    private Optional<JobLimit> tooMuchWritten() {
        long bytes = TreeSize.of(files, limits.scratchBytes());
        if (bytes >= limits.scratchBytes()) {
            return Optional.of(JobLimit.SCRATCH);
        }
        return exceedsQuota.test(bytes) ? Optional.of(JobLimit.ALL_SCRATCH) : Optional.empty();
    }
}
