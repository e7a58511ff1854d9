package dev.jdist.protocol.http.client;

import java.io.IOException;

/** The other side answered with an error. */
public final class HttpStatusException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    HttpStatusException(int status, String text) {
        super("error " + status + (text.isEmpty() ? "" : ": " + text));
        this.status = status;
    }

    public int status() {
        return status;
    }
}
