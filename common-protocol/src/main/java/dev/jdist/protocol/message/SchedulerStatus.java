package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/**
 * The farm in three numbers.
 *
 * @param numServers builders that are alive
 * @param numCpus the sum of what they offer
 * @param inProgress jobs that are allocated and not complete
 */
public record SchedulerStatus(long numServers, long numCpus, long inProgress) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("num_servers").u64(numServers);
        out.field("num_cpus").u64(numCpus);
        out.field("in_progress").u64(inProgress);
        out.endStruct();
    }

    public static SchedulerStatus decode(WireReader in) {
        in.beginStruct();
        SchedulerStatus status = new SchedulerStatus(
                in.field("num_servers").u64(),
                in.field("num_cpus").u64(),
                in.field("in_progress").u64());
        in.endStruct();
        return status;
    }
}
