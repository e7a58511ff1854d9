package dev.jdist.client.outcome;

import dev.jdist.protocol.wire.Bytes;

/**
 * What became of a request to compile. Statistics and the caller's answer are functions of it.
 *
 * <p>A new kind of outcome is one more record here; the compiler then names each place that has to tell what it means.
 */
public sealed interface Outcome {
    /**
     * The caller's launcher becomes the compiler that it was called for, as if jdist were not there.
     *
     * @param detail the short name under which statistics count the reason; empty where the reason says all
     */
    record LeftToCompiler(Reason reason, String detail) implements Outcome {
        public LeftToCompiler(Reason reason) {
            this(reason, "");
        }
    }

    /** Why a call is left to the compiler. */
    enum Reason {
        /** The program is no compiler that jdist knows. */
        UNSUPPORTED_COMPILER,
        /** The command line does not compile: it links, or prints something. */
        NOT_COMPILATION,
        /** Neither cache nor farm can follow what the command line asks for. */
        NOT_CACHEABLE,
        /** jdist itself failed. */
        INTERNAL_ERROR
    }

    /** The cache had the result, and its files are in their places. */
    record Hit(UnitLabel unit, Bytes stdout, Bytes stderr) implements Outcome {}

    /** A builder compiled the unit, and its outputs are in their places. @param builder its address */
    record Distributed(UnitLabel unit, String builder, CacheUse cache, Bytes stdout, Bytes stderr) implements Outcome {}

    /**
     * The local compiler compiled the unit, or found fault with it.
     *
     * @param code with which it ended
     * @param farmFailed whether the unit was meant for the farm, which could not do it
     * @param stdout what the caller has not seen yet
     * @param stderr what the caller has not seen yet
     */
    record CompiledHere(UnitLabel unit, int code, boolean farmFailed, CacheUse cache, Bytes stdout, Bytes stderr)
            implements Outcome {}

    /** The caller went away before there was an answer. */
    record Abandoned() implements Outcome {}
}
