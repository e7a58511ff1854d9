package dev.jdist.builder.toolchain;

import java.io.IOException;

/** An archive that came over the network is damaged, too large, or holds what it must not. */
public final class ArchiveException extends IOException {
    private static final long serialVersionUID = 1;

    public ArchiveException(String message) {
        super(message);
    }

    public ArchiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
