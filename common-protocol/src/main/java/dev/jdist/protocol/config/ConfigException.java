package dev.jdist.protocol.config;

import java.util.Objects;

/** A setting cannot be used. The message names file, line and key, or the variable, and says what would be right. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Every constructor takes one. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** A variable whose value means nothing. */
    public static ConfigException of(Variable variable, String value, String wanted) {
        return new ConfigException("environment variable " + variable + ": \"" + value + "\" is not " + wanted);
    }
}
