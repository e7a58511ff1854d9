package dev.jdist.scheduler.farm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Those who wait for a place, fair between clients: whoever calls next serves the clients in turn, and each client's
 * requests in the order of their arrival. One client with a thousand requests does not delay another's first.
 *
 * <p>Not thread-safe; bounded by {@code capacity}.
 *
 * @param <C> what tells clients apart
 * @param <W> who waits
 */
public final class FairQueue<C, W> {
    private final int capacity;
    /** Clients in the order of their turns; none has an empty queue. */
    private final Map<C, Deque<W>> queues = new LinkedHashMap<>();

    private int size;

    FairQueue(int capacity) {
        this.capacity = capacity;
    }

    /** Lets {@code waiter} in, or tells that there is no room. */
    boolean enter(C client, W waiter) {
        if (size == capacity) {
            return false;
        }
        queues.computeIfAbsent(client, c -> new ArrayDeque<>()).add(waiter);
        size++;
        return true;
    }

    /** Takes out who is next. The client's following requests wait for the other clients' turns. */
    Optional<W> next() {
        var turns = queues.entrySet().iterator();
        if (!turns.hasNext()) {
            return Optional.empty();
        }
        Map.Entry<C, Deque<W>> turn = turns.next();
        C client = turn.getKey();
        Deque<W> queue = turn.getValue();
        turns.remove();
        W waiter = queue.remove();
        if (!queue.isEmpty()) {
            queues.put(client, queue);
        }
        size--;
        return Optional.of(waiter);
    }

    /** Puts back, at the head of everything, one that {@link #next} gave out in vain. */
    void putBack(C client, W waiter) {
        Deque<W> queue = queues.remove(client);
        if (queue == null) {
            queue = new ArrayDeque<>();
        }
        queue.addFirst(waiter);
        Map<C, Deque<W>> others = new LinkedHashMap<>(queues);
        queues.clear();
        queues.put(client, queue);
        queues.putAll(others);
        size++;
    }

    boolean remove(C client, W waiter) {
        Deque<W> queue = queues.get(client);
        if (queue == null || !queue.remove(waiter)) {
            return false;
        }
        if (queue.isEmpty()) {
            queues.remove(client);
        }
        size--;
        return true;
    }

    int size() {
        return size;
    }
}
