package dev.jdist.builder.job;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.config.JobSettings;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;

/**
 * What jobs may take on this machine.
 *
 * @param outputBytes octets of all outputs of a job, not compressed
 */
public record JobRules(JobLimits limits, long outputBytes) {
    /** A compiler that needs so much is not rare. */
    private static final long LEAST_MEMORY = 2 * ByteSize.GIB;
    /** Jobs are seldom at their largest at the same time. */
    private static final int OVERCOMMITMENT = 2;

    /**
     * @param slots how many jobs run at once
     * @param physicalMemory octets
     */
    public static JobRules of(JobSettings settings, int slots, long physicalMemory) {
        long suitable = Math.max(LEAST_MEMORY, physicalMemory / slots * OVERCOMMITMENT);
        JobLimits limits = new JobLimits(
                settings.timeout(),
                settings.memory().orElse(Math.min(suitable, physicalMemory)),
                settings.processes(),
                settings.scratchBytes(),
                settings.logBytes(),
                settings.nice());
        return new JobRules(limits, settings.outputBytes());
    }

    /** What a job went over, as its settings file has it: key and value. */
    String describe(JobLimit limit) {
        return switch (limit) {
            case TIME -> "job_timeout_secs = " + limits.time().toSeconds();
            case MEMORY -> "job_memory = " + limits.memoryBytes() + bytes(limits.memoryBytes());
            case PROCESSES -> "job_processes = " + limits.processes();
            case SCRATCH -> "job_scratch_bytes = " + limits.scratchBytes() + bytes(limits.scratchBytes());
            case LOG -> "job_log_bytes = " + limits.printedBytes() + bytes(limits.printedBytes());
        };
    }

    String describeOutputBytes() {
        return "job_output_bytes = " + outputBytes + bytes(outputBytes);
    }

    private static String bytes(long octets) {
        return " (" + ByteSize.format(octets) + ")";
    }
}
