package dev.jdist.client.stats;

import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.outcome.CacheUse;
import dev.jdist.client.outcome.Outcome;
import dev.jdist.client.outcome.Outcome.CompiledHere;
import dev.jdist.client.outcome.Outcome.Distributed;
import dev.jdist.client.outcome.Outcome.LeftToCompiler;
import dev.jdist.client.outcome.UnitLabel;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the daemon has done, counted as sccache 0.17 counts it: the fields are those of its JSON, so that what reads
 * these goes on working. Guarded by itself.
 */
public final class Statistics implements CompileCache.Listener {
    private long compileRequests;
    private long requestsUnsupportedCompiler;
    private long requestsNotCompile;
    private long requestsNotCacheable;
    private long requestsExecuted;
    private long compilations;
    private Duration compilerTime = Duration.ZERO;
    private long compileFails;
    private long nonCacheableCompilations;
    private long distErrors;
    private long forcedRecaches;
    private long cacheReadErrors;
    private long cacheWriteErrors;
    private long cacheWrites;
    private Duration cacheWriteTime = Duration.ZERO;
    private Duration cacheReadHitTime = Duration.ZERO;
    private final Map<String, Long> notCached = new TreeMap<>();
    private final Map<String, Long> distCompiles = new TreeMap<>();
    private PerLanguage cacheErrors = PerLanguage.NONE;
    private PerLanguage cacheHits = PerLanguage.NONE;
    private PerLanguage cacheMisses = PerLanguage.NONE;

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

    /** The counts at one moment. */
    public record Snapshot(
            long compileRequests,
            long requestsUnsupportedCompiler,
            long requestsNotCompile,
            long requestsNotCacheable,
            long requestsExecuted,
            PerLanguage cacheErrors,
            PerLanguage cacheHits,
            PerLanguage cacheMisses,
            long compilations,
            Duration compilerTime,
            long compileFails,
            long nonCacheableCompilations,
            Map<String, Long> notCached,
            Map<String, Long> distCompiles,
            long distErrors,
            long forcedRecaches,
            long cacheReadErrors,
            long cacheWriteErrors,
            long cacheWrites,
            Duration cacheWriteTime,
            Duration cacheReadHitTime) {}

    public synchronized Snapshot snapshot() {
        return new Snapshot(
                compileRequests,
                requestsUnsupportedCompiler,
                requestsNotCompile,
                requestsNotCacheable,
                requestsExecuted,
                cacheErrors,
                cacheHits,
                cacheMisses,
                compilations,
                compilerTime,
                compileFails,
                nonCacheableCompilations,
                Map.copyOf(notCached),
                Map.copyOf(distCompiles),
                distErrors,
                forcedRecaches,
                cacheReadErrors,
                cacheWriteErrors,
                cacheWrites,
                cacheWriteTime,
                cacheReadHitTime);
    }

    public synchronized void reset() {
        compileRequests = 0;
        requestsUnsupportedCompiler = 0;
        requestsNotCompile = 0;
        requestsNotCacheable = 0;
        requestsExecuted = 0;
        compilations = 0;
        compilerTime = Duration.ZERO;
        compileFails = 0;
        nonCacheableCompilations = 0;
        distErrors = 0;
        notCached.clear();
        distCompiles.clear();
        cacheErrors = PerLanguage.NONE;
        cacheHits = PerLanguage.NONE;
        cacheMisses = PerLanguage.NONE;
        forcedRecaches = 0;
        cacheReadErrors = 0;
        cacheWriteErrors = 0;
        cacheWrites = 0;
        cacheWriteTime = Duration.ZERO;
        cacheReadHitTime = Duration.ZERO;
    }

    public synchronized void requested() {
        compileRequests++;
    }

    /**
     * Counts what became of a request.
     *
     * @param time from the request to its answer
     */
    public synchronized void count(Outcome outcome, Duration time) {
        if (outcome instanceof LeftToCompiler left) {
            leftToCompiler(left);
        } else if (outcome instanceof Outcome.Hit hit) {
            requestsExecuted++;
            cacheHits = cacheHits.plusOne(hit.unit());
            cacheReadHitTime = cacheReadHitTime.plus(time);
        } else if (outcome instanceof Distributed distributed) {
            requestsExecuted++;
            distCompiles.merge(distributed.builder(), 1L, Long::sum);
            compiled(time);
            used(distributed.cache(), distributed.unit());
        } else if (outcome instanceof CompiledHere here) {
            compiledHere(here, time);
        } else if (outcome instanceof Outcome.Abandoned) {
            requestsExecuted++;
        }
    }

    private void leftToCompiler(LeftToCompiler left) {
        switch (left.reason()) {
            case UNSUPPORTED_COMPILER -> requestsUnsupportedCompiler++;
            case NOT_COMPILATION -> requestsNotCompile++;
            case NOT_CACHEABLE -> notCacheable(left.detail());
            case INTERNAL_ERROR -> {
                // Nobody counts it: the log has it.
            }
        }
    }

    private void compiledHere(CompiledHere here, Duration time) {
        if (here.cache() instanceof CacheUse.Refused refused) {
            notCacheable(refused.reason());
        } else {
            requestsExecuted++;
        }
        if (here.cache() instanceof CacheUse.Failed) {
            cacheErrors = cacheErrors.plusOne(here.unit());
        }
        compiled(time);
        if (here.code() != 0) {
            compileFails++;
            return;
        }
        used(here.cache(), here.unit());
        if (here.farmFailed()) {
            distErrors++;
        }
    }

    private void notCacheable(String reason) {
        requestsNotCacheable++;
        notCached.merge(reason, 1L, Long::sum);
    }

    private void compiled(Duration time) {
        compilations++;
        compilerTime = compilerTime.plus(time);
    }

    /** Of a unit whose compile succeeded. */
    private void used(CacheUse cache, UnitLabel unit) {
        if (cache instanceof CacheUse.Missed missed) {
            cacheMisses = cacheMisses.plusOne(unit);
            forcedRecaches += missed.forced() ? 1 : 0;
        } else if (cache instanceof CacheUse.Unusable unusable) {
            nonCacheable(unusable.reason());
        } else if (cache instanceof CacheUse.Failed) {
            nonCacheable("internal error");
        }
    }

    /** Counted beside those calls that cannot be cached; sccache names no reasons for these. */
    private void nonCacheable(String reason) {
        nonCacheableCompilations++;
        notCached.merge(reason, 1L, Long::sum);
    }

    @Override
    public synchronized void written(Duration time) {
        cacheWrites++;
        cacheWriteTime = cacheWriteTime.plus(time);
    }

    @Override
    public synchronized void writeFailed() {
        cacheWriteErrors++;
    }

    @Override
    public synchronized void readFailed() {
        cacheReadErrors++;
    }
}
