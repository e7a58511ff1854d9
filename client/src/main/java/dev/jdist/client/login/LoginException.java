package dev.jdist.client.login;

/** A login that did not work out. The message is for the person who tried. */
public final class LoginException extends Exception {
    private static final long serialVersionUID = 1;

    LoginException(String message) {
        super(message);
    }

    LoginException(String message, Throwable cause) {
        super(message, cause);
    }
}
