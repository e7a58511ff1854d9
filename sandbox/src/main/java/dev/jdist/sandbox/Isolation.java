package dev.jdist.sandbox;

import dev.jdist.sandbox.view.FileView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A way to run one command after the other, each in a root of its own, that was found to work on this machine. Closing
 * it ends what still runs and removes what is left.
 */
public interface Isolation extends AutoCloseable {
    /**
     * A fresh root that shows the tree {@code lower}.
     *
     * @param lower a directory that must not change while the root is open, nor afterwards before {@link #giveUp}. A directory of the same name has the same
     *     content for as long as this isolation is open.
     */
    IsolatedRoot openRoot(Path lower) throws IOException, InterruptedException;

    /**
     * Ends what may have been prepared for roots on the tree {@code lower}, so that it can be removed: nothing of it is given
     * to a root any more. Roots that are open stay. Does not block.
     *
     * @return completes when all of it has ended
     */
    default CompletionStage<Void> giveUp(Path lower) {
        return CompletableFuture.completedFuture(null);
    }

    /** Why commands cannot run under a {@link FileView} here, and what to change; nothing if they can. */
    default Optional<String> withoutViews() {
        return Optional.of("sandboxes of this kind have no views");
    }

    /**
     * Runs a command once more, to see whether that still works.
     *
     * @throws IOException if it does not; the message says what is to be done about it
     */
    void prove() throws IOException, InterruptedException;

    /** Sees whether what commands need is there, as far as that can be had at a small part of what {@link #prove} takes. */
    void look() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
