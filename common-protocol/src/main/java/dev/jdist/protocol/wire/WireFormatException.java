package dev.jdist.protocol.wire;

import java.util.Objects;

/** The input is not the message that was expected. The message says where it stops making sense, never what it held. */
public final class WireFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public WireFormatException(String message) {
        super(message);
    }

    public WireFormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Every constructor takes one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
