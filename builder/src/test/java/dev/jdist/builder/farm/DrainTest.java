package dev.jdist.builder.farm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest {
    private final Drain drain = new Drain();

    @Test
    void begin_nothingUnderWay_isOverAtOnce() {
        assertFalse(drain.hasBegun());

        assertTrue(drain.begin().toCompletableFuture().isDone());
        assertTrue(drain.hasBegun());
    }

    @Test
    void begin_jobsUnderWay_isOverWithTheLastOfThem() {
        CompletableFuture<Void> one = new CompletableFuture<>();
        CompletableFuture<Void> other = new CompletableFuture<>();
        CompletableFuture<Void> late = new CompletableFuture<>();
        drain.track(one);
        drain.track(other);
        one.complete(null);

        CompletableFuture<Void> over = drain.begin().toCompletableFuture();
        drain.track(late);
        other.completeExceptionally(new IllegalStateException("its client disconnected"));
        assertFalse(over.isDone());
        late.complete(null);

        assertTrue(over.isDone());
    }

    @Test
    void track_jobsThatEndBeforeItBegins_areNoReasonToEnd() {
        drain.track(CompletableFuture.completedFuture(null));
        drain.track(new CompletableFuture<>());

        assertFalse(drain.begin().toCompletableFuture().isDone());
    }
}
