package dev.jdist.client.execution;

import java.io.IOException;

/** A unit cannot be compiled from its sources by the farm, but perhaps in another form. */
public final class NoSourcesException extends IOException {
    private static final long serialVersionUID = 1;

    public NoSourcesException(String message) {
        super(message);
    }
}
