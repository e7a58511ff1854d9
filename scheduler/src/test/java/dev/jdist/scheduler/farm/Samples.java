package dev.jdist.scheduler.farm;

import dev.jdist.protocol.message.Heartbeat;
import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.net.InetAddress;

/** Builders and clients that exist on paper only. */
public final class Samples {
    public static final Toolchain TOOLCHAIN = new Toolchain("0123456789abcdef".repeat(4));

    private Samples() {}

    public static ServerId builder(int number) {
        return ServerId.parse("10.0.0." + number + ":10501");
    }

    static InetAddress client(int number) {
        return ServerId.parse("10.1.0." + number + ":1").ip();
    }

    static Heartbeat heartbeat(long cpus) {
        return heartbeat(cpus, 1);
    }

    static Heartbeat heartbeat(long cpus, long nonce) {
        return new Heartbeat(key(nonce), cpus, nonce, certificate(nonce));
    }

    static Bytes key(long nonce) {
        return Bytes.utf8(("key " + nonce + " ").repeat(10).substring(0, 32));
    }

    static ServerCertificate certificate(long nonce) {
        return new ServerCertificate(Bytes.utf8("digest " + nonce), Bytes.utf8("pem " + nonce));
    }
}
