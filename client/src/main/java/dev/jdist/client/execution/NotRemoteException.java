package dev.jdist.client.execution;

import java.util.Optional;

/** A unit is not compiled by another machine. The message says why, for the log. */
public final class NotRemoteException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whether the farm, and not the unit, is to blame. */
    private final boolean farmFailed;

    private final transient Optional<ActionResult> suspect;
    private final transient Optional<String> kept;

    public NotRemoteException(String message, boolean farmFailed) {
        this(message, farmFailed, Optional.empty(), Optional.empty());
    }

    /** The farm was not asked. @param kept why, as statistics name it */
    NotRemoteException(String message, String kept) {
        this(message, false, Optional.empty(), Optional.of(kept));
    }

    private NotRemoteException(
            String message, boolean farmFailed, Optional<ActionResult> suspect, Optional<String> kept) {
        super(message);
        this.farmFailed = farmFailed;
        this.suspect = suspect;
        this.kept = kept;
    }

    /** The command failed elsewhere, and only the local compiler can tell whether rightly so. */
    static NotRemoteException failed(ActionResult result) {
        return new NotRemoteException(
                "builder " + result.executor() + " ended with exit code " + result.code()
                        + ", so the local compiler decides",
                true,
                Optional.of(result),
                Optional.empty());
    }

    /** Why the farm was not asked, as statistics name it; nothing if it was. */
    public Optional<String> kept() {
        return kept;
    }

    /** Whether the farm, and not the unit, is to blame. */
    public boolean farmFailed() {
        return farmFailed;
    }

    /**
     * Passes on what the local compiler said, if anybody waits for that.
     *
     * @param compiled whether it compiled the unit
     */
    public void resolve(boolean compiled) {
        suspect.ifPresent(result -> result.judge()
                .judge(
                        compiled ? Verdict.FAILS_ELSEWHERE_ONLY : Verdict.OPEN,
                        "its compiler ended with exit code " + result.code() + " for a unit that compiles here"));
    }
}
