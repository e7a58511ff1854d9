package dev.jdist.client.execution.sccache;

import dev.jdist.client.toolchain.PackagedToolchain;
import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.http.client.HttpAnswer;
import dev.jdist.protocol.http.client.HttpTarget;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.RunJobResult;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A job, ready for whichever builder takes it, once or several times. */
interface BuilderJob {
    /** How long a builder may take for a job. */
    Duration TIMEOUT = Duration.ofSeconds(1200);

    PackagedToolchain toolchain();

    /** Has a builder do it. */
    Done runOn(Place place) throws IOException, InterruptedException;

    /**
     * Where a job is to be done.
     *
     * @param slot which the scheduler gave, with the {@link JobToken} for it
     * @param gone completes when nobody wants the result any more
     */
    record Place(HttpTarget builder, JobAlloc slot, CallerCalls calls, CompletionStage<Void> gone) {
        Secret token() {
            return new Secret(slot.auth());
        }
    }

    /**
     * What a builder did.
     *
     * @param origin of the result, which can be read until this is closed
     */
    record Done(RunJobResult.Complete result, HttpAnswer origin) implements Closeable {
        @Override
        public void close() throws IOException {
            origin.close();
        }
    }
}
