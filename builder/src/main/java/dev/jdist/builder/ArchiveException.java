package dev.jdist.builder;

import java.io.IOException;

/** An archive that came over the network is damaged, too large, or holds what it must not. */
final class ArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    ArchiveException(String message) {
        super(message);
    }

    ArchiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
