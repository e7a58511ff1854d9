package dev.jdist.scheduler.farm;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A clock that stands until it is told to go on. It starts shortly before {@link System#nanoTime()} may overflow. */
public final class FakeClock implements LongSupplier {
    private long now = Long.MAX_VALUE - Duration.ofSeconds(100).toNanos();

    @Override
    public long getAsLong() {
        return now;
    }

    void advance(Duration time) {
        now += time.toNanos();
    }
}
