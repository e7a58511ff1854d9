package dev.jdist.builder.toolchain;

/** The largest archives that are unpacked. A compiler for one language has a few hundred files and as many MB. */
public final class ArchiveLimits {
    /** Entries of a toolchain archive. */
    static final int TOOLCHAIN_ENTRIES = 200_000;

    /** Entries of a job's inputs: a unit with every header it includes. */
    public static final int INPUT_ENTRIES = 100_000;

    /** Bytes of a job's inputs, unpacked. */
    public static final long INPUT_BYTES = 2L << 30;

    private ArchiveLimits() {}
}
