package dev.jdist.builder.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * How many compilers run at once. A slot that becomes free goes to the client that has the fewest: one that sends many jobs
 * at once does not keep another one's from the processors. Of one client's jobs, the first that came is the first to run.
 */
public final class JobSlots {
    @GuardedBy("this")
    private int free;

    @GuardedBy("this")
    private final Map<InetAddress, Integer> running = new HashMap<>();

    @GuardedBy("this")
    private final List<Waiting> waiting = new ArrayList<>();

    private record Waiting(InetAddress client, CountDownLatch turn) {}

    public JobSlots(int slots) {
        this.free = slots;
    }

    /** A slot, until it is closed. */
    public final class Slot implements AutoCloseable {
        private final InetAddress client;

        private Slot(InetAddress client) {
            this.client = client;
        }

        @Override
        public void close() {
            release(client);
        }
    }

    /** Waits for a slot. */
    public Slot acquire(InetAddress client) throws InterruptedException {
        Waiting own = new Waiting(client, new CountDownLatch(1));
        synchronized (this) {
            waiting.add(own);
            giveOut();
        }
        try {
            own.turn.await();
        } catch (InterruptedException e) {
            giveUp(own);
            throw e;
        }
        return new Slot(client);
    }

    private synchronized void giveUp(Waiting own) {
        if (!waiting.remove(own)) {
            release(own.client);
        }
    }

    private synchronized void release(InetAddress client) {
        running.computeIfPresent(client, (who, count) -> count == 1 ? null : count - 1);
        free++;
        giveOut();
    }

    /** Those who wait go on by themselves, once this lock is free. */
    @GuardedBy("this")
    private void giveOut() {
        while (free > 0 && !waiting.isEmpty()) {
            Waiting next = waiting.get(0);
            for (Waiting other : waiting) {
                if (running(other) < running(next)) {
                    next = other;
                }
            }
            waiting.remove(next);
            running.merge(next.client, 1, Integer::sum);
            free--;
            next.turn.countDown();
        }
    }

    @GuardedBy("this")
    private int running(Waiting one) {
        return running.getOrDefault(one.client, 0);
    }
}
