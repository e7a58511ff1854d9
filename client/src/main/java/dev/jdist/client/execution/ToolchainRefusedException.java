package dev.jdist.client.execution;

import java.io.IOException;

/** A builder looked into an archive and would not have it. */
public final class ToolchainRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    public ToolchainRefusedException(String message) {
        super(message);
    }
}
