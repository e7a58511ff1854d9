package dev.jdist.client.stats;

import dev.jdist.client.cache.storage.EntryName.Kind;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.outcome.Outcome.Counter;
import dev.jdist.client.outcome.Tally;
import dev.jdist.client.outcome.Tally.ByLanguage;
import dev.jdist.client.outcome.UnitLabel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the daemon has done, counted as sccache 0.17 counts it, so that tools that read its statistics read these. A function of
 * outcomes, and of what the cache does in the background. Thread-safe.
 */
public final class Statistics implements EntryStore.Listener {
    private Counts counts = new Counts();

    /**
     * A count by language.
     *
     * @param counts by group, such as {@code C/C++}
     * @param detailed by language and compiler, such as {@code c++ [gcc]}
     */
    public record PerLanguage(Map<String, Long> counts, Map<String, Long> detailed) {
        static final PerLanguage NONE = new PerLanguage(Map.of(), Map.of());

        PerLanguage plusOne(UnitLabel unit) {
            Map<String, Long> moreCounts = new TreeMap<>(counts);
            moreCounts.merge(unit.group(), 1L, Long::sum);
            Map<String, Long> moreDetailed = new TreeMap<>(detailed);
            moreDetailed.merge(unit.detail(), 1L, Long::sum);
            return new PerLanguage(moreCounts, moreDetailed);
        }

        public long all() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** All counts. Not thread-safe: {@link Statistics} guards them. */
    private static final class Counts implements Tally {
        private final Map<Counter, Long> counters = new EnumMap<>(Counter.class);
        private final Map<ByLanguage, PerLanguage> byLanguage = new EnumMap<>(ByLanguage.class);
        private final Map<String, Long> notCached = new TreeMap<>();
        private final Map<String, Long> notDistributed = new TreeMap<>();
        private final Map<String, Long> distCompiles = new TreeMap<>();
        private Duration compilerTime = Duration.ZERO;
        private Duration hitTime = Duration.ZERO;
        private Duration writeTime = Duration.ZERO;

        @Override
        public void add(Counter counter) {
            counters.merge(counter, 1L, Long::sum);
        }

        @Override
        public void add(ByLanguage counter, UnitLabel unit) {
            byLanguage.put(counter, of(counter).plusOne(unit));
        }

        private PerLanguage of(ByLanguage counter) {
            return byLanguage.getOrDefault(counter, PerLanguage.NONE);
        }

        @Override
        public void addCompileTime(Duration time) {
            compilerTime = compilerTime.plus(time);
        }

        @Override
        public void addHitTime(Duration time) {
            hitTime = hitTime.plus(time);
        }

        @Override
        public void addNotDistributed(String reason) {
            notDistributed.merge(reason, 1L, Long::sum);
        }

        @Override
        public void addNotCached(String reason) {
            notCached.merge(reason, 1L, Long::sum);
        }

        @Override
        public void addDistributed(String builder) {
            distCompiles.merge(builder, 1L, Long::sum);
        }
    }

    /**
     * The counts at one moment.
     *
     * @param notDistributed units that a farm was not asked to compile, by the reason
     */
    public record Snapshot(
            Map<Counter, Long> counters,
            PerLanguage cacheErrors,
            PerLanguage cacheHits,
            PerLanguage cacheMisses,
            Map<String, Long> notCached,
            Map<String, Long> notDistributed,
            Map<String, Long> distCompiles,
            Duration compilerTime,
            Duration cacheWriteTime,
            Duration cacheReadHitTime) {
        public Snapshot {
            counters = Map.copyOf(counters);
            notCached = Map.copyOf(notCached);
            notDistributed = Map.copyOf(notDistributed);
            distCompiles = Map.copyOf(distCompiles);
        }

        public long count(Counter counter) {
            return counters.getOrDefault(counter, 0L);
        }
    }

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                counts.counters,
                counts.of(ByLanguage.ERRORS),
                counts.of(ByLanguage.HITS),
                counts.of(ByLanguage.MISSES),
                counts.notCached,
                counts.notDistributed,
                counts.distCompiles,
                counts.compilerTime,
                counts.writeTime,
                counts.hitTime);
    }

    public synchronized void reset() {
        counts = new Counts();
    }

    public synchronized void requested() {
        counts.add(Counter.COMPILE_REQUESTS);
    }

    /**
     * Counts what became of a request.
     *
     * @param time from the request to its answer
     */
    public synchronized void count(Outcome outcome, Duration time) {
        outcome.count(counts, time);
    }

    /** Counts a unit that was compiled here although there is a farm. @param reason in its command line or environment */
    public synchronized void keptHere(String reason) {
        counts.addNotDistributed(reason);
    }

    /** Counts an audit of a builder. @param agreed nothing if nobody was to blame for a difference */
    public synchronized void audited(Optional<Boolean> agreed) {
        counts.add(Counter.AUDITS);
        agreed.ifPresent(isSame -> counts.add(isSame ? Counter.AUDITS_AGREED : Counter.AUDITS_DIFFERED));
    }

    /** Counts results alone, as sccache does: one for each miss. */
    @Override
    public synchronized void written(Kind kind, Duration time) {
        if (kind == Kind.RESULT) {
            counts.add(Counter.CACHE_WRITES);
            counts.writeTime = counts.writeTime.plus(time);
        }
    }

    @Override
    public synchronized void writeFailed() {
        counts.add(Counter.CACHE_WRITE_ERRORS);
    }

    @Override
    public synchronized void readFailed() {
        counts.add(Counter.CACHE_READ_ERRORS);
    }

    @Override
    public synchronized void readTimedOut() {
        counts.add(Counter.CACHE_TIMEOUTS);
    }
}
