package dev.jdist.client.execution.sccache;

import dev.jdist.client.execution.ActionResult;
import dev.jdist.client.execution.sccache.AuditProof.Testimony;
import dev.jdist.client.files.Digest;
import dev.jdist.protocol.wire.ServerId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A job as it was sent, and what a builder made of it.
 *
 * @param millis when that was, since 1970
 * @param origin of the outputs
 */
record AuditSample(RemoteJob job, ServerId builder, List<ActionResult.Output> outputs, long millis, Closeable origin)
        implements Closeable {
    Testimony testimony() throws IOException {
        return testimony(builder, outputs);
    }

    /** For people: the first file that it made. */
    String name() {
        return outputs.stream().findFirst().map(ActionResult.Output::path).orElse("no file");
    }

    /** Bytes of all that it takes to keep it. */
    long length() {
        return job.body().length()
                + outputs.stream()
                        .mapToLong(output -> output.content().length())
                        .sum();
    }

    static Testimony testimony(ServerId builder, List<ActionResult.Output> outputs) throws IOException {
        Map<String, Digest> digests = new TreeMap<>();
        for (ActionResult.Output output : outputs) {
            try (InputStream in = output.content().toInputStream()) {
                digests.put(output.path(), Digest.of(in));
            }
        }
        return new Testimony(builder, digests);
    }

    @Override
    public void close() throws IOException {
        try {
            origin.close();
        } finally {
            job.close();
        }
    }
}
