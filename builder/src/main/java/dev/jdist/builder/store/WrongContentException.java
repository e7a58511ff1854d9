package dev.jdist.builder.store;

import dev.jdist.protocol.view.Sha256;
import java.io.IOException;

/** A content was sent under a digest that is not its own. */
public final class WrongContentException extends IOException {
    private static final long serialVersionUID = 1;

    WrongContentException(Sha256 digest, Sha256 actual) {
        super("a content was sent as " + digest + " that is " + actual);
    }
}
