package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.RemoteExecutor;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.SchedulerStatus;
import java.io.IOException;

/** A farm of sccache-dist's kind: a remote executor whose scheduler can be asked how the farm is. */
public interface CompileFarm extends RemoteExecutor {
    HttpUrl schedulerUrl();

    /** Asks the scheduler how the farm is. */
    SchedulerStatus status() throws IOException, InterruptedException;
}
