package dev.jdist.protocol.wire;

import java.net.NoRouteToHostException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/** Why something failed, in words, for whoever is told: a person, the log, or the other side of a connection. */
public final class Reason {
    /** By which Netty begins what the kernel says: the name of a function and a number, of which no user knows. */
    private static final Pattern SYSTEM_CALL = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ");

    /** By which Netty begins what it says of a failure that has no message of its own. */
    private static final String NO_MESSAGE = "null: ";

    private Reason() {}

    /** The first of all causes, behind whatever it was wrapped in. */
    public static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** The message of {@code failure}; what it is, if it has no message. Of a future's failure, what it failed by. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        if (message == null) {
            return cause.toString();
        }
        if (message.startsWith(NO_MESSAGE)) {
            String what = cause instanceof NoRouteToHostException
                    ? "No route to host"
                    : cause.getClass().getSimpleName();
            return what + ": " + message.substring(NO_MESSAGE.length());
        }
        return SYSTEM_CALL.matcher(message).replaceFirst("");
    }
}
