package dev.jdist.client.execution.sccache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    // Near the overflow, where clocks of nanoseconds may be.
    private final AtomicLong now =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
    /** What is to be run later, of which there is one at most. */
    private final Deque<Later> later = new ArrayDeque<>();

    private final Deque<CompletableFuture<Void>> questions = new ArrayDeque<>();
    private final CircuitBreaker breaker = new CircuitBreaker(this::ask, this::schedule, now::get);

    private record Later(Runnable task, Duration delay) {}

    private CompletableFuture<Void> ask() {
        questions.add(new CompletableFuture<>());
        return questions.getLast();
    }

    private void schedule(Runnable task, Duration delay) {
        later.add(new Later(task, delay));
        assertEquals(1, later.size(), "never two at once");
        assertTrue(questions.isEmpty(), "never two at once");
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** Lets the time pass until the next question. @return how long that was */
    private Duration awaitQuestion() {
        Later next = later.remove();
        pass(next.delay);
        next.task.run();
        return next.delay;
    }

    private void answerWell() {
        questions.remove().complete(null);
    }

    private void answerNothing() {
        questions.remove().completeExceptionally(new IOException("connection refused"));
    }

    @Test
    void beginning_allowsAndAsksNothing() {
        assertTrue(breaker.allows());
        breaker.succeeded();
        assertTrue(breaker.allows());
        assertTrue(later.isEmpty());
    }

    @Test
    void failure_allowsNothingUntilTheSchedulerAnswers() {
        breaker.failed();
        for (int i = 0; i < 10; i++) {
            assertFalse(breaker.allows());
            assertEquals(CircuitBreaker.INTERVAL, awaitQuestion());
            assertFalse(breaker.allows(), "the question is under way");
            answerNothing();
        }
        assertFalse(breaker.allows());
        awaitQuestion();

        answerWell();

        assertTrue(breaker.allows());
        assertTrue(later.isEmpty());
    }

    /** make -j30, and the scheduler restarts: that is one failure, not thirty. */
    @Test
    void failuresAtOnce_countAsOne() {
        assertTrue(breaker.failed());
        for (int i = 0; i < 30; i++) {
            assertFalse(breaker.failed());
        }
        assertEquals(CircuitBreaker.INTERVAL, awaitQuestion());
        answerWell();
        assertTrue(breaker.allows());
    }

    /** With a wrong token, for example: nothing but that question is answered. */
    @Test
    void schedulerThatAnswersAndFails_isAskedLessAndLessOften() {
        long[] pauses = {500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000};
        for (long pause : pauses) {
            breaker.failed();
            breaker.allows();
            Later next = later.remove();
            assertEquals(pause, next.delay.toMillis());
            next.task.run();
            answerWell();
            assertTrue(breaker.allows());
        }
        breaker.succeeded();
        breaker.failed();
        assertEquals(CircuitBreaker.INTERVAL, later.remove().delay);
    }

    @Test
    void success_ofACallThatWasUnderWay_allowsAndEndsTheQuestions() {
        breaker.failed();
        breaker.succeeded();
        assertTrue(breaker.allows());
        awaitQuestion();
        assertTrue(questions.isEmpty());

        breaker.failed();
        awaitQuestion();
        breaker.succeeded();
        answerNothing();
        assertTrue(breaker.allows());
        assertTrue(later.isEmpty());
    }

    @Test
    void nobodyWantsAnything_asksNothingUntilSomebodyDoes() {
        breaker.allows();
        breaker.failed();
        pass(CircuitBreaker.IDLE_AFTER);
        awaitQuestion();
        assertTrue(questions.isEmpty());
        assertTrue(later.isEmpty());

        assertFalse(breaker.allows(), "it does not wait for the answer");
        assertEquals(Duration.ZERO, awaitQuestion());
        answerWell();
        assertTrue(breaker.allows());
    }

    @Test
    void failed_tellsTheFirstFromTheRest() {
        assertTrue(breaker.failed());
        assertFalse(breaker.failed());
        breaker.allows();
        awaitQuestion();
        answerWell();
        assertFalse(breaker.failed(), "there was no success in between");
        breaker.succeeded();
        assertTrue(breaker.failed());
    }
}
