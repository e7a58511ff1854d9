package dev.jdist.client.inputs;

/** Another machine might make something else of a unit's inputs than this one. The message says why, for the log. */
public final class NotSentException extends Exception {
    private static final long serialVersionUID = 1;

    NotSentException(String message) {
        super(message);
    }
}
