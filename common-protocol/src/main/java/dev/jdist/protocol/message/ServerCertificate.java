package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireMessage;
import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/**
 * A builder's certificate as the scheduler hands it to clients.
 *
 * @param digest SHA-256 of the DER form
 * @param pem the certificate, PEM
 */
public record ServerCertificate(Bytes digest, Bytes pem) implements WireMessage {
    @Override
    public void encode(WireWriter out) {
        out.beginStruct();
        out.field("cert_digest").bytes(digest);
        out.field("cert_pem").bytes(pem);
        out.endStruct();
    }

    public static ServerCertificate decode(WireReader in) {
        in.beginStruct();
        ServerCertificate certificate = new ServerCertificate(
                in.field("cert_digest").bytes(), in.field("cert_pem").bytes());
        in.endStruct();
        return certificate;
    }
}
