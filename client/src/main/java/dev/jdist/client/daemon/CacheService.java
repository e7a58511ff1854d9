package dev.jdist.client.daemon;

import dev.jdist.client.cache.BaseDirectories;
import dev.jdist.client.cache.CompileCache;
import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryOrigin;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.cache.storage.Storage;
import dev.jdist.client.compile.RequestHitCache;
import dev.jdist.client.compile.UnitCacheSession;
import dev.jdist.client.identity.CompilerIdentities;
import dev.jdist.client.identity.CompilerIdentity;
import dev.jdist.client.identity.ProgramDigests;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.client.stats.Statistics;
import dev.jdist.client.stats.StatisticsReport.CacheState;
import dev.jdist.client.toolchain.SearchEnvironment;
import dev.jdist.client.unit.CompileTask;
import dev.jdist.protocol.settings.CacheConfig;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cache with the storage that the settings name, and what it takes to ask it about a unit. */
public final class CacheService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CacheService.class);

    private final CacheConfig config;
    private final EntryStore store;
    private final CompileCache cache;
    private final BaseDirectories baseDirectories;
    private final CompilerIdentities identities;
    private final RequestHitCache requests;

    private CacheService(CacheConfig config, SourceFileCache sources, EntryStore store) {
        this.config = config;
        this.store = store;
        this.cache =
                new CompileCache(new CompileCache.Settings(config.direct(), config.ignoreTimeMacros()), sources, store);
        this.requests = new RequestHitCache(cache);
        this.identities = new CompilerIdentities(new ProgramDigests(config.directory(), config.writable()));
        this.baseDirectories = new BaseDirectories(config.baseDirectories());
    }

    /** @return nothing if the directory cannot be used: compiles go on without a cache then */
    static Optional<CacheService> open(CacheConfig config, SourceFileCache sources, Statistics statistics) {
        try {
            Storage disk = DiskStore.open(config.directory(), config.limit(), config.writable());
            return Optional.of(new CacheService(
                    config, sources, new EntryStore(disk, config.zstdLevel(), Timeouts.DEFAULT, statistics)));
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
            SearchEnvironment environment = SearchEnvironment.of(
                    task.request().environment(), task.request().cwd());
            CompilerIdentity compiler = identities.of(task.compiler(), environment);
            return Optional.of(new UnitCacheSession(cache, baseDirectories, compiler, requests, task));
        } catch (IOException e) {
            log.debug("{} is compiled without the cache: {}", task.unit().input(), e.toString());
            return Optional.empty();
        }
    }

    /** Uses what a builder made no longer, and removes it in the background. @param results which ones */
    void distrust(ServerId builder, Predicate<EntryOrigin> results) {
        long began = System.nanoTime();
        store.distrust(results).whenComplete((removed, failure) -> {
            if (failure != null) {
                log.warn(
                        "what builder {} made is not used any more, but could not be removed from the cache ({}): {}",
                        builder,
                        store.location(),
                        Reason.of(failure));
            } else {
                log.info(
                        "dropped {} results of builder {} from the cache, in {} ms",
                        removed,
                        builder,
                        (System.nanoTime() - began) / 1_000_000);
            }
        });
    }

    /** With all that was compiled before somebody asks: who reads it after a compile wants to see that one. */
    CacheState state() {
        cache.awaitRecordings();
        return new CacheState(
                store.location(),
                store.size(),
                store.limit(),
                config.writable(),
                config.direct(),
                config.baseDirectories());
    }

    /** Finishes what is to be written. */
    @Override
    public void close() {
        cache.close();
    }
}
