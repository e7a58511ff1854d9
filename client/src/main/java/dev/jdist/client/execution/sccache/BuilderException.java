package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.http.client.HttpStatusException;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.net.ConnectException;

/** A builder did not do a job, and is to blame for that. */
final class BuilderException extends IOException {
    private static final long serialVersionUID = 1;

    private static final int UNAVAILABLE = 503;

    private final BuilderFault fault;

    BuilderException(BuilderFault fault, String message) {
        super(message);
        this.fault = fault;
    }

    BuilderException(BuilderFault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** @param problem of a call that sends a builder a toolchain */
    static BuilderException inUpload(IOException problem) {
        BuilderFault fault = problem instanceof HttpStatusException ? BuilderFault.TOOLCHAIN : BuilderFault.UPLOAD;
        return new BuilderException(isGone(problem) ? BuilderFault.GONE : fault, Reason.of(problem), problem);
    }

    /** @param problem of a call that has a builder run a job; one that took too much would do so anywhere */
    static IOException inRun(IOException problem) {
        if (problem instanceof HttpStatusException answer && answer.status() == StatusCodes.OVER_LIMIT) {
            return problem;
        }
        boolean isAnswered = problem instanceof HttpStatusException && !isGone(problem);
        return new BuilderException(isAnswered ? BuilderFault.JOB : BuilderFault.GONE, Reason.of(problem), problem);
    }

    /** Whether it cannot be reached, or is stopping. */
    private static boolean isGone(IOException problem) {
        return problem.getCause() instanceof ConnectException
                || problem instanceof HttpStatusException answer && answer.status() == UNAVAILABLE;
    }

    BuilderFault fault() {
        return fault;
    }
}
