package dev.jdist.protocol.http;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;

/** Looks at a server's own certificate alone: neither at names nor times, nor at who signed it. */
final class PinnedTrustManager extends ServerTrustManager {
    private final Check check;

    /** Refuses a certificate. */
    interface Check {
        void accept(X509Certificate shown) throws CertificateException;
    }

    PinnedTrustManager(Check check) {
        this.check = check;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("the server shows no certificate");
        }
        check.accept(chain[0]);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
