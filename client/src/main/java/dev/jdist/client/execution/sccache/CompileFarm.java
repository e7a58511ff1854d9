package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.RemoteExecutor;
import dev.jdist.protocol.config.HttpUrl;
import dev.jdist.protocol.message.SchedulerStatus;
import java.io.IOException;
import java.util.List;

/** A farm of sccache-dist's kind: a remote executor whose scheduler can be asked how the farm is. */
public interface CompileFarm extends RemoteExecutor {
    HttpUrl schedulerUrl();

    /** Asks the scheduler how the farm is. */
    SchedulerStatus status() throws IOException, InterruptedException;

    /** Builders that are left alone now, as they failed. */
    List<LeftAlone> leftAlone();

    /**
     * A builder that failed, and is left alone.
     *
     * @param builder its address, or that and the toolchain that is not sent there
     * @param reason what happened: a part of a sentence
     * @param seconds until it is tried again
     */
    record LeftAlone(String builder, String reason, long seconds) {}
}
