package dev.jdist.client.caller;

import java.util.concurrent.Semaphore;

/**
 * Bounds what runs on this machine, however many jobs the build tool starts for the farm's sake: one preprocessor or
 * compiler per core. Those who wait are served in order.
 */
public final class LocalSlots {
    private final Semaphore slots;

    public LocalSlots(int cores) {
        this.slots = new Semaphore(cores, true);
    }

    /** A slot, until it is closed. */
    public final class Slot implements AutoCloseable {
        private Slot() {}

        @Override
        public void close() {
            slots.release();
        }
    }

    /** Whether a command would not have to wait. */
    public boolean isOneFree() {
        return slots.availablePermits() > 0 && !slots.hasQueuedThreads();
    }

    public Slot acquire() throws InterruptedException {
        slots.acquire();
        return new Slot();
    }
}
