package dev.jdist.client.daemon;

import dev.jdist.client.cache.BaseDirectories;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.compile.RequestHitCache;
import dev.jdist.client.compile.UnitCacheSession;
import dev.jdist.client.identity.CompilerIdentities;
import dev.jdist.client.identity.ProgramDigests;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.stats.StatisticsReport.CacheState;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.settings.CacheConfig;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cache on this machine, and what it takes to ask it about a unit. */
public final class CacheService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CacheService.class);

    private final CacheConfig config;
    private final CompileCache cache;
    private final BaseDirectories baseDirectories;
    private final CompilerIdentities identities;
    private final RequestHitCache requests;

    private CacheService(CacheConfig config, CompileCache cache) {
        this.config = config;
        this.cache = cache;
        this.requests = new RequestHitCache(cache);
        this.identities = new CompilerIdentities(new ProgramDigests(config.directory(), config.writable()));
        this.baseDirectories = new BaseDirectories(config.baseDirectories());
    }

    /** @return nothing if the directory cannot be used: compiles go on without a cache then */
    static Optional<CacheService> open(CacheConfig config, Statistics statistics) {
        CompileCache.Settings settings = new CompileCache.Settings(
                config.directory(),
                config.limit(),
                config.zstdLevel(),
                config.writable(),
                config.direct(),
                config.ignoreTimeMacros());
        try {
            return Optional.of(new CacheService(config, CompileCache.open(settings, statistics)));
        } catch (IOException e) {
            log.warn("nothing is cached, as {} cannot be used: {}", config.directory(), e.toString());
            return Optional.empty();
        }
    }

    /** Requests that were hits, which need not be parsed again. */
    RequestHitCache requests() {
        return requests;
    }

    /** @return nothing if the caller wants no cache, or the compiler cannot be told from others */
    Optional<UnitCacheSession> of(CompileTask task) {
        if (task.request().environment().containsKey("SCCACHE_NO_CACHE")) {
            return Optional.empty();
        }
        try {
            String path = task.request().environment().getOrDefault("PATH", "");
            return Optional.of(
                    new UnitCacheSession(cache, baseDirectories, identities.of(task.compiler(), path), requests, task));
        } catch (IOException e) {
            log.debug("{} is compiled without the cache: {}", task.unit().input(), e.toString());
            return Optional.empty();
        }
    }

    /** With all that was compiled before somebody asks: who reads it after a compile wants to see that one. */
    CacheState state() {
        cache.awaitRecordings();
        return new CacheState(
                config.directory(), cache.size(), config.limit(), config.direct(), config.baseDirectories());
    }

    /** Finishes what is to be written. */
    @Override
    public void close() {
        cache.close();
    }
}
