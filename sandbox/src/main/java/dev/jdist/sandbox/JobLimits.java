package dev.jdist.sandbox;

import java.time.Duration;

/**
 * How much of a machine one job may take.
 *
 * @param memoryBytes see {@link JobLimit#MEMORY}
 * @param processes see {@link JobLimit#PROCESSES}; those of the sandbox itself count, three or four
 * @param scratchBytes see {@link JobLimit#SCRATCH}
 * @param printedBytes see {@link JobLimit#LOG}
 * @param nice by how much its niceness is above this process's, 0 to 19
 */
public record JobLimits(Duration time, long memoryBytes, int processes, long scratchBytes, int printedBytes, int nice) {
    /** The same but for the time. */
    public JobLimits within(Duration other) {
        return new JobLimits(other, memoryBytes, processes, scratchBytes, printedBytes, nice);
    }
}
