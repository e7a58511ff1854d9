package dev.jdist.protocol.daemon;

import java.time.Duration;

/**
 * Who started this process. The launcher puts a daemon into the background and waits on a pipe, which the daemon has as
 * its standard output, until the daemon says how its start went; the line it reads begins with {@code ok} or
 * {@code error}. In the foreground there is nobody to tell but the terminal.
 */
public enum Starter {
    /** A person or a service manager: errors go to standard error. */
    TERMINAL,
    /** The launcher, waiting on standard output. */
    LAUNCHER;

    /** Set by the launcher. */
    private static final String PROPERTY = "jdist.background";

    public static Starter ofThisProcess() {
        return Boolean.getBoolean(PROPERTY) ? LAUNCHER : TERMINAL;
    }

    public boolean isBackground() {
        return this == LAUNCHER;
    }

    /** The start may take this long. */
    public void allow(Duration timeout) {
        if (this == LAUNCHER) {
            System.out.println("wait " + timeout.toMillis());
        }
    }

    /** The daemon serves now. */
    public void ready(String where) {
        if (this == LAUNCHER) {
            tell("ok " + where);
        }
    }

    /** The daemon will not serve, for this reason. */
    public void failed(String program, String reason) {
        if (this == LAUNCHER) {
            tell("error " + reason);
        } else {
            System.err.println(program + ": error: " + reason);
        }
    }

    private static void tell(String line) {
        System.out.print(line);
        // The pipe's end is the end of the message; the JDK puts /dev/null in its place.
        System.out.close();
    }
}
