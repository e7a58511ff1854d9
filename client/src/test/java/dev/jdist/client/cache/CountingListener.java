package dev.jdist.client.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a cache reports. */
class CountingListener implements CompileCache.Listener {
    final AtomicInteger written = new AtomicInteger();
    final AtomicInteger writeFailures = new AtomicInteger();
    final AtomicInteger readFailures = new AtomicInteger();

    @Override
    public void written(Duration time) {
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
}
