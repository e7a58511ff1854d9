package dev.jdist.client.execution.sccache;

/** What was wrong with a builder when it did not do a job. */
enum BuilderFault {
    /** No answer to a job, or none that is whole. */
    GONE(Scope.BUILDER, 2, "see whether it runs, and whether this machine reaches it"),
    /** An answer that is an error, or that the job is unknown. */
    JOB(Scope.BUILDER, 2, "its log says why"),
    /** It went away in the middle of an upload. */
    UPLOAD(Scope.TOOLCHAIN, 2, "its log says why; see whether its cache_dir is full"),
    /** It does not take the toolchain. */
    TOOLCHAIN(
            Scope.TOOLCHAIN,
            1,
            "its log says why; see whether its cache_dir is full, or toolchain_cache_size is too small"),
    /** Its compiler fails on a unit that this machine's compiles. */
    COMPILER(
            Scope.TOOLCHAIN,
            2,
            "the log of this daemon at level debug has what it printed; stop the builder, remove the toolchain from its"
                    + " cache_dir and start it again, or take it out of the farm"),
    /** What it sends is not what was asked for. */
    OUTPUT(Scope.BUILDER, 1, "look at that builder, or take it out of the farm"),

    /** An audit proved that it makes something else than other machines do. */
    DIFFERS(
            Scope.BUILDER,
            1,
            "build anew what it compiled; test its memory and install jdist there anew, or take it out of the farm");

    /** What is left alone after a fault. */
    enum Scope {
        BUILDER,
        /** Other toolchains on the same builder are used. */
        TOOLCHAIN
    }

    private final Scope scope;
    private final int warnedAt;
    private final String remedy;

    BuilderFault(Scope scope, int warnedAt, String remedy) {
        this.scope = scope;
        this.warnedAt = warnedAt;
        this.remedy = remedy;
    }

    boolean isOfToolchain() {
        return scope == Scope.TOOLCHAIN;
    }

    /** Whether one job may be to blame: such a fault is held against a builder that has worked only if it recurs. */
    boolean mayBeTheJobs() {
        return this == JOB || this == COMPILER;
    }

    /** At which failure in a row the log has a warning: one that passes by itself is not worth one. */
    int warnedAt() {
        return warnedAt;
    }

    /** What a person can do: a sentence without its full stop. */
    String remedy() {
        return remedy;
    }
}
