package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    // Near the overflow, where clocks of nanoseconds may be.
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
    private final CircuitBreaker breaker = new CircuitBreaker(now::get);

    private void pass(long milliseconds) {
        now.addAndGet(Duration.ofMillis(milliseconds).toNanos());
    }

    /** Fails, and returns for how many milliseconds nothing is allowed. */
    private long pauseAfterFailure() {
        breaker.failed();
        long pause = 0;
        while (!breaker.allows()) {
            pass(250);
            pause += 250;
        }
        return pause;
    }

    @Test
    void beginning_allows() {
        assertTrue(breaker.allows());
        breaker.succeeded();
        assertTrue(breaker.allows());
    }

    @Test
    void failure_pausesForHalfASecond() {
        breaker.failed();
        assertFalse(breaker.allows());
        pass(499);
        assertFalse(breaker.allows());
        pass(1);
        assertTrue(breaker.allows());
    }

    @Test
    void failuresInARow_pauseLongerUpToHalfAMinute() {
        long[] pauses = {500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000};
        for (long pause : pauses) {
            assertEquals(pause, pauseAfterFailure());
        }
        for (int i = 0; i < 100; i++) {
            pauseAfterFailure();
        }
        assertEquals(30_000, pauseAfterFailure());
    }

    /** make -j30, and the scheduler restarts: that is one failure, not thirty. */
    @Test
    void failuresAtOnce_countAsOne() {
        for (int i = 0; i < 30; i++) {
            breaker.failed();
            pass(10);
        }
        pass(200);
        assertTrue(breaker.allows());
    }

    @Test
    void success_forgetsFailures() {
        pauseAfterFailure();
        pauseAfterFailure();
        breaker.succeeded();
        assertTrue(breaker.allows());
        assertEquals(500, pauseAfterFailure());
    }

    @Test
    void failed_tellsTheFirstFromTheRest() {
        assertTrue(breaker.failed());
        assertFalse(breaker.failed());
        pass(1000);
        assertFalse(breaker.failed());
        breaker.succeeded();
        assertTrue(breaker.failed());
    }
}
