package dev.jdist.protocol.daemon;

import java.util.Objects;

/** A program cannot start. The message is for the person who started it and says what to do. */
public class StartupException extends Exception {
    private static final long serialVersionUID = 1;

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Every constructor takes one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
