package dev.jdist.client.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Knows for how long there has been nothing to do. */
public final class IdleTimer {
    private final Optional<Duration> timeout;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private int busy;

    @GuardedBy("this")
    private boolean wasBusy;

    @GuardedBy("this")
    private long since;

    /** @param timeout none for never */
    IdleTimer(Optional<Duration> timeout, LongSupplier nanoTime) {
        this.timeout = timeout;
        this.nanoTime = nanoTime;
        this.since = nanoTime.getAsLong();
    }

    synchronized void begin() {
        busy++;
        wasBusy = true;
    }

    synchronized void end() {
        busy--;
        since = nanoTime.getAsLong();
    }

    synchronized boolean isBusy() {
        return busy > 0;
    }

    /** Whether there was anything to do since this was asked last. */
    synchronized boolean wasBusy() {
        boolean was = wasBusy;
        wasBusy = busy > 0;
        return was;
    }

    synchronized boolean hasExpired() {
        return timeout.isPresent()
                && busy == 0
                && nanoTime.getAsLong() - since >= timeout.get().toNanos();
    }
}
