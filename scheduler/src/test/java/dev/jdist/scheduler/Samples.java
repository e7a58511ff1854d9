package dev.jdist.scheduler;

import dev.jdist.protocol.Bytes;
import dev.jdist.protocol.Heartbeat;
import dev.jdist.protocol.ServerCertificate;
import dev.jdist.protocol.ServerId;
import dev.jdist.protocol.Toolchain;
import java.net.InetAddress;

/** Builders and clients that exist on paper only. */
final class Samples {
    static final Toolchain TOOLCHAIN = new Toolchain("0123456789abcdef".repeat(4));

    private Samples() {}

    static ServerId builder(int number) {
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
