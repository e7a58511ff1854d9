package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** A builder's answer to {@code submit_toolchain}. The bincode variant index stands in brackets. */
public enum SubmitToolchainResult implements WireMessage {
    /** [0] it is there now */
    SUCCESS(0, "Success"),
    /** [1] the job is not, or no longer, known */
    JOB_NOT_FOUND(1, "JobNotFound"),
    /** [2] it could not be kept: too large, damaged, or no room */
    CANNOT_CACHE(2, "CannotCache");

    private final int index;
    private final String wireName;

    SubmitToolchainResult(int index, String wireName) {
        this.index = index;
        this.wireName = wireName;
    }

    @Override
    public void encode(WireWriter out) {
        out.unitVariant(index, wireName);
    }

    public static SubmitToolchainResult decode(WireReader in) {
        SubmitToolchainResult result = switch (in.variant("Success", "JobNotFound", "CannotCache")) {
            case 0 -> SUCCESS;
            case 1 -> JOB_NOT_FOUND;
            default -> CANNOT_CACHE;
        };
        in.endVariant();
        return result;
    }
}
