package dev.jdist.client.execution.sccache;

import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.SchedulerStatus;
import java.io.IOException;
import java.util.concurrent.CompletionStage;

/** A farm, as those see it who have work for it. */
public interface CompileFarm {
    HttpUrl schedulerUrl();

    /** Whether there is a token to show; without one, nothing but a login makes sense. */
    boolean isLoggedIn();

    /** Asks the scheduler how the farm is. */
    SchedulerStatus status() throws IOException, InterruptedException;

    /**
     * Has a job done; blocks until it is.
     *
     * @param gone completes when nobody wants the result any more; the builder then sees the connection end
     * @throws FarmException if no builder did it
     */
    RemoteResult run(RemoteJob job, CompletionStage<Void> gone) throws FarmException, InterruptedException;
}
