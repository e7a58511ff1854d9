package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/**
 * A place for one job.
 *
 * @param auth the job token, to be shown to the builder with every request about this job
 */
public record JobAlloc(String auth, JobId jobId, ServerId serverId) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("auth").string(auth);
        out.field("job_id").u64(jobId.value());
        out.field("server_id").socketAddress(serverId);
        out.endStruct();
    }

    public static JobAlloc decode(WireReader in) {
        in.beginStruct();
        JobAlloc alloc = new JobAlloc(
                in.field("auth").string(),
                new JobId(in.field("job_id").u64()),
                in.field("server_id").socketAddress());
        in.endStruct();
        return alloc;
    }

    @Override
    public String toString() {
        return "job " + jobId + " on " + serverId;
    }
}
