package dev.jdist.sandbox;

import java.io.IOException;
import java.util.Objects;

/** The sandbox itself failed, not the command in it. The message says what to do where somebody can do something. */
public final class SandboxException extends IOException {
    private static final long serialVersionUID = 1;

    public SandboxException(String message) {
        super(message);
    }

    public SandboxException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Every constructor takes one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
