package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** @param isNew whether the scheduler did not know this builder, or not this run of it */
public record HeartbeatResult(boolean isNew) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("is_new").bool(isNew);
        out.endStruct();
    }

    public static HeartbeatResult decode(WireReader in) {
        in.beginStruct();
        HeartbeatResult result = new HeartbeatResult(in.field("is_new").bool());
        in.endStruct();
        return result;
    }
}
