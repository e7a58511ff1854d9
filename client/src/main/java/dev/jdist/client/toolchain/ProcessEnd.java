package dev.jdist.client.toolchain;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Waits for a program that must not hang. A slow machine under load may take minutes for what takes a moment elsewhere, so
 * it is not the time that counts but whether the program, or one that it started, still uses the processor.
 */
final class ProcessEnd {
    private static final long LOOK_MILLIS = 200;
    /** A program that runs in circles uses the processor, too. */
    private static final Duration MOST = Duration.ofMinutes(20);

    private ProcessEnd() {}

    /**
     * Waits.
     *
     * @param idle how long the program may do nothing
     * @return false if it did nothing for so long, or does not end at all; it still runs then
     */
    static boolean await(Process process, Duration idle) throws InterruptedException {
        long began = System.nanoTime();
        long last = began;
        Duration used = Duration.ZERO;
        while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            long now = System.nanoTime();
            Duration usedNow = used(process);
            if (!usedNow.equals(used)) {
                used = usedNow;
                last = now;
            } else if (now - last > idle.toNanos()) {
                return false;
            }
            if (now - began > MOST.toNanos()) {
                return false;
            }
        }
        return true;
    }

    /** Processor time of all that run. */
    private static Duration used(Process process) {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
