package dev.jdist.sandbox.bubblewrap;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How much all commands of a sandbox may have in files together. When that is exceeded, the command that has most is ended and the
 * others go on: one that fills the disk does not take it from its neighbours. Safe for use by several threads.
 */
final class ScratchQuota {
    /** By command, in the order in which they were first measured. */
    @GuardedBy("this")
    private final Map<Object, Long> used = new LinkedHashMap<>();

    @GuardedBy("this")
    private long bytes;

    ScratchQuota(long bytes) {
        this.bytes = bytes;
    }

    synchronized void set(long bytes) {
        this.bytes = bytes;
    }

    /**
     * Notes how much a command has, until it is released.
     *
     * @param command whatever tells it from the others
     * @return whether this command has to end: all together have too much, and it is the one that has most; of several it is
     *     the first
     */
    synchronized boolean isExceededBy(Object command, long itsBytes) {
        used.put(command, itsBytes);
        long total = 0;
        long most = -1;
        Object largest = command;
        for (Map.Entry<Object, Long> each : used.entrySet()) {
            total += each.getValue();
            if (each.getValue() > most) {
                most = each.getValue();
                largest = each.getKey();
            }
        }
        return total > bytes && largest == command;
    }

    /** The files of a command are gone. */
    synchronized void release(Object command) {
        used.remove(command);
    }
}
