package dev.jdist.protocol.wire;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Why something failed, in words, for whoever is told: a person, the log, or the other side of a connection. */
public final class Reason {
    private Reason() {}

    /** The message of {@code failure}; what it is, if it has no message. Of a future's failure, what it failed by. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.toString() : message;
    }
}
