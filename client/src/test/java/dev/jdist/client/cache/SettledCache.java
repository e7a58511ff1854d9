package dev.jdist.client.cache;

import dev.jdist.client.cache.storage.DiskStore;
import dev.jdist.client.cache.storage.EntryStore;
import dev.jdist.client.cache.storage.EntryStore.Timeouts;
import dev.jdist.client.source.SourceFileCache;
import java.io.IOException;
import java.nio.file.Path;

/** A cache for which all files are so old that their stamps prove something. */
public final class SettledCache {
    private SettledCache() {}

    public static CompileCache open(Path directory) throws IOException {
        return over(
                new EntryStore(DiskStore.open(directory, 1 << 20, true), 3, Timeouts.DEFAULT, new CountingListener()));
    }

    public static CompileCache over(EntryStore store) {
        return new CompileCache(
                new CompileCache.Settings(true, false),
                new SourceFileCache(() -> Long.MAX_VALUE),
                store,
                () -> Long.MAX_VALUE);
    }
}
