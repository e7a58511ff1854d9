package dev.jdist.protocol.http;

import dev.jdist.protocol.auth.ServerIdentity;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS contexts for the three cases there are. BoringSSL does the work where it loads, the JDK elsewhere. */
public final class Tls {
    /** Where Linux distributions keep the authorities they trust. */
    private static final File SYSTEM_CERTIFICATES = new File("/etc/ssl/certs/ca-certificates.crt");

    private Tls() {}

    /** For a builder's port. */
    public static SslContext server(ServerIdentity identity) {
        try {
            return SslContextBuilder.forServer(identity.privateKey(), identity.certificate())
                    .sslProvider(provider())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot set up TLS for the builder's port", e);
        }
    }

    /**
     * For a connection to a builder: believes just this certificate, whatever name or time it bears. That it is the one
     * of the heartbeat is all there is to check, and a clock that is off must not stop a farm.
     */
    public static SslContext clientTrusting(X509Certificate pinned) {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(provider())
                    .trustManager(new PinnedTrustManager(pinned))
                    .endpointIdentificationAlgorithm(null)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot set up TLS towards a builder", e);
        }
    }

    /** For an https scheduler or web server: believes what this machine believes, and checks the host name. */
    public static SslContext clientOfSystem() {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(provider());
            if (SYSTEM_CERTIFICATES.canRead()) {
                builder.trustManager(SYSTEM_CERTIFICATES);
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot set up TLS with the authorities of this machine", e);
        }
    }

    private static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    private static final class PinnedTrustManager extends X509ExtendedTrustManager {
        private final X509Certificate pinned;

        PinnedTrustManager(X509Certificate pinned) {
            this.pinned = pinned;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            if (chain.length == 0 || !chain[0].equals(pinned)) {
                throw new CertificateException("the builder's certificate is not the one that the scheduler named");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("client certificates are not accepted");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {pinned};
        }
    }
}
