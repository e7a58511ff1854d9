package dev.jdist.protocol.daemon;

/**
 * Has a daemon that has worked, and has nothing to do now, give memory back to the system: its garbage collector does so only
 * when it runs, and it runs only for want of memory. Looked at once a second, by one thread.
 */
public final class IdleMemory {
    /** A build pauses for as long, while it links. */
    static final int QUIET_LOOKS = 10;

    /** Bytes that a daemon may keep. */
    private static final long LITTLE = 48 << 20;

    private final Runnable release;
    private boolean hasWorked;
    private int quietLooks;

    /** One that has Java collect its garbage, if it has taken much for objects. */
    public IdleMemory() {
        this(() -> {
            if (Runtime.getRuntime().totalMemory() > LITTLE) {
                System.gc();
            }
        });
    }

    IdleMemory(Runnable release) {
        this.release = release;
    }

    /** @param isBusy whether there was anything to do since this was called last */
    public void look(boolean isBusy) {
        if (isBusy) {
            hasWorked = true;
            quietLooks = 0;
        } else if (hasWorked && ++quietLooks == QUIET_LOOKS) {
            hasWorked = false;
            release.run();
        }
    }
}
