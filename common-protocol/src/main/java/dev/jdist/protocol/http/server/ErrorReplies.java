package dev.jdist.protocol.http.server;

import dev.jdist.protocol.http.BodyTooLargeException;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.spool.SpoolFullException;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;

/** What the exceptions of handlers, and bodies that do not come whole, are told to clients as. */
final class ErrorReplies {
    private static final Logger log = ServerConnection.log;

    private ErrorReplies() {}

    /** A client that goes away in the middle of a body is no trouble of ours; nobody is left to read the answer. */
    static HttpReply brokenOff(HttpExchange served, Throwable error) {
        log.debug("a body from {} broke off: {}", served.remoteAddress(), error.toString());
        return HttpReply.empty(400);
    }

    /** A body that did not come whole, by its client's fault or for want of room. */
    static HttpReply notReceived(HttpExchange served, Throwable error) {
        if (error instanceof BodyTooLargeException) {
            return HttpReply.error(StatusCodes.OVER_LIMIT, Reason.of(error));
        } else if (error instanceof SpoolFullException) {
            log.warn("a request from {} is refused: {}", served.remoteAddress().getHostAddress(), error.getMessage());
            return HttpReply.error(503, Reason.of(error));
        }
        return served.disconnected().isDone() ? brokenOff(served, error) : failure(served, error);
    }

    /** What a handler's exception is told to the client as. */
    static HttpReply failure(HttpExchange served, Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        if (cause instanceof RequestException refused) {
            return refused.reply();
        }
        if (served.disconnected().isDone()) {
            log.debug("a request ends, as its client disconnected");
        } else if (cause instanceof IOException) {
            log.warn("a request of {} failed: {}", served.remoteAddress().getHostAddress(), Reason.of(cause));
        } else {
            log.warn("a request failed", cause);
        }
        return HttpReply.error(500, Reason.of(cause));
    }
}
