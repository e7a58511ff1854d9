package dev.jdist.protocol.config;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a builder grants its jobs: keys of {@code [jdist]} in {@code server.conf}.
 *
 * @param timeout {@code job_timeout_secs}
 * @param memory octets: {@code job_memory}; nothing for what suits the machine
 * @param processes {@code job_processes}: processes and threads
 * @param scratchBytes {@code job_scratch_bytes}
 * @param outputBytes {@code job_output_bytes}
 * @param logBytes {@code job_log_bytes}, of each stream
 * @param nice {@code job_nice}
 * @param drain {@code drain_secs}: how long jobs may go on after the builder was told to end
 */
public record JobSettings(
        Duration timeout,
        OptionalLong memory,
        int processes,
        long scratchBytes,
        long outputBytes,
        int logBytes,
        int nice,
        Duration drain) {
    /** As if the table were empty. */
    public static final JobSettings DEFAULT = new JobSettings(
            Duration.ofSeconds(1200),
            OptionalLong.empty(),
            512,
            4 * ByteSize.GIB,
            ByteSize.GIB,
            (int) (8 * ByteSize.MIB),
            10,
            Duration.ofSeconds(60));

    private static final long MAX_SECONDS = Duration.ofDays(7).toSeconds();
    /** What the sandbox itself and the smallest compiler need. */
    private static final long MIN_PROCESSES = 16;

    private static final long MIN_BYTES = ByteSize.MIB;
    private static final int MAX_NICE = 19;

    static JobSettings from(ConfigTable jdist) throws ConfigException {
        OptionalLong memory = jdist.has("job_memory")
                ? OptionalLong.of(size(jdist, "job_memory", jdist.byteSize("job_memory", 0), Long.MAX_VALUE))
                : OptionalLong.empty();
        long scratch = jdist.byteSize("job_scratch_bytes", DEFAULT.scratchBytes);
        long output = jdist.byteSize("job_output_bytes", DEFAULT.outputBytes);
        long log = jdist.byteSize("job_log_bytes", DEFAULT.logBytes);
        return new JobSettings(
                Duration.ofSeconds(number(
                        jdist,
                        "job_timeout_secs",
                        jdist.number("job_timeout_secs").orElse(1200L),
                        1,
                        MAX_SECONDS)),
                memory,
                (int) number(
                        jdist,
                        "job_processes",
                        jdist.number("job_processes").orElse((long) DEFAULT.processes),
                        MIN_PROCESSES,
                        Integer.MAX_VALUE),
                size(jdist, "job_scratch_bytes", scratch, Long.MAX_VALUE),
                size(jdist, "job_output_bytes", output, Long.MAX_VALUE),
                (int) size(jdist, "job_log_bytes", log, ByteSize.GIB),
                (int) number(jdist, "job_nice", jdist.number("job_nice").orElse((long) DEFAULT.nice), 0, MAX_NICE),
                Duration.ofSeconds(
                        number(jdist, "drain_secs", jdist.number("drain_secs").orElse(60L), 0, MAX_SECONDS)));
    }

    static long number(ConfigTable jdist, String key, long value, long least, long most) throws ConfigException {
        if (value < least || value > most) {
            throw jdist.problem(key, "= " + value + " is out of bounds; write " + least + " to " + most);
        }
        return value;
    }

    private static long size(ConfigTable jdist, String key, long value, long most) throws ConfigException {
        if (value < MIN_BYTES || value > most) {
            throw jdist.problem(
                    key,
                    "= " + value + " is out of bounds; write at least " + ByteSize.format(MIN_BYTES)
                            + (most == Long.MAX_VALUE ? "" : " and at most " + ByteSize.format(most)));
        }
        return value;
    }
}
