package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** Where a job stands. A builder reports each move, in this order and no other. The variant index is in brackets. */
public enum JobState implements WireMessage {
    /** [0] assigned; the builder still lacks the toolchain */
    PENDING(0, "Pending"),
    /** [1] the builder has the toolchain and waits for the inputs */
    READY(1, "Ready"),
    /** [2] the inputs arrive or the compiler runs */
    STARTED(2, "Started"),
    /** [3] over, whatever the outcome */
    COMPLETE(3, "Complete");

    private final int index;
    private final String wireName;

    JobState(int index, String wireName) {
        this.index = index;
        this.wireName = wireName;
    }

    @Override
    public void encode(WireWriter out) {
        out.unitVariant(index, wireName);
    }

    public static JobState decode(WireReader in) {
        JobState state = switch (in.variant("Pending", "Ready", "Started", "Complete")) {
            case 0 -> PENDING;
            case 1 -> READY;
            case 2 -> STARTED;
            default -> COMPLETE;
        };
        in.endVariant();
        return state;
    }
}
