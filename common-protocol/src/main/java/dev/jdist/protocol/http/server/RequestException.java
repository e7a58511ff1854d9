package dev.jdist.protocol.http.server;

/** Thrown by a handler to answer with an error of its choice instead of 500. */
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient HttpReply reply;

    public RequestException(int status, String description, String... causes) {
        super(description);
        this.reply = HttpReply.error(status, description, causes);
    }

    HttpReply reply() {
        return reply;
    }
}
