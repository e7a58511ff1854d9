package dev.jdist.client.execution.sccache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps a build from waiting for a scheduler that is not there: after a failure nothing is tried for a while, first
 * shortly, then longer. Calls that were under way when it began and fail as well make it no longer: a build makes
 * dozens at once.
 */
public final class CircuitBreaker {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private int failures;

    @GuardedBy("this")
    private long closedUntil;

    CircuitBreaker(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized boolean allows() {
        return failures == 0 || nanoTime.getAsLong() - closedUntil >= 0;
    }

    synchronized void succeeded() {
        failures = 0;
    }

    /** Notes a failure; true if it is the first after a success, and so worth a word. */
    synchronized boolean failed() {
        if (!allows()) {
            return false;
        }
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 16));
        closedUntil = nanoTime.getAsLong() + (pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE).toNanos();
        return failures++ == 0;
    }
}
