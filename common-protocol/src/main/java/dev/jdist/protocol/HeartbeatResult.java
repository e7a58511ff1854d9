package dev.jdist.protocol;

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
