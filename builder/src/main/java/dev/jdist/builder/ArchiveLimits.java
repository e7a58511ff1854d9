package dev.jdist.builder;

/** The largest archives that are unpacked. A compiler for one language has a few hundred files and as many MB. */
final class ArchiveLimits {
    /** Entries of a toolchain archive. */
    static final int TOOLCHAIN_ENTRIES = 200_000;

    /** Entries of a job's inputs: a unit with every header it includes. */
    static final int INPUT_ENTRIES = 100_000;

    /** Octets of a job's inputs, unpacked. */
    static final long INPUT_BYTES = 2L << 30;

    private ArchiveLimits() {}
}
