package dev.jdist.client.outcome;

import dev.jdist.client.outcome.Tally.ByLanguage;
import dev.jdist.protocol.wire.Bytes;
import java.time.Duration;

/**
 * What became of a request to compile. Each outcome says how it is counted and how the caller is answered: a new one is one more
 * record here, and perhaps a {@link Counter}.
 */
public sealed interface Outcome {
    /** @param time from the request to its answer */
    void count(Tally tally, Duration time);

    /** Answers the caller: one call at most. */
    void answer(Caller caller);

    /** The caller, as an outcome sees it. */
    interface Caller {
        /** The caller's launcher becomes the compiler that it was called for, as if jdist were not there. */
        void become();

        /** The launcher prints and ends. */
        void exit(int code, Bytes stdout, Bytes stderr);
    }

    /**
     * The call is left to the compiler.
     *
     * @param detail the short name under which statistics count the reason; empty where the reason says all
     */
    record LeftToCompiler(Reason reason, String detail) implements Outcome {
        public LeftToCompiler(Reason reason) {
            this(reason, "");
        }

        @Override
        public void count(Tally tally, Duration time) {
            switch (reason) {
                case UNSUPPORTED_COMPILER -> tally.add(Counter.REQUESTS_UNSUPPORTED_COMPILER);
                case NOT_COMPILATION -> tally.add(Counter.REQUESTS_NOT_COMPILE);
                case NOT_CACHEABLE -> CacheUse.countRefused(tally, detail);
                case INTERNAL_ERROR -> {
                    // sccache has no counter for it; the log has the error.
                }
            }
        }

        @Override
        public void answer(Caller caller) {
            caller.become();
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
    record Hit(UnitLabel unit, Bytes stdout, Bytes stderr) implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            tally.add(Counter.REQUESTS_EXECUTED);
            tally.add(ByLanguage.HITS, unit);
            tally.addHitTime(time);
        }

        @Override
        public void answer(Caller caller) {
            caller.exit(0, stdout, stderr);
        }
    }

    /** A builder compiled the unit, and its outputs are in their places. @param builder its address */
    record Distributed(UnitLabel unit, String builder, CacheUse cache, Bytes stdout, Bytes stderr) implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            tally.add(Counter.REQUESTS_EXECUTED);
            tally.addDistributed(builder);
            tally.add(Counter.COMPILATIONS);
            tally.addCompileTime(time);
            cache.count(tally, unit, true);
        }

        @Override
        public void answer(Caller caller) {
            caller.exit(0, stdout, stderr);
        }
    }

    /**
     * The local compiler compiled the unit, or found fault with it.
     *
     * @param code with which it ended
     * @param farmFailed whether the unit was meant for the farm, which could not do it
     * @param stdout what the caller has not seen yet
     * @param stderr what the caller has not seen yet
     */
    record CompiledHere(UnitLabel unit, int code, boolean farmFailed, CacheUse cache, Bytes stdout, Bytes stderr)
            implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            if (!(cache instanceof CacheUse.Refused)) {
                tally.add(Counter.REQUESTS_EXECUTED);
            }
            tally.add(Counter.COMPILATIONS);
            tally.addCompileTime(time);
            cache.count(tally, unit, code == 0);
            if (code != 0) {
                tally.add(Counter.COMPILE_FAILS);
            } else if (farmFailed) {
                tally.add(Counter.DIST_ERRORS);
            }
        }

        @Override
        public void answer(Caller caller) {
            caller.exit(code, stdout, stderr);
        }
    }

    /** The caller went away before there was an answer. */
    record Abandoned() implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            tally.add(Counter.REQUESTS_EXECUTED);
        }

        @Override
        public void answer(Caller caller) {
            // Nobody is there.
        }
    }
}
