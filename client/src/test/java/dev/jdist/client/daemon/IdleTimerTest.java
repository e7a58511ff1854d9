package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IdleTimerTest {
    // Near the overflow, where clocks of nanoseconds may be.
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(5).toNanos());
    private final IdleTimer timer = new IdleTimer(Optional.of(Duration.ofSeconds(10)), now::get);

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void daemonThatNobodyEverCalled_expires() {
        pass(9);
        assertFalse(timer.hasExpired());
        pass(1);
        assertTrue(timer.hasExpired());
    }

    @Test
    void work_startsTheTimeAnewAtItsEnd() {
        pass(9);
        timer.begin();
        pass(100);
        assertTrue(timer.isBusy());
        assertFalse(timer.hasExpired());
        timer.end();
        assertFalse(timer.isBusy());
        pass(9);
        assertFalse(timer.hasExpired());
        pass(1);
        assertTrue(timer.hasExpired());
    }

    @Test
    void overlappingWork_countsToTheEndOfTheLast() {
        timer.begin();
        timer.begin();
        timer.end();
        pass(100);
        assertFalse(timer.hasExpired());
        timer.end();
        pass(10);
        assertTrue(timer.hasExpired());
    }

    @Test
    void noTimeout_neverExpires() {
        IdleTimer forever = new IdleTimer(Optional.empty(), now::get);
        pass(1_000_000_000);
        assertFalse(forever.hasExpired());
    }
}
