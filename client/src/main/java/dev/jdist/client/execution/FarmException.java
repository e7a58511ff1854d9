package dev.jdist.client.execution;

import java.io.IOException;

/** The farm did not do a job. The message is for the log. */
public final class FarmException extends IOException {
    private static final long serialVersionUID = 1;

    public FarmException(String message) {
        super(message);
    }

    public FarmException(String message, Throwable cause) {
        super(message, cause);
    }
}
