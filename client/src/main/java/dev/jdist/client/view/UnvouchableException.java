package dev.jdist.client.view;

import java.io.IOException;

/** A compile asks for something that this client cannot vouch for: a device, a file that its user may not read, one that is too large. */
public final class UnvouchableException extends IOException {
    private static final long serialVersionUID = 1;

    UnvouchableException(String message) {
        super(message);
    }
}
