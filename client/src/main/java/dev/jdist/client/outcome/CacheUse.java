package dev.jdist.client.outcome;

/** What the cache had to do with a unit that was compiled. */
public sealed interface CacheUse {
    /** There is no cache, or the caller wants none. */
    record None() implements CacheUse {}

    /**
     * The result was not in the cache.
     *
     * @param forced whether the cache was not asked, as the caller wanted a new compile
     */
    record Missed(boolean forced) implements CacheUse {}

    /** The command line already shows that the cache is of no use. @param reason as sccache counts it */
    record Refused(String reason) implements CacheUse {}

    /** The unit turned out to be one that no cache can follow, although nothing in its command line told. */
    record Unusable(String reason) implements CacheUse {}

    /** jdist failed over the unit. */
    record Failed() implements CacheUse {}

    CacheUse NONE = new None();
}
