package dev.jdist.scheduler.auth;

/** What a look at a client's token gave. */
public sealed interface ClientVerdict {
    /** The client may use the farm. */
    record Accepted() implements ClientVerdict {}

    /**
     * The token is not good.
     *
     * @param toldToClient gives nothing away
     * @param reason for the log
     */
    record Refused(String toldToClient, String reason) implements ClientVerdict {}

    /** Nobody could say: whoever knows about tokens does not answer. The client may come again. */
    record Undecided(String reason) implements ClientVerdict {}
}
