package dev.jdist.client.outcome;

import dev.jdist.client.outcome.Tally.ByLanguage;
import dev.jdist.protocol.wire.Bytes;
import java.time.Duration;
import java.util.Optional;

/**
 * What became of a request to compile. Each outcome says how it is counted and how the caller is answered: a new one is one more
 * record here, and perhaps one more {@link Counter}.
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

    /**
     * A builder compiled the unit, and its outputs are in their places.
     *
     * @param builder its address
     * @param ofSources whether it compiled the sources themselves
     */
    record Distributed(UnitLabel unit, String builder, boolean ofSources, CacheUse cache, Bytes stdout, Bytes stderr)
            implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            tally.add(Counter.REQUESTS_EXECUTED);
            tally.addDistributed(builder);
            if (ofSources) {
                tally.add(Counter.COMPILED_FROM_SOURCES);
            }
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
     * @param kept why the farm was not asked although there is one, as statistics name it
     * @param stdout what the caller has not seen yet
     * @param stderr what the caller has not seen yet
     */
    record CompiledHere(
            UnitLabel unit,
            int code,
            boolean farmFailed,
            Optional<String> kept,
            CacheUse cache,
            Bytes stdout,
            Bytes stderr)
            implements Outcome {
        @Override
        public void count(Tally tally, Duration time) {
            if (!(cache instanceof CacheUse.Refused)) {
                tally.add(Counter.REQUESTS_EXECUTED);
            }
            // In sccache, a compile that fails is a compilation only if a builder noticed it.
            if (code == 0 || farmFailed) {
                tally.add(Counter.COMPILATIONS);
                tally.addCompileTime(time);
            }
            cache.count(tally, unit, code == 0);
            kept.ifPresent(tally::addNotDistributed);
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

    /**
     * What statistics count. The names are those of sccache's JSON and of its text; what only jdist counts has names of its own, and
     * stands behind sccache's in both, where it is not 0.
     */
    enum Counter {
        COMPILE_REQUESTS("compile_requests"),
        REQUESTS_EXECUTED("requests_executed"),
        REQUESTS_UNSUPPORTED_COMPILER("requests_unsupported_compiler"),
        REQUESTS_NOT_COMPILE("requests_not_compile"),
        REQUESTS_NOT_CACHEABLE("requests_not_cacheable"),
        NON_CACHEABLE_COMPILATIONS("non_cacheable_compilations"),
        COMPILATIONS("compilations"),
        COMPILE_FAILS("compile_fails"),
        DIST_ERRORS("dist_errors"),
        FORCED_RECACHES("forced_recaches"),
        CACHE_TIMEOUTS("cache_timeouts"),
        CACHE_READ_ERRORS("cache_read_errors"),
        CACHE_WRITE_ERRORS("cache_write_errors"),
        CACHE_WRITES("cache_writes"),
        COMPILED_FROM_SOURCES("compiled_from_sources", "Distributed as sources"),
        AUDITS("audits", "Audits of builders"),
        AUDITS_AGREED("audits_agreed", "Audits that agreed"),
        AUDITS_DIFFERED("audits_differed", "Audits that differed");

        private final String key;
        private final Optional<String> label;

        /** One of sccache's: the report knows its place. */
        Counter(String key) {
            this.key = key;
            this.label = Optional.empty();
        }

        /**
         * One of jdist's own: a new counter is a new line here.
         *
         * @param label in the text of {@code --show-stats}
         */
        Counter(String key, String label) {
            this.key = key;
            this.label = Optional.of(label);
        }

        /** Its name in JSON. */
        public String key() {
            return key;
        }

        /** Its name in the text, for those that only jdist counts. */
        public Optional<String> label() {
            return label;
        }
    }
}
