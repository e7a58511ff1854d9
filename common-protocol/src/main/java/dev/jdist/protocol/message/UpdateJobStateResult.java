package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** The scheduler's answer to {@code job_state}. The bincode variant index stands in brackets. */
public sealed interface UpdateJobStateResult extends WireMessage {
    /** [0] */
    record Success() implements UpdateJobStateResult {
        @Override
        public void encode(WireWriter out) {
            out.unitVariant(0, "Success");
        }
    }

    /** [1] */
    record Fail(String message) implements UpdateJobStateResult {
        @Override
        public void encode(WireWriter out) {
            out.beginVariant(1, "Fail");
            out.beginStruct();
            out.field("msg").string(message);
            out.endStruct();
            out.endVariant();
        }
    }

    static UpdateJobStateResult decode(WireReader in) {
        UpdateJobStateResult result;
        if (in.variant("Success", "Fail") == 0) {
            result = new Success();
        } else {
            in.beginStruct();
            result = new Fail(in.field("msg").string());
            in.endStruct();
        }
        in.endVariant();
        return result;
    }
}
