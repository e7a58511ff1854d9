package dev.jdist.protocol.auth;

import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * A key and its self-signed certificate, of a builder, or of a scheduler that speaks TLS.
 *
 * <p>The shape is the one that stock peers expect: subject and issuer CN = {@code ip:port}, the IP as subject
 * alternative name, serverAuth, not marked as a CA. Two things differ, as each of them breaks stock farms: the key
 * outlives a restart, so that clients need not learn a new certificate, and its validity starts a day ago, so that a
 * client whose clock lags believes it. The key is ECDSA P-256, which a handshake signs far faster than RSA.
 */
public record ServerIdentity(PrivateKey privateKey, X509Certificate certificate) {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final Duration VALID = Duration.ofDays(3650);
    /** One that is about to end is replaced at the next start. */
    private static final Duration RENEW_BEFORE_END = Duration.ofDays(90);

    /**
     * The identity that is kept in {@code file}, or a new one, kept there from now on, if there is none for this
     * address that is still good.
     *
     * @throws IOException if the file cannot be written
     */
    public static ServerIdentity loadOrCreate(Path file, ServerId server, Clock clock) throws IOException {
        Optional<ServerIdentity> kept = load(file).filter(identity -> identity.isGoodFor(server, clock.instant()));
        if (kept.isPresent()) {
            return kept.get();
        }
        ServerIdentity created = create(server, clock.instant());
        created.store(file);
        return created;
    }

    public static ServerIdentity create(ServerId server, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return certify(generator.generateKeyPair(), server, now);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a key", e);
        }
    }

    /** The same key with a new certificate: who pins the key believes it, too. */
    public ServerIdentity renewed(ServerId server, Instant now) {
        return certify(new KeyPair(certificate.getPublicKey(), privateKey), server, now);
    }

    private static ServerIdentity certify(KeyPair keys, ServerId server, Instant now) {
        try {
            X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                    .addRDN(BCStyle.CN, server.toString())
                    .build();
            BigInteger serial = new BigInteger(1, RandomKey.bytes(16).toByteArray());
            X509CertificateHolder holder = new JcaX509v3CertificateBuilder(
                            name,
                            serial,
                            Date.from(now.minus(BACKDATED)),
                            Date.from(now.plus(VALID)),
                            name,
                            keys.getPublic())
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(
                                    GeneralName.iPAddress, server.ip().getHostAddress())))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()));
            return new ServerIdentity(keys.getPrivate(), new JcaX509CertificateConverter().getCertificate(holder));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot make a certificate", e);
        }
    }

    /** What goes into heartbeats and to clients. */
    public ServerCertificate toServerCertificate() {
        return new ServerCertificate(digest(certificate), Bytes.utf8(pem(certificate)));
    }

    /**
     * With what the scheduler signs the tokens of this builder's jobs. It outlives a restart as the private key does: a
     * stock client that calls on a restarted builder hears that there is no such job and compiles locally, where a 401
     * would make it fail the build.
     */
    public Bytes jobTokenKey() {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(privateKey.getEncoded(), "HmacSHA256"));
            return Bytes.wrap(mac.doFinal("jdist job tokens".getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot derive a key", e);
        }
    }

    /** SHA-256 of the DER form. */
    public static Bytes digest(X509Certificate certificate) {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot digest a certificate", e);
        }
    }

    /**
     * The certificate in a PEM text that somebody sent.
     *
     * @throws IllegalArgumentException if it holds none
     */
    public static X509Certificate parseCertificate(Bytes pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem.toUtf8()))) {
            if (parser.readObject() instanceof X509CertificateHolder holder) {
                return new JcaX509CertificateConverter().getCertificate(holder);
            }
            throw new IllegalArgumentException("no certificate in the PEM text");
        } catch (IOException | CertificateException e) {
            throw new IllegalArgumentException("not a certificate in PEM form", e);
        }
    }

    /** Whether the certificate names this server, is in its time and not near its end, and is that of the key. */
    public boolean isGoodFor(ServerId server, Instant now) {
        return certificate.getSubjectX500Principal().getName().equals("CN=" + server)
                && certificate.getNotBefore().toInstant().isBefore(now)
                && certificate.getNotAfter().toInstant().isAfter(now.plus(RENEW_BEFORE_END))
                && keyFitsCertificate();
    }

    /** Whether the two belong together. The key may be one that somebody else made. */
    public boolean keyFitsCertificate() {
        try {
            Signature signature = Signature.getInstance(
                    switch (privateKey.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EdDSA", "Ed25519" -> "Ed25519";
                        default -> SIGNATURE;
                    });
            byte[] text = certificate.getSignature();
            signature.initSign(privateKey);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The identity that is kept in {@code file}; nothing if there is none, or a damaged one. */
    public static Optional<ServerIdentity> load(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1); // takes any bytes
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            if (parser.readObject() instanceof PrivateKeyInfo key
                    && parser.readObject() instanceof X509CertificateHolder holder) {
                return Optional.of(new ServerIdentity(
                        new JcaPEMKeyConverter().getPrivateKey(key),
                        new JcaX509CertificateConverter().getCertificate(holder)));
            }
            return Optional.empty();
        } catch (IOException | CertificateException e) {
            // A damaged file is as good as none: a new identity takes its place.
            return Optional.empty();
        }
    }

    /** Keeps it in a file that its owner alone can read. @throws IOException if the file cannot be written */
    public void store(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        // As PKCS #8: given a key to write, Bouncy Castle chooses another form, which names no curve and cannot be
        // read.
        Files.writeString(fresh, pem(new PemObject("PRIVATE KEY", privateKey.getEncoded())) + pem(certificate));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return "identity of " + certificate.getSubjectX500Principal().getName();
    }
}
