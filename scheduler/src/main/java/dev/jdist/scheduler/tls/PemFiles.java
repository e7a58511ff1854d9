package dev.jdist.scheduler.tls;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** A certificate and a key that somebody else made, in PEM form as openssl and ACME clients write them. */
final class PemFiles {
    private static final String CERTIFICATE = "tls_certificate";
    private static final String KEY = "tls_key";
    /** Chains are a few kilobytes; what is larger was named by mistake. */
    private static final int MAX_BYTES = 1 << 20;

    private PemFiles() {}

    static SchedulerIdentity read(Path certificate, Path key, Instant now) throws StartupException {
        List<X509Certificate> chain = chain(certificate);
        checkTime(certificate, chain.get(0), now);
        PrivateKey privateKey = key(key);
        if (!new ServerIdentity(privateKey, chain.get(0)).keyFitsCertificate()) {
            throw new StartupException("[jdist] tls_key: " + key + " is not the key of the first certificate in "
                    + certificate + " ("
                    + chain.get(0).getSubjectX500Principal().getName()
                    + "); name the two that were made together");
        }
        return new SchedulerIdentity(certificate, privateKey, chain);
    }

    private static void checkTime(Path file, X509Certificate certificate, Instant now) throws StartupException {
        Instant begin = certificate.getNotBefore().toInstant();
        Instant end = certificate.getNotAfter().toInstant();
        if (now.isAfter(end)) {
            throw new StartupException("[jdist] tls_certificate: " + file + " ended at " + end + ", and it is " + now
                    + "; renew it and start the scheduler again");
        }
        if (now.isBefore(begin)) {
            throw new StartupException("[jdist] tls_certificate: " + file + " is good from " + begin + " on, and it is "
                    + now + "; look at this machine's clock (timedatectl)");
        }
    }

    private static List<X509Certificate> chain(Path file) throws StartupException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Object each : objects(CERTIFICATE, file)) {
            if (each instanceof X509CertificateHolder holder) {
                try {
                    chain.add(new JcaX509CertificateConverter().getCertificate(holder));
                } catch (CertificateException | RuntimeException e) {
                    throw notPem(CERTIFICATE, file, Reason.of(e));
                }
            }
        }
        if (chain.isEmpty()) {
            throw new StartupException("[jdist] tls_certificate: " + file
                    + " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
        }
        return chain;
    }

    private static PrivateKey key(Path file) throws StartupException {
        try {
            SchedulerIdentity.mustBePrivate(file);
        } catch (IOException e) {
            throw SchedulerIdentity.unreadable(KEY, file, e);
        }
        for (Object each : objects(KEY, file)) {
            if (each instanceof PKCS8EncryptedPrivateKeyInfo || each instanceof PEMEncryptedKeyPair) {
                throw new StartupException("[jdist] tls_key: " + file + " is encrypted, and nobody is there to type its"
                        + " password; write it without one: openssl pkey -in " + file + " -out NEW.pem");
            }
            PrivateKeyInfo info = each instanceof PEMKeyPair pair
                    ? pair.getPrivateKeyInfo()
                    : each instanceof PrivateKeyInfo plain ? plain : null;
            if (info != null) {
                try {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                } catch (IOException | RuntimeException e) {
                    throw notPem(KEY, file, Reason.of(e));
                }
            }
        }
        throw new StartupException(
                "[jdist] tls_key: " + file + " holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
    }

    /** All that stands in a file in PEM form; text around it does not matter. */
    private static List<Object> objects(String key, Path file) throws StartupException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw SchedulerIdentity.unreadable(key, file, e);
        }
        if (bytes.length > MAX_BYTES) {
            throw notPem(key, file, "it is larger than 1 MiB");
        }
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(bytes, StandardCharsets.ISO_8859_1)))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                objects.add(next);
            }
        } catch (IOException | RuntimeException e) {
            // The parser has many ways to say that what it reads is none of its own.
            throw notPem(key, file, Reason.of(e));
        }
        return objects;
    }

    private static StartupException notPem(String key, Path file, String reason) {
        return new StartupException("[jdist] " + key + ": " + file + " is damaged or not in PEM form: " + reason);
    }
}
