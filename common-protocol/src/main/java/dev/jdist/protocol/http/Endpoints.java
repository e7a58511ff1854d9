package dev.jdist.protocol.http;

/** Paths of the HTTP interface, version 1: those of sccache-dist, to which {@code /api/v1/jdist/} may add. */
public final class Endpoints {
    public static final String ALLOC_JOB = "/api/v1/scheduler/alloc_job";
    public static final String SERVER_CERTIFICATE = "/api/v1/scheduler/server_certificate/";
    public static final String HEARTBEAT = "/api/v1/scheduler/heartbeat_server";
    public static final String JOB_STATE = "/api/v1/scheduler/job_state/";
    public static final String STATUS = "/api/v1/scheduler/status";

    public static final String ASSIGN_JOB = "/api/v1/distserver/assign_job/";
    public static final String SUBMIT_TOOLCHAIN = "/api/v1/distserver/submit_toolchain/";
    public static final String RUN_JOB = "/api/v1/distserver/run_job/";

    /** Told the scheduler by a client that does not use a slot, and by a builder to which no client comes for a job. */
    public static final String RETURN_JOB = "/api/v1/jdist/return_job/";

    /** Answered by a builder that serves at all. */
    public static final String LIVE = "/api/v1/jdist/live";
    /** Answered with 200 by a builder that takes jobs and of which the scheduler knows, with 503 by others. */
    public static final String READY = "/api/v1/jdist/ready";

    /** Takes a job whose sources the builder compiles itself, as far as it can see them. */
    public static final String RUN_SOURCES = "/api/v1/jdist/run_sources/";

    /** Takes what a builder asked for that compiles sources. */
    public static final String ANSWER_SOURCES = "/api/v1/jdist/answer_sources/";

    /** Told a builder by a client that will not answer it any more. */
    public static final String CANCEL_SOURCES = "/api/v1/jdist/cancel_sources/";

    private Endpoints() {}
}
