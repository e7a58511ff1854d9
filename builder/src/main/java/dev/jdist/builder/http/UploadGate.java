package dev.jdist.builder.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.jdist.protocol.message.Toolchain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Whose turn it is to send a toolchain: one client's at a time, in the order in which they came. When it has arrived,
 * all who wait for it go on at once; if an upload ends otherwise, it is the next one's turn. Nobody holds a thread while
 * he waits.
 */
public final class UploadGate {
    private final Predicate<Toolchain> arrived;

    /** Lines that are not empty; in each, the turn of the first has come. */
    @GuardedBy("this")
    private final Map<Toolchain, Deque<CompletableFuture<Void>>> lines = new HashMap<>();

    /** @param arrived whether a toolchain is there, so that nobody has to send it any more */
    public UploadGate(Predicate<Toolchain> arrived) {
        this.arrived = arrived;
    }

    /**
     * Joins the line for a toolchain.
     *
     * @param over completes when whoever enters is done, well or not, be it before his turn has come
     * @return completes when it is his turn, or the toolchain has arrived
     */
    CompletionStage<Void> enter(Toolchain toolchain, CompletionStage<Void> over) {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        boolean first;
        synchronized (this) {
            Deque<CompletableFuture<Void>> line = lines.computeIfAbsent(toolchain, id -> new ArrayDeque<>());
            first = line.isEmpty();
            line.add(turn);
        }
        if (first) {
            turn.complete(null);
        }
        over.whenComplete((done, error) -> leave(toolchain, turn));
        return turn;
    }

    private void leave(Toolchain toolchain, CompletableFuture<Void> turn) {
        afterLeaving(toolchain, turn).forEach(next -> next.complete(null));
    }

    /** Takes a turn out of its line, and gives back those that have come thereby. */
    @SuppressWarnings("CollectionUndefinedEquality") // Futures are told apart by identity, as is meant.
    private synchronized List<CompletableFuture<Void>> afterLeaving(Toolchain toolchain, CompletableFuture<Void> turn) {
        Deque<CompletableFuture<Void>> line = lines.getOrDefault(toolchain, new ArrayDeque<>());
        boolean wasFirst = line.peek() == turn;
        line.remove(turn);
        boolean hasArrived = wasFirst && arrived.test(toolchain);
        if (line.isEmpty() || hasArrived) {
            lines.remove(toolchain, line);
        }
        if (hasArrived) {
            return new ArrayList<>(line);
        }
        return wasFirst && !line.isEmpty() ? List.of(line.peek()) : List.of();
    }
}
