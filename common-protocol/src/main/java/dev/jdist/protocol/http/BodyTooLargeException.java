package dev.jdist.protocol.http;

import java.io.IOException;

/** A peer sends a body of more bytes than it may have. */
public final class BodyTooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    BodyTooLargeException(long most) {
        super("the body is over the limit of " + most + " bytes");
    }
}
