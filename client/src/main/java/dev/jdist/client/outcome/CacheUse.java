package dev.jdist.client.outcome;

import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.outcome.Tally.ByLanguage;

/** What the cache had to do with a unit that was compiled. */
public sealed interface CacheUse {
    CacheUse NONE = new None();

    /** @param compiled whether the compiler found no fault with the unit */
    void count(Tally tally, UnitLabel unit, boolean compiled);

    /** There is no cache, or the caller wants none. */
    record None() implements CacheUse {
        @Override
        public void count(Tally tally, UnitLabel unit, boolean compiled) {
            // Nothing was asked of it.
        }
    }

    /**
     * The result was not in the cache.
     *
     * @param forced whether the cache was not asked, as the caller wanted a new compile
     */
    record Missed(boolean forced) implements CacheUse {
        @Override
        public void count(Tally tally, UnitLabel unit, boolean compiled) {
            if (compiled) {
                tally.add(ByLanguage.MISSES, unit);
            }
            if (compiled && forced) {
                tally.add(Counter.FORCED_RECACHES);
            }
        }
    }

    /** The command line already shows that the cache is of no use. @param reason as sccache counts it */
    record Refused(String reason) implements CacheUse {
        @Override
        public void count(Tally tally, UnitLabel unit, boolean compiled) {
            countRefused(tally, reason);
        }
    }

    /** The unit turned out to be one that no cache can follow, although nothing in its command line told. */
    record Unusable(String reason) implements CacheUse {
        @Override
        public void count(Tally tally, UnitLabel unit, boolean compiled) {
            if (compiled) {
                countUnusable(tally, reason);
            }
        }
    }

    /** jdist failed over the unit. */
    record Failed() implements CacheUse {
        @Override
        public void count(Tally tally, UnitLabel unit, boolean compiled) {
            tally.add(ByLanguage.ERRORS, unit);
            if (compiled) {
                countUnusable(tally, "internal error");
            }
        }
    }

    /** Counts a call that its command line keeps from the cache. */
    static void countRefused(Tally tally, String reason) {
        tally.add(Counter.REQUESTS_NOT_CACHEABLE);
        tally.addNotCached(reason);
    }

    private static void countUnusable(Tally tally, String reason) {
        tally.add(Counter.NON_CACHEABLE_COMPILATIONS);
        tally.addNotCached(reason);
    }
}
