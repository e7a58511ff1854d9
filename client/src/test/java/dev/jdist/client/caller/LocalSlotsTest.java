package dev.jdist.client.caller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LocalSlotsTest {
    @Test
    void acquire_neverMoreAtOnceThanCores() throws Exception {
        LocalSlots slots = new LocalSlots(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(3);
        ExecutorService threads = Executors.newFixedThreadPool(12);
        try {
            List<Future<?>> all = IntStream.range(0, 200)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> {
                        try (LocalSlots.Slot slot = slots.acquire()) {
                            most.accumulateAndGet(now.incrementAndGet(), Math::max);
                            // Those who come first wait for each other, so that all slots have been in use at once.
                            full.countDown();
                            assertTrue(full.await(20, TimeUnit.SECONDS));
                            now.decrementAndGet();
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(3, most.get());
    }

    @Test
    void slot_isFreeAgainWhenItsHolderFails() throws InterruptedException {
        LocalSlots slots = new LocalSlots(1);
        assertThrows(IllegalStateException.class, () -> {
            try (LocalSlots.Slot slot = slots.acquire()) {
                throw new IllegalStateException("the compiler burst");
            }
        });
        slots.acquire().close();
    }

    @Test
    void acquire_interrupted_takesNoSlot() throws InterruptedException {
        LocalSlots slots = new LocalSlots(1);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, slots::acquire);
        slots.acquire().close();
    }
}
