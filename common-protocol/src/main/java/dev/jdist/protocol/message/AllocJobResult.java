package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** The scheduler's answer to {@code alloc_job}. The bincode variant index stands in brackets. */
public sealed interface AllocJobResult extends WireMessage {
    /**
     * [0]
     *
     * @param needToolchain whether the builder lacks the toolchain, so that the client must submit it first
     * @param certDigest SHA-256 of the builder's certificate (DER): ask for the certificate if it is not known yet
     */
    record Success(JobAlloc jobAlloc, boolean needToolchain, Bytes certDigest) implements AllocJobResult {
        @Override
        public void encode(WireWriter out) {
            out.beginVariant(0, "Success");
            out.beginStruct();
            out.field("job_alloc");
            jobAlloc.encode(out);
            out.field("need_toolchain").bool(needToolchain);
            out.field("cert_digest").bytes(certDigest);
            out.endStruct();
            out.endVariant();
        }
    }

    /** [1] No place: the message is for the client's log. */
    record Fail(String message) implements AllocJobResult {
        @Override
        public void encode(WireWriter out) {
            out.beginVariant(1, "Fail");
            out.beginStruct();
            out.field("msg").string(message);
            out.endStruct();
            out.endVariant();
        }
    }

    static AllocJobResult decode(WireReader in) {
        int variant = in.variant("Success", "Fail");
        in.beginStruct();
        AllocJobResult result = variant == 0
                ? new Success(
                        JobAlloc.decode(in.field("job_alloc")),
                        in.field("need_toolchain").bool(),
                        in.field("cert_digest").bytes())
                : new Fail(in.field("msg").string());
        in.endStruct();
        in.endVariant();
        return result;
    }
}
