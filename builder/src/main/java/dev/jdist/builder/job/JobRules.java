package dev.jdist.builder.job;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.settings.ServerConfig;
import dev.jdist.protocol.settings.ServerSettings;
import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import java.util.Optional;

/**
 * What jobs may take on this machine.
 *
 * @param allScratchBytes bytes of files of all jobs together, if the settings tell
 * @param outputBytes bytes of all outputs of a job, not compressed
 */
public record JobRules(JobLimits limits, Optional<Long> allScratchBytes, long outputBytes) {
    /** A compiler that needs so much is not rare. */
    private static final long LEAST_MEMORY = 2 * ByteSize.GIB;
    /** Jobs are seldom at their largest at the same time. */
    private static final int OVERCOMMITMENT = 2;

    /**
     * @param slots how many jobs run at once
     * @param physicalMemory bytes
     */
    public static JobRules of(ServerConfig settings, int slots, long physicalMemory) {
        long suitable = Math.max(LEAST_MEMORY, physicalMemory / slots * OVERCOMMITMENT);
        JobLimits limits = new JobLimits(
                settings.get(ServerSettings.JOB_TIMEOUT),
                settings.get(ServerSettings.JOB_MEMORY).orElse(Math.min(suitable, physicalMemory)),
                settings.get(ServerSettings.JOB_PROCESSES),
                settings.get(ServerSettings.JOB_SCRATCH_BYTES),
                Math.toIntExact(settings.get(ServerSettings.JOB_LOG_BYTES)),
                settings.get(ServerSettings.JOB_NICE));
        // Where an engine runs the jobs, it has their files.
        Optional<Long> allScratchBytes =
                settings.builder() instanceof ServerConfig.Overlay overlay ? overlay.buildDirBytes() : Optional.empty();
        return new JobRules(limits, allScratchBytes, settings.get(ServerSettings.JOB_OUTPUT_BYTES));
    }

    /** What a job went over, as its settings file has it: key and value. */
    String describe(JobLimit limit) {
        return switch (limit) {
            case TIME -> "job_timeout_secs = " + limits.time().toSeconds();
            case MEMORY -> "job_memory = " + limits.memoryBytes() + bytes(limits.memoryBytes());
            case PROCESSES -> "job_processes = " + limits.processes();
            case SCRATCH -> "job_scratch_bytes = " + limits.scratchBytes() + bytes(limits.scratchBytes());
            case ALL_SCRATCH ->
                "build_dir_bytes"
                        + allScratchBytes
                                .map(all -> " = " + all + bytes(all))
                                .orElse(", nine tenths of what was free in build_dir, for all jobs together");
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
