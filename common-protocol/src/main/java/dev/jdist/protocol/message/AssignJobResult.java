package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** A builder's answer to {@code assign_job}: {@link JobState#PENDING} if it needs the toolchain, else READY. */
public record AssignJobResult(JobState state, boolean needToolchain) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("state");
        state.encode(out);
        out.field("need_toolchain").bool(needToolchain);
        out.endStruct();
    }

    public static AssignJobResult decode(WireReader in) {
        in.beginStruct();
        AssignJobResult result = new AssignJobResult(
                JobState.decode(in.field("state")), in.field("need_toolchain").bool());
        in.endStruct();
        return result;
    }
}
