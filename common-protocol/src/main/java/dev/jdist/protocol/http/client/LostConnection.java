package dev.jdist.protocol.http.client;

import dev.jdist.protocol.wire.Reason;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;

/** Why a connection broke, in words. */
public final class LostConnection {
    private LostConnection() {}

    /** TLS wraps the reason several times, and a channel that was closed gives none. */
    static IOException explain(Throwable cause) {
        Throwable root = Reason.rootOf(cause);
        if (root instanceof ClosedChannelException) {
            return new IOException("the connection was closed", cause);
        }
        if (root instanceof NotSslRecordException) {
            return new IOException(
                    "what answers there does not speak TLS; write http:// in place of https://, or switch TLS on"
                            + " there ([jdist] tls in the scheduler's settings)",
                    cause);
        }
        return new IOException(Reason.of(root), cause);
    }

    /**
     * Whether the message says what to do: the other side answered, without TLS or with a certificate that is not believed.
     * Neither a firewall nor a program that does not run is to blame then.
     */
    public static boolean tellsRemedy(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof NotSslRecordException) {
                return true;
            }
        }
        return false;
    }
}
