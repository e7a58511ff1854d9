package dev.jdist.client.execution;

import java.util.Optional;

/** A unit is not compiled by another machine. The message says why, for the log. */
public final class NotRemoteException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whether the farm, and not the unit, is to blame. */
    private final boolean farmFailed;

    private final Optional<String> kept;

    public NotRemoteException(String message, boolean farmFailed) {
        super(message);
        this.farmFailed = farmFailed;
        this.kept = Optional.empty();
    }

    /** The farm was not asked. @param kept why, as statistics name it */
    NotRemoteException(String message, String kept) {
        super(message);
        this.farmFailed = false;
        this.kept = Optional.of(kept);
    }

    /** Why the farm was not asked, as statistics name it; nothing if it was. */
    public Optional<String> kept() {
        return kept;
    }

    /** Whether the farm, and not the unit, is to blame. */
    public boolean farmFailed() {
        return farmFailed;
    }
}
