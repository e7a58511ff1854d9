package dev.jdist.protocol.http.server;

import dev.jdist.protocol.spool.Spool;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A handler's turn, on a thread that may block. There is an answer in any case.
 *
 * @param body closed once the handler has returned
 */
record HandlerCall(Executor executor, Closeable body, Making handler) {
    /** Throws nothing. */
    interface Making {
        Answer answer();
    }

    static HandlerCall of(HttpRoute.Streaming route, HttpExchange served, BodyStream body) {
        return new HandlerCall(route.executor(), body, () -> {
            try {
                return route.handler().handle(served, body);
            } catch (Throwable e) {
                // An Error too is answered: the client would wait for its whole timeout.
                return body.isBroken() ? ErrorReplies.brokenOff(served, e) : ErrorReplies.failure(served, e);
            }
        });
    }

    static HandlerCall of(HttpRoute.Spooled route, HttpExchange served, Spool body) {
        return new HandlerCall(route.executor(), body, () -> {
            try {
                return route.handler().handle(served, body);
            } catch (Throwable e) {
                return ErrorReplies.failure(served, e);
            }
        });
    }

    /**
     * Has the handler called.
     *
     * @param answered called on the handler's thread
     * @param refused called at once, if there is no thread
     */
    void begin(Consumer<Answer> answered, Consumer<HttpReply> refused) {
        try {
            executor.execute(() -> {
                Answer made = handler.answer();
                close(body);
                answered.accept(made);
            });
        } catch (RejectedExecutionException e) {
            close(body);
            refused.accept(HttpReply.error(503, "this server is stopping or overloaded"));
        }
    }

    static void close(Closeable closed) {
        try {
            closed.close();
        } catch (IOException e) {
            ServerConnection.log.debug("cannot close what a request was read from or answered with: {}", e.toString());
        }
    }
}
