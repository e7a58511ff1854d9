package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A moment by the clock of a file system, in nanoseconds since 1970. */
public record Moment(long nanos) {
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
    /** Longer than the coarsest tick of a kernel's clock, which is 10 ms. */
    private static final long MAX_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    /**
     * Now, by the clock of the file system on which {@code file} is made. What changed before {@code asked} has an earlier
     * stamp, and what changes from now on has not: that clock ticks, so the next tick is awaited if it is the same one. Since
     * Linux 6.13, a file whose stamp was read gets the exact time, and nothing is awaited.
     *
     * @param asked nanoseconds since 1970, not in the future
     */
    public static Moment after(long asked, Path file) throws IOException {
        long began = System.nanoTime();
        for (int attempt = 0; ; attempt++) {
            Files.write(file, new byte[0]);
            Moment now = new Moment(FileStat.of(file).orElseThrow().changed());
            if (now.nanos > asked || System.nanoTime() - began > MAX_WAIT_NANOS) {
                return now;
            }
            if (attempt > 0) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }
}
