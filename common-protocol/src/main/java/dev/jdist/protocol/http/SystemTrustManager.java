package dev.jdist.protocol.http;

import dev.jdist.protocol.config.CertificatePin;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes a scheduler if this machine's authorities do, and the certificate has its name. A refusal says how to pin the
 * certificate that was shown.
 */
final class SystemTrustManager extends ServerTrustManager {
    private final X509ExtendedTrustManager system;

    /** @param authorities certificates in PEM form; Java's own hold where there is no such file */
    SystemTrustManager(Path authorities) throws IOException, GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(Files.isReadable(authorities) ? keyStore(authorities) : null);
        system = Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("this Java runtime cannot check certificates"));
    }

    private static @Nullable KeyStore keyStore(Path authorities) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (InputStream in = Files.newInputStream(authorities)) {
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority " + number++, each);
            }
        }
        return store;
    }

    private static CertificateException explain(X509Certificate[] chain, CertificateException refusal) {
        // Not as its cause: the last of all causes is what a person is told.
        return new CertificateException("this machine does not trust its certificate ("
                + Reason.of(Reason.rootOf(refusal)) + "); if the scheduler made it itself"
                + " and `jdist doctor` there shows the pin " + CertificatePin.of(chain[0])
                + ", write it as scheduler_pin into [jdist] of the settings file");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            system.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw explain(chain, e);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return system.getAcceptedIssuers();
    }
}
