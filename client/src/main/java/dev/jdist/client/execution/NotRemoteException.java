package dev.jdist.client.execution;

/** A unit is not compiled by another machine. The message says why, for the log. */
public final class NotRemoteException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whether the farm, and not the unit, is to blame. */
    private final boolean farmFailed;

    public NotRemoteException(String message, boolean farmFailed) {
        super(message);
        this.farmFailed = farmFailed;
    }

    /** Whether the farm, and not the unit, is to blame. */
    public boolean farmFailed() {
        return farmFailed;
    }
}
