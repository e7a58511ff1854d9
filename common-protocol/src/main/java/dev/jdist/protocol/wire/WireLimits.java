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

    /** Bytes of a file's name, as on Linux. */
    public static final int NAME = 255;

    /** Bytes of a path, or of what a symbolic link holds, as on Linux. */
    public static final int PATH = 4095;

    /** Bytes of the encoded listing of one directory: some 250,000 files. */
    public static final int LISTING = 16 << 20;

    /** Entries of a listing. */
    public static final int LISTED = 1 << 18;

    /** Paths in one list of paths: what is vouched for, what is asked for, or what a command used. */
    public static final int PATHS = 1 << 18;

    /** Bytes of all paths in one list of paths, each in full: a list says only how a path differs from the one before. */
    public static final int PATH_BYTES = 32 << 20;

    /** Contents that one message names or has. */
    public static final int CONTENTS = 1 << 17;

    /** Bytes of a request or of answers with the sources of a unit, as they are and compressed. */
    public static final long SOURCES = 2L << 30;

    private WireLimits() {}
}
