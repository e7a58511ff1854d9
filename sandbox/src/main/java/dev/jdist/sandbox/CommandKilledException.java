package dev.jdist.sandbox;

import java.io.IOException;

/** The command was ended before its time, as nobody wanted it any more. */
public final class CommandKilledException extends IOException {
    private static final long serialVersionUID = 1;

    public CommandKilledException(String message) {
        super(message);
    }
}
