package dev.jdist.client;

import dev.jdist.client.cache.StampedFiles;
import dev.jdist.protocol.Bytes;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;

/** A launcher that waits for what to do. Exactly one of {@link #exit} and {@link #become} ends the conversation. */
interface Launcher {
    /**
     * Has it run a command, and waits for the end.
     *
     * @return the exit code, or 128 plus the number of the signal that ended it
     */
    int run(RunOrder order) throws LauncherGoneException, InterruptedException;

    /** Has it look which files have other stamps now; all of them if it is gone. */
    BitSet changed(StampedFiles files);

    /** Has it print and end. */
    void exit(int code, Bytes stdout, Bytes stderr);

    /** Has it become the compiler it was called for, as if jdist were not there. */
    void become();

    /** Completes when it went away before it was told to. */
    CompletionStage<Void> gone();
}
