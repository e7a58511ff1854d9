package dev.jdist.protocol.spool;

import dev.jdist.protocol.config.ByteSize;
import java.io.IOException;

/** There is no room for more bytes. */
public final class SpoolFullException extends IOException {
    private static final long serialVersionUID = 1;

    SpoolFullException(String what, long limit) {
        super(what + " of " + ByteSize.format(limit));
    }
}
