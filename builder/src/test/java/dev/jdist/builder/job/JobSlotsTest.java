package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobSlotsTest {
    private static final InetAddress HOG = address(1);
    private static final InetAddress NEIGHBOUR = address(2);

    private final JobSlots slots = new JobSlots(2);
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A job on a thread of its own, which keeps its slot until it is told. */
    private final class Job {
        final CountDownLatch told = new CountDownLatch(1);
        final CompletableFuture<Void> runs = new CompletableFuture<>();
        final CompletableFuture<Void> over = new CompletableFuture<>();
        final Thread thread;

        Job(InetAddress client, String name) {
            thread = new Thread(() -> {
                try (JobSlots.Slot slot = slots.acquire(client)) {
                    order.add(name);
                    runs.complete(null);
                    told.await();
                } catch (InterruptedException e) {
                    // It gives up.
                } finally {
                    over.complete(null);
                }
            });
            thread.start();
        }

        /** One that has to wait: returns when it does. */
        Job waiting() {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            return this;
        }

        Job running() throws Exception {
            runs.get(30, TimeUnit.SECONDS);
            return this;
        }

        void end() throws Exception {
            told.countDown();
            over.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void acquire_clientWithFewer_comesBeforeOneThatCameFirst() throws Exception {
        Job first = new Job(HOG, "hog 1").running();
        Job second = new Job(HOG, "hog 2").running();
        Job third = new Job(HOG, "hog 3").waiting();
        Job fourth = new Job(HOG, "hog 4").waiting();
        Job neighbours = new Job(NEIGHBOUR, "neighbour").waiting();

        first.end();
        neighbours.running();
        second.end();
        third.running();
        third.end();
        fourth.running();

        assertEquals(List.of("hog 3", "hog 4"), order.subList(3, 5));
        assertEquals("neighbour", order.get(2));
        neighbours.end();
        fourth.end();
    }

    @Test
    void acquire_oneThatGivesUp_leavesItsSlotToOthers() throws Exception {
        Job first = new Job(HOG, "1").running();
        Job second = new Job(HOG, "2").running();
        Job third = new Job(HOG, "3").waiting();
        Job fourth = new Job(HOG, "4").waiting();

        third.thread.interrupt();
        third.over.get(30, TimeUnit.SECONDS);
        first.end();
        fourth.running();
        second.end();
        fourth.end();

        assertTrue(!order.contains("3"), order.toString());
        new Job(NEIGHBOUR, "5").running().end();
        new Job(NEIGHBOUR, "6").running().end();
    }
}
