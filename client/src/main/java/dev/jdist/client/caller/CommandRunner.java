package dev.jdist.client.caller;

import java.util.concurrent.CompletionStage;

/**
 * Runs commands on the caller's behalf: in its directory and environment, within its limits and control groups, on its
 * terminal.
 */
public interface CommandRunner {
    /**
     * Runs a command and waits for its end.
     *
     * @return the exit code, which is below 256, or more if a signal ended it, or {@link RunCommand#TOO_LONG}
     */
    int run(RunCommand command) throws CallerGoneException, InterruptedException;

    /** Whether something was mounted or unmounted while a command ran, or may have been: paths may have led elsewhere. */
    boolean sawMounts();

    /** Completes when the caller went away before it had its answer. */
    CompletionStage<Void> gone();
}
