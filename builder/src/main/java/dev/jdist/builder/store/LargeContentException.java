package dev.jdist.builder.store;

import dev.jdist.protocol.view.Sha256;
import java.io.IOException;

/** A content has more bytes than its reader allows. */
public final class LargeContentException extends IOException {
    private static final long serialVersionUID = 1;

    LargeContentException(Sha256 digest, long size, int most) {
        super("the content " + digest + " has " + size + " bytes; at most " + most + " are read");
    }
}
