package dev.jdist.builder.http;

import dev.jdist.builder.farm.Fitness;
import dev.jdist.builder.job.JobLimitException;
import dev.jdist.builder.store.NoRoomException;
import dev.jdist.builder.store.WrongContentException;
import dev.jdist.builder.toolchain.ArchiveException;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.server.HttpExchange;
import dev.jdist.protocol.http.server.RequestException;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.spool.SpoolFullException;
import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.sandbox.tree.UnsafePathException;
import dev.jdist.sandbox.view.ViewException;
import java.io.EOFException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log, and to the client, why a job came to nothing.
 *
 * @param fitness is to look whether this builder is to blame
 */
record JobFailures(Fitness fitness) {
    private static final Logger log = LoggerFactory.getLogger(JobFailures.class);

    /** What a client is answered. A mistake of ours comes back as it is. */
    RuntimeException of(HttpExchange exchange, JobId job, Exception e) {
        String client = exchange.remoteAddress().getHostAddress();
        if (e instanceof JobLimitException) {
            log.warn("job {} of {} was killed: {}", job, client, Reason.of(e));
            return new RequestException(StatusCodes.OVER_LIMIT, "job " + job + " was ended", Reason.of(e));
        } else if (e instanceof ViewException) {
            log.info("job {} of {} is to be sent in another form: {}", job, client, Reason.of(e));
            return new RequestException(
                    StatusCodes.NO_VIEW, "job " + job + " cannot be compiled from its sources here", Reason.of(e));
        } else if (e instanceof WireFormatException
                || e instanceof ArchiveException
                || e instanceof UnsafePathException
                || e instanceof WrongContentException
                || e instanceof EOFException) {
            if (exchange.disconnected().isDone()) {
                log.info("job {} is killed, as its client disconnected", job);
            } else {
                log.warn("job {} from {} is refused: {}", job, client, Reason.of(e));
            }
            // After a 4xx a stock client fails the build, after a 5xx it compiles locally.
            boolean contentRefused = e instanceof ArchiveException || e instanceof UnsafePathException;
            return new RequestException(
                    contentRefused && !exchange.isFromJdist() ? 500 : 400, "job " + job + " is refused", Reason.of(e));
        } else if (e instanceof SpoolFullException || e instanceof NoRoomException) {
            log.warn("job {} of {} failed: {}", job, client, Reason.of(e));
            return new RequestException(503, "job " + job + " is ended", Reason.of(e));
        } else if (e instanceof InterruptedException) {
            return new RequestException(503, BuilderServer.STOPPING);
        } else if (e instanceof IOException) {
            if (exchange.disconnected().isDone()) {
                log.info("job {} is killed, as its client disconnected", job);
            } else {
                log.warn("job {} failed: {}", job, e.toString());
                fitness.suspect();
            }
            return new RequestException(500, "run build failed", Reason.of(e));
        }
        return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
}
