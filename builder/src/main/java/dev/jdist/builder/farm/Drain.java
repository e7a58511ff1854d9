package dev.jdist.builder.farm;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Knows what a builder has under way, and when, after it has begun to take nothing new, all of that is over. */
public final class Drain {
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    @GuardedBy("this")
    private int underWay;

    @GuardedBy("this")
    private boolean begun;

    /** Counts something as under way until {@code end}. */
    public void track(CompletionStage<?> end) {
        synchronized (this) {
            underWay++;
        }
        end.whenComplete((done, error) -> ended());
    }

    private void ended() {
        boolean last;
        synchronized (this) {
            underWay--;
            last = begun && underWay == 0;
        }
        if (last) {
            over.complete(null);
        }
    }

    public synchronized boolean isAnythingUnderWay() {
        return underWay > 0;
    }

    public synchronized boolean hasBegun() {
        return begun;
    }

    /** Takes nothing new any more. @return completes when nothing is under way for the first time */
    public CompletionStage<Void> begin() {
        boolean nothing;
        synchronized (this) {
            begun = true;
            nothing = underWay == 0;
        }
        if (nothing) {
            over.complete(null);
        }
        return over;
    }
}
