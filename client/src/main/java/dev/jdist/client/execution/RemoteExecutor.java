package dev.jdist.client.execution;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** Has actions run by other machines. The implementation encodes them for its wire. */
public interface RemoteExecutor {
    /** Whether there is anything to show for being allowed to; without it, only a login helps. */
    boolean isLoggedIn();

    /**
     * Has an action run, and blocks until it has. Other machines are tried before this gives up.
     *
     * @param gone completes when nobody wants the result any more; the action is then cancelled
     * @throws FarmException if no machine ran it
     * @throws IOException if an input cannot be read
     */
    ActionResult execute(Action action, CompletionStage<Void> gone)
            throws FarmException, IOException, InterruptedException;

    /**
     * As {@link #execute(Action, CompletionStage)}, on the sources themselves.
     *
     * @throws NoSourcesException if they cannot be compiled there; always, for a wire that has no such actions
     */
    default ActionResult execute(SourceAction action, CompletionStage<Void> gone)
            throws FarmException, NoSourcesException, InterruptedException {
        throw new NoSourcesException("sources are not sent over this wire", true);
    }
}
