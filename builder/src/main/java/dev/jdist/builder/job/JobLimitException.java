package dev.jdist.builder.job;

import java.io.IOException;
import java.util.Objects;

/** A job took more than it may, and was ended. The message names the limit by its key in the settings file. */
public final class JobLimitException extends IOException {
    private static final long serialVersionUID = 1;

    /** @param limit key and value */
    JobLimitException(String limit) {
        super("it exceeded the limit " + limit);
    }

    /** There is always one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
