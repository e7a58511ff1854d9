package dev.jdist.client.caller;

/** The launcher went away (Ctrl-C, a killed build): there is nobody left to work for. */
public final class CallerGoneException extends Exception {
    private static final long serialVersionUID = 1;

    public CallerGoneException() {
        super("the launcher disconnected");
    }
}
