package dev.jdist.client.execution;

import java.io.IOException;

/** A unit cannot be compiled from its sources by the farm, but perhaps in another form. */
public final class NoSourcesException extends IOException {
    private static final long serialVersionUID = 1;

    private final boolean isOfFarm;

    /** @param isOfFarm whether the same would be so of other units: a builder does not compile sources */
    public NoSourcesException(String message, boolean isOfFarm) {
        super(message);
        this.isOfFarm = isOfFarm;
    }

    /** Whether the same would be so of other units. */
    public boolean isOfFarm() {
        return isOfFarm;
    }
}
