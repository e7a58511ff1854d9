package dev.jdist.protocol.http;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.CertificatePin;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/** TLS contexts for the cases there are. BoringSSL does the work where it loads, the JDK elsewhere. */
public final class Tls {
    /** Where Linux distributions keep the authorities they trust. */
    private static final Path SYSTEM_CERTIFICATES = Path.of("/etc/ssl/certs/ca-certificates.crt");

    private Tls() {}

    /** For a builder's port. */
    public static SslContext server(ServerIdentity identity) {
        try {
            return server(identity.privateKey(), List.of(identity.certificate()));
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalStateException("cannot set up TLS for the builder's port", e);
        }
    }

    /**
     * For a port with this certificate.
     *
     * @param chain the server's own certificate, and those that link it with an authority
     * @throws SSLException if the TLS library cannot work with that kind of key or certificate
     */
    public static SslContext server(PrivateKey key, List<X509Certificate> chain) throws SSLException {
        return SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
                .sslProvider(provider())
                .build();
    }

    /**
     * For a connection to a builder: believes just this certificate, whatever name or time it bears. That it is the one
     * of the heartbeat is all there is to check, and a clock that is off must not stop a farm.
     */
    public static SslContext clientTrusting(X509Certificate pinned) {
        return pinning(shown -> {
            if (!shown.equals(pinned)) {
                throw new CertificateException("the builder's certificate is not the one that the scheduler named");
            }
        });
    }

    /** For a scheduler whose key is known: believes any certificate with that key, whatever name or time it bears. */
    public static SslContext clientTrusting(CertificatePin pin) {
        return pinning(shown -> {
            if (!pin.accepts(shown)) {
                throw new CertificateException("its certificate has the pin " + CertificatePin.of(shown) + ", but "
                        + pin.source() + " is " + pin + "; if `jdist doctor` on the scheduler's machine shows the"
                        + " first one, write that, else something else answers in the scheduler's place");
            }
        });
    }

    private static SslContext pinning(PinnedTrustManager.Check check) {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(provider())
                    .trustManager(new PinnedTrustManager(check))
                    .endpointIdentificationAlgorithm(null)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot set up TLS towards a pinned server", e);
        }
    }

    /** For an https scheduler without a pin: believes what this machine believes, and checks the host name. */
    public static SslContext clientOfSystem() {
        try {
            return SslContextBuilder.forClient()
                    .sslProvider(provider())
                    .trustManager(new SystemTrustManager(SYSTEM_CERTIFICATES))
                    .build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot set up TLS with the authorities of this machine", e);
        }
    }

    /** For a web server: the same, without talk of schedulers. */
    public static SslContext clientOfWeb() {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(provider());
            if (SYSTEM_CERTIFICATES.toFile().canRead()) {
                builder.trustManager(SYSTEM_CERTIFICATES.toFile());
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("cannot set up TLS with the authorities of this machine", e);
        }
    }

    private static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }
}
