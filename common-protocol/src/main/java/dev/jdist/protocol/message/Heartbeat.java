package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/**
 * What a builder tells the scheduler about itself, at its start and then regularly.
 *
 * @param jwtKey the key with which the scheduler signs job tokens for this builder, 32 bytes
 * @param numCpus how many jobs it runs at once, more or less
 * @param nonce drawn at the builder's start: another nonce means that it restarted and forgot its jobs
 * @param certificate what it shows on its TLS port
 */
public record Heartbeat(Bytes jwtKey, long numCpus, long nonce, ServerCertificate certificate) implements WireMessage {
    /** The most CPUs that a scheduler believes a builder to have. */
    public static final int MAX_CPUS = 65_536;

    /**
     * How many jobs a builder with this many CPUs gets at once: a few more, to make up for the time that jobs spend on
     * the network. Scheduler and builder count in the same way, or one would hand out what the other has no room for.
     */
    public static int slots(long cpus) {
        return Math.toIntExact(cpus + 1 + cpus / 8);
    }

    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("jwt_key").bytes(jwtKey);
        out.field("num_cpus").u64(numCpus);
        out.field("server_nonce").u64(nonce);
        out.field("cert_digest").bytes(certificate.digest());
        out.field("cert_pem").bytes(certificate.pem());
        out.endStruct();
    }

    public static Heartbeat decode(WireReader in) {
        in.beginStruct();
        Heartbeat heartbeat = new Heartbeat(
                in.field("jwt_key").bytes(),
                in.field("num_cpus").u64(),
                in.field("server_nonce").u64(),
                new ServerCertificate(
                        in.field("cert_digest").bytes(), in.field("cert_pem").bytes()));
        in.endStruct();
        return heartbeat;
    }
}
