package dev.jdist.client.stats;

import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.compiler.CompilerKind;
import dev.jdist.client.compiler.Language;
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

        PerLanguage plusOne(CompilerKind kind, Language language) {
            Map<String, Long> moreCounts = new TreeMap<>(counts);
            moreCounts.merge(language.statisticsGroup(), 1L, Long::sum);
            Map<String, Long> moreDetailed = new TreeMap<>(detailed);
            moreDetailed.merge(language.statisticsName() + " [" + kind.statisticsName() + "]", 1L, Long::sum);
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

    public synchronized void unsupportedCompiler() {
        requestsUnsupportedCompiler++;
    }

    public synchronized void notCompilation() {
        requestsNotCompile++;
    }

    public synchronized void notCacheable(String reason) {
        requestsNotCacheable++;
        notCached.merge(reason, 1L, Long::sum);
    }

    /**
     * A unit was compiled that turned out not to be for the cache, although nothing in its command line told.
     *
     * @param reason joins those for which calls cannot be cached; sccache names none
     */
    public synchronized void nonCacheable(String reason) {
        nonCacheableCompilations++;
        notCached.merge(reason, 1L, Long::sum);
    }

    public synchronized void executed() {
        requestsExecuted++;
    }

    /** A unit was compiled, here or by a builder. */
    public synchronized void compiled(Duration time) {
        compilations++;
        compilerTime = compilerTime.plus(time);
    }

    public synchronized void compileFailed(Duration time) {
        compilations++;
        compileFails++;
        compilerTime = compilerTime.plus(time);
    }

    /** A unit was in the cache. */
    public synchronized void hit(CompilerKind kind, Language language, Duration time) {
        cacheHits = cacheHits.plusOne(kind, language);
        cacheReadHitTime = cacheReadHitTime.plus(time);
    }

    /**
     * A unit was not in the cache.
     *
     * @param forced whether nobody looked, as the caller wanted
     */
    public synchronized void missed(CompilerKind kind, Language language, boolean forced) {
        cacheMisses = cacheMisses.plusOne(kind, language);
        forcedRecaches += forced ? 1 : 0;
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

    /** @param builder its address */
    public synchronized void distributed(String builder) {
        distCompiles.merge(builder, 1L, Long::sum);
    }

    /** A unit had to be compiled here although it was meant for the farm. */
    public synchronized void distributionFailed() {
        distErrors++;
    }

    /** jdist itself stumbled over a unit. */
    public synchronized void failed(CompilerKind kind, Language language) {
        cacheErrors = cacheErrors.plusOne(kind, language);
    }
}
