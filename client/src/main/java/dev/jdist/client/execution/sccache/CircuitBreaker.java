package dev.jdist.client.execution.sccache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a build from waiting for a scheduler that is not there. After a failure nothing is allowed; in the background, one
 * question at a time finds out whether the scheduler answers, and then everything is allowed again. Nothing is asked in the
 * background while nobody wants anything.
 *
 * <p>A scheduler may answer that question and fail at all else, as it does for a wrong token. The next question then comes
 * later each time.
 */
final class CircuitBreaker {
    private static final Logger log = LoggerFactory.getLogger(CircuitBreaker.class);

    static final Duration INTERVAL = Duration.ofMillis(500);
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** When nobody has wanted anything for so long, nothing is asked. */
    static final Duration IDLE_AFTER = Duration.ofSeconds(10);

    /** Asks the scheduler for something cheap. */
    @FunctionalInterface
    interface Probe {
        /** Fails if the scheduler does not answer soon. */
        CompletionStage<?> ask();
    }

    /** Runs something later: a timer, or a test's stand-in. */
    @FunctionalInterface
    interface Later {
        void run(Runnable task, Duration delay);
    }

    private final Probe probe;
    private final Later later;
    private final LongSupplier nanoTime;

    @GuardedBy("this")
    private boolean isOpen;

    /** Whether it failed since the last success. */
    @GuardedBy("this")
    private boolean hasFailed;

    /** Whether a question is under way, or will be. */
    @GuardedBy("this")
    private boolean isProbing;

    /** How often in a row the scheduler answered a question, and failed at once. */
    @GuardedBy("this")
    private int misled;

    @GuardedBy("this")
    private boolean isClosedByProbe;

    @GuardedBy("this")
    private long lastWanted;

    CircuitBreaker(Probe probe, Later later, LongSupplier nanoTime) {
        this.probe = probe;
        this.later = later;
        this.nanoTime = nanoTime;
    }

    /** Whether the scheduler may be asked. */
    synchronized boolean allows() {
        lastWanted = nanoTime.getAsLong();
        if (isOpen && !isProbing) {
            probeIn(Duration.ZERO);
        }
        return !isOpen;
    }

    synchronized void succeeded() {
        isOpen = false;
        hasFailed = false;
        isClosedByProbe = false;
        misled = 0;
    }

    /**
     * Notes a failure. Calls that were under way when it began and fail as well change nothing: a build makes dozens at once.
     *
     * @return whether it is the first after a success, and so worth a word
     */
    synchronized boolean failed() {
        lastWanted = nanoTime.getAsLong();
        if (isOpen) {
            return false;
        }
        isOpen = true;
        misled += isClosedByProbe ? 1 : 0;
        if (!isProbing) {
            Duration pause = INTERVAL.multipliedBy(1L << Math.min(misled, 16));
            probeIn(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
        }
        boolean isFirst = !hasFailed;
        hasFailed = true;
        return isFirst;
    }

    @GuardedBy("this")
    private void probeIn(Duration delay) {
        isProbing = true;
        later.run(this::ask, delay);
    }

    private void ask() {
        synchronized (this) {
            if (!isOpen || nanoTime.getAsLong() - lastWanted > IDLE_AFTER.toNanos()) {
                isProbing = false;
                return;
            }
        }
        probe.ask().whenComplete((answer, error) -> answered(error == null));
    }

    private synchronized void answered(boolean well) {
        if (isOpen && !well) {
            probeIn(INTERVAL);
            return;
        }
        isProbing = false;
        if (isOpen) {
            log.info("the scheduler answers again");
            isOpen = false;
            isClosedByProbe = true;
        }
    }
}
