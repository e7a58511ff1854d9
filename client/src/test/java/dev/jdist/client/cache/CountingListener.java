package dev.jdist.client.cache;

import dev.jdist.client.cache.storage.EntryName;
import dev.jdist.client.cache.storage.EntryStore;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a cache reports. */
public final class CountingListener implements EntryStore.Listener {
    public final AtomicInteger written = new AtomicInteger();
    public final AtomicInteger writeFailures = new AtomicInteger();
    public final AtomicInteger readFailures = new AtomicInteger();
    public final AtomicInteger readTimeouts = new AtomicInteger();

    @Override
    public void written(EntryName.Kind kind, Duration time) {
        written.incrementAndGet();
    }

    @Override
    public void writeFailed() {
        writeFailures.incrementAndGet();
    }

    @Override
    public void readFailed() {
        readFailures.incrementAndGet();
    }

    @Override
    public void readTimedOut() {
        readTimeouts.incrementAndGet();
    }
}
