package dev.jdist.client.cache;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what a cache reports. */
public class CountingListener implements CompileCache.Listener {
    public final AtomicInteger written = new AtomicInteger();
    public final AtomicInteger writeFailures = new AtomicInteger();
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
