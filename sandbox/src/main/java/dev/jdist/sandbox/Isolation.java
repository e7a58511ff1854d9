package dev.jdist.sandbox;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A way to run one command after the other, each in a root of its own, that was found to work on this machine. Closing
 * it ends what still runs and removes what is left.
 */
public interface Isolation extends AutoCloseable {
    /**
     * A fresh root that shows the tree {@code lower}.
     *
     * @param lower a directory that must not change while the root is open. A directory of the same name has the same
     *     content for as long as this isolation is open.
     */
    IsolatedRoot openRoot(Path lower) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
