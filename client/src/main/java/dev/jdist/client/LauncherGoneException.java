package dev.jdist.client;

/** The launcher went away (Ctrl-C, a killed build): there is nobody left to work for. */
final class LauncherGoneException extends Exception {
    private static final long serialVersionUID = 1;

    LauncherGoneException() {
        super("the launcher went away");
    }
}
