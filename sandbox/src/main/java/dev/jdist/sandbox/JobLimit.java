package dev.jdist.sandbox;

/** What a job may have too much of. It ends then, with all its processes. */
public enum JobLimit {
    /** Seconds of wall-clock time. */
    TIME,
    /** Bytes of memory that its processes have in use together; files in memory may count too. */
    MEMORY,
    /** Processes and threads at once. */
    PROCESSES,
    /** Bytes of the files in its root that are not the toolchain's, its inputs included. */
    SCRATCH,
    /** Bytes of the files of all jobs together: the job that has most ends. */
    ALL_SCRATCH,
    /** Bytes that it prints, on either stream. */
    LOG
}
