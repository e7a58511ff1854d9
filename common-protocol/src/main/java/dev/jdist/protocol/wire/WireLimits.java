package dev.jdist.protocol.wire;

/** The largest things that are believed on the wire. Each is far above what a real compile needs. */
public final class WireLimits {
    /** Bytes of a string: a command-line argument on Linux is at most 128 KiB, an error message may be longer. */
    public static final int STRING = 1 << 20;

    /** Bytes of a {@code Vec<u8>}: a compressed output file. Debug objects of a few hundred MB exist. */
    public static final int BYTES = 1 << 30;

    /** Bytes of what a compiler printed, on one stream: it is in memory as a whole. */
    public static final int PRINTED = 64 << 20;

    /** Elements of an argument list or of an environment. */
    public static final int ARGUMENTS = 1 << 17;

    /** Output files of one compile. */
    public static final int OUTPUTS = 1 << 10;

    /** Bytes of a request that is decoded in one piece (all but toolchains, inputs and results). */
    public static final int SMALL_BODY = 1 << 20;

    /** Bytes of the command that precedes the inputs in run_job: arguments plus environment. */
    public static final int COMMAND = 16 << 20;

    /** Bytes of a run_job answer: all outputs of a unit, compressed, and what the compiler printed. */
    public static final long RESULT = 2L << 30;

    private WireLimits() {}
}
