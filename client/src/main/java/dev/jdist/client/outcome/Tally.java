package dev.jdist.client.outcome;

import dev.jdist.client.outcome.Outcome.Counter;
import java.time.Duration;

/** Takes the counts of one outcome. */
public interface Tally {
    void add(Counter counter);

    /** Counts a unit by its language. */
    void add(ByLanguage counter, UnitLabel unit);

    /** Adds the time that a compile took, here or on a builder. */
    void addCompileTime(Duration time);

    /** Adds the time that a hit took. */
    void addHitTime(Duration time);

    /** @param reason for which a call or a unit is not for the cache */
    void addNotCached(String reason);

    /** @param reason for which a unit is not for the farm */
    void addNotDistributed(String reason);

    /** @param builder that compiled a unit: its address */
    void addDistributed(String builder);

    /** What is counted for each language. */
    enum ByLanguage {
        HITS,
        MISSES,
        ERRORS
    }
}
