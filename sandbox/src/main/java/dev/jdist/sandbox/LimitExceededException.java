package dev.jdist.sandbox;

import java.io.IOException;

/** The command was ended because it took more than it may. */
public final class LimitExceededException extends IOException {
    private static final long serialVersionUID = 1;

    private final JobLimit limit;

    public LimitExceededException(JobLimit limit) {
        super("the command exceeded its limit and was killed: " + limit);
        this.limit = limit;
    }

    public JobLimit limit() {
        return limit;
    }
}
