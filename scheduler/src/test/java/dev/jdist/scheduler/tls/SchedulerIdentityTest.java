package dev.jdist.scheduler.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.config.ConfigTable;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.settings.SchedulerConfig;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerIdentityTest {
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final ServerId ADDRESS = ServerId.parse("10.0.0.1:10600");

    private Path directory;
    private Path identity;
    private Path certificate;
    private Path key;

    @BeforeEach
    void place(@TempDir Path temporary) throws IOException {
        // All may look into it, so that the modes of the files decide.
        directory = Files.createDirectory(temporary.resolve("d"));
        Path above = temporary;
        for (Path each : new Path[] {directory, above}) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        identity = directory.resolve("state/tls.pem");
        certificate = directory.resolve("c.pem");
        key = directory.resolve("k.pem");
    }

    @Test
    void open_off_isNothing() throws Exception {
        assertEquals(Optional.empty(), SchedulerIdentity.open(config(ADDRESS, ""), CLOCK));
    }

    @Test
    void open_selfSigned_keepsItsKeyPrivateAndOverRestarts() throws Exception {
        SchedulerIdentity first = own(ADDRESS, CLOCK);
        SchedulerIdentity second = own(ADDRESS, CLOCK);

        assertEquals(first.certificate(), second.certificate());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(identity)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(identity.getParent())));
        second.toServerContext();
    }

    /** Every client and builder has the pin in its settings. */
    @Test
    void open_selfSignedUnderAnotherAddressOrNearItsEnd_renewsTheCertificateAndKeepsThePin() throws Exception {
        SchedulerIdentity first = own(ADDRESS, CLOCK);

        SchedulerIdentity moved = own(ServerId.parse("10.0.0.2:10600"), CLOCK);
        assertNotEquals(first.certificate(), moved.certificate());
        assertEquals(first.pin(), moved.pin());
        assertEquals(
                "CN=10.0.0.2:10600",
                moved.certificate().getSubjectX500Principal().getName());

        Clock later = Clock.offset(CLOCK, Duration.ofDays(3600));
        SchedulerIdentity renewed = own(ServerId.parse("10.0.0.2:10600"), later);
        assertEquals(first.pin(), renewed.pin());
        assertTrue(renewed.certificate().getNotAfter().toInstant().isAfter(NOW.plus(Duration.ofDays(7000))));
    }

    /** Another key would make a farm fall apart without a word of why. */
    @Test
    void open_selfSignedDamaged_isRefusedAndLeftAlone() throws Exception {
        own(ADDRESS, CLOCK);
        String good = Files.readString(identity);
        String other = pem(ServerIdentity.create(ADDRESS, NOW).certificate());
        for (String damaged : new String[] {
            "", "junk", good.substring(0, good.length() / 2), good.substring(0, good.indexOf("-----BEGIN C")) + other
        }) {
            Files.writeString(identity, damaged);

            assertEquals(
                    "[jdist] tls_identity: " + identity + " is damaged; restore it, or remove it and restart the"
                            + " scheduler, which then makes a new key: clients and builders need its pin",
                    refusal("tls = \"self-signed\"\ntls_identity = \"" + identity + "\"\n"));
            assertEquals(damaged, Files.readString(identity));
        }
    }

    @Test
    void open_selfSignedThatOthersCanRead_isRefused() throws Exception {
        own(ADDRESS, CLOCK);
        Files.setPosixFilePermissions(identity.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        chmod(identity, "rw-r--r--");

        assertExposed(identity, refusal("tls = \"self-signed\"\ntls_identity = \"" + identity + "\"\n"));
    }

    @Test
    void open_selfSignedWhereNothingCanBeWritten_namesFileAndSetting() throws Exception {
        Path occupied = Files.writeString(directory.resolve("file"), "").resolve("tls.pem");

        String refusal = refusal("tls = \"self-signed\"\ntls_identity = \"" + occupied + "\"\n");
        assertTrue(refusal.startsWith("the scheduler's key for https cannot be kept in " + occupied + " ("), refusal);
        assertTrue(refusal.contains("); let [jdist] tls_identity be a file in a directory to which"), refusal);
    }

    @Test
    void existing_selfSignedBeforeTheFirstStart_makesNothing() throws Exception {
        SchedulerConfig config = config(ADDRESS, "tls = \"self-signed\"\ntls_identity = \"" + identity + "\"\n");

        assertEquals(Optional.empty(), SchedulerIdentity.existing(config, CLOCK));
        assertTrue(Files.notExists(identity));
    }

    @Test
    void open_files_haveTheWholeChainAndAnyCommonFormOfKey() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            KeyPair keys = keys(algorithm);
            X509CertificateHolder own = certify(keys, NOW, NOW.plusSeconds(60));
            X509CertificateHolder authority = certify(keys("EC"), NOW, NOW.plusSeconds(60));
            Files.writeString(certificate, "a comment\n" + pem(own) + pem(authority));
            String ofItsAlgorithm = algorithm.equals("EC") ? sec1(keys) : pem(keys.getPrivate());
            assertTrue(ofItsAlgorithm.contains("-----BEGIN " + algorithm + " PRIVATE KEY-----"), ofItsAlgorithm);
            for (String form : new String[] {pkcs8(keys), ofItsAlgorithm}) {
                writeKey(form);

                SchedulerIdentity read =
                        SchedulerIdentity.open(config(ADDRESS, files()), CLOCK).orElseThrow();
                assertEquals(2, read.chain().size());
                assertEquals(keys.getPublic(), read.certificate().getPublicKey());
                read.toServerContext();
            }
        }
    }

    @Test
    void open_filesOutOfTheirTime_areRefused() throws Exception {
        KeyPair keys = keys("EC");
        writeKey(pkcs8(keys));
        Files.writeString(certificate, pem(certify(keys, NOW.minusSeconds(60), NOW.minusSeconds(1))));

        assertEquals(
                "[jdist] tls_certificate: " + certificate + " ended at 2026-12-01T11:59:59Z, and it is"
                        + " 2026-12-01T12:00:00Z; renew it and start the scheduler again",
                refusal(files()));

        Files.writeString(certificate, pem(certify(keys, NOW.plusSeconds(1), NOW.plusSeconds(60))));
        assertTrue(refusal(files()).contains("is good from 2026-12-01T12:00:01Z on, and it is 2026-12-01T12:00:00Z"));
    }

    @Test
    void open_filesThatDoNotBelongTogether_areRefused() throws Exception {
        for (String algorithm : new String[] {"EC", "RSA"}) {
            writeKey(pkcs8(keys(algorithm)));
            Files.writeString(certificate, pem(certify(keys("EC"), NOW, NOW.plusSeconds(60))));

            assertEquals(
                    "[jdist] tls_key: " + key + " is not the key of the first certificate in " + certificate
                            + " (CN=farm); name the two that were made together",
                    refusal(files()));
        }
    }

    @Test
    void open_filesThatAreNotThere_areNamed() throws Exception {
        assertEquals(
                "[jdist] tls_certificate: " + certificate + " cannot be read: there is no " + certificate,
                refusal(files()));

        Files.writeString(certificate, pem(certify(keys("EC"), NOW, NOW.plusSeconds(60))));
        assertEquals("[jdist] tls_key: " + key + " cannot be read: there is no " + key, refusal(files()));
    }

    @Test
    void open_filesWithSomethingElse_areNamed() throws Exception {
        KeyPair keys = keys("EC");
        writeKey(pkcs8(keys));
        Files.writeString(certificate, "junk");
        assertTrue(refusal(files()).contains(certificate + " holds no certificate in PEM form"));

        Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertTrue(refusal(files()).contains(certificate + " is damaged or not in PEM form: "), refusal(files()));

        Files.write(certificate, new byte[(1 << 20) + 1]);
        assertTrue(refusal(files()).endsWith("it is larger than 1 MiB"));

        Files.writeString(certificate, pem(certify(keys, NOW, NOW.plusSeconds(60))));
        writeKey(Files.readString(certificate));
        assertTrue(refusal(files()).contains(key + " holds no private key in PEM form"));
    }

    @Test
    void open_keyThatIsEncrypted_isRefusedWithTheCommandThatDecryptsIt() throws Exception {
        KeyPair keys = keys("RSA");
        OutputEncryptor encryptor = new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                .setProvider(new BouncyCastleProvider())
                .setPassword("secret".toCharArray())
                .build();
        Files.writeString(certificate, pem(certify(keys, NOW, NOW.plusSeconds(60))));
        writeKey(pem(new JcaPKCS8Generator(keys.getPrivate(), encryptor)));

        assertEquals(
                "[jdist] tls_key: " + key + " is encrypted, and nobody is there to type its password; write it without"
                        + " one: openssl pkey -in " + key + " -out NEW.pem",
                refusal(files()));
    }

    @Test
    void open_keyThatOthersCanRead_isRefusedAndThatOfAGroupIsNot() throws Exception {
        KeyPair keys = keys("EC");
        Files.writeString(certificate, pem(certify(keys, NOW, NOW.plusSeconds(60))));
        writeKey(pkcs8(keys));
        chmod(key, "rw-r-----");
        SchedulerIdentity.open(config(ADDRESS, files()), CLOCK);

        chmod(key, "rw-r--r--");
        assertExposed(key, refusal(files()));
    }

    private static void assertExposed(Path file, String refusal) {
        // Where no other user can pass the directories above, nobody is to be warned of.
        assertEquals(
                "every user of this machine can read the private key in " + file
                        + " (mode rw-r--r--), and speak for the" + " scheduler; chmod 600 " + file
                        + ", and replace the key if somebody may have read it",
                refusal);
    }

    private SchedulerIdentity own(ServerId address, Clock clock) throws Exception {
        return SchedulerIdentity.open(
                        config(address, "tls = \"self-signed\"\ntls_identity = \"" + identity + "\"\n"), clock)
                .orElseThrow();
    }

    private String files() {
        return "tls = \"files\"\ntls_certificate = \"" + certificate + "\"\ntls_key = \"" + key + "\"\n";
    }

    private static String refusal(String lines) {
        return assertThrows(StartupException.class, () -> SchedulerIdentity.open(config(ADDRESS, lines), CLOCK))
                .getMessage();
    }

    private static SchedulerConfig config(ServerId address, String lines) throws Exception {
        return SchedulerConfig.from(
                ConfigTable.parse(
                        "c.toml",
                        "public_addr = \"" + address + "\"\n[jdist]\n" + lines
                                + "[client_auth]\ntype = \"DANGEROUSLY_INSECURE\"\n[server_auth]\ntype = \"DANGEROUSLY_INSECURE\"\n"));
    }

    private void writeKey(String pem) throws IOException {
        Files.writeString(key, pem);
        chmod(key, "rw-------");
    }

    private static void chmod(Path file, String mode) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static KeyPair keys(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("EC") ? 256 : 2048);
        return generator.generateKeyPair();
    }

    private static X509CertificateHolder certify(KeyPair keys, Instant begin, Instant end) throws Exception {
        PrivateKey signer = keys.getPrivate();
        X500Name name = new X500Name("CN=farm");
        return new JcaX509v3CertificateBuilder(
                        name, BigInteger.ONE, Date.from(begin), Date.from(end), name, keys.getPublic())
                .build(new JcaContentSignerBuilder(
                                signer.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA")
                        .build(signer));
    }

    private static String pkcs8(KeyPair keys) throws IOException {
        return pem(new JcaPKCS8Generator(keys.getPrivate(), null));
    }

    /** As {@code openssl ecparam -genkey} writes it: RFC 5915, with the curve before it. */
    private static String sec1(KeyPair keys) throws IOException {
        ASN1Encodable curve = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded())
                .getAlgorithm()
                .getParameters();
        ECPrivateKey key =
                new ECPrivateKey(256, ((java.security.interfaces.ECPrivateKey) keys.getPrivate()).getS(), curve);
        return pem(new PemObject("EC PARAMETERS", curve.toASN1Primitive().getEncoded()))
                + pem(new PemObject("EC PRIVATE KEY", key.getEncoded()));
    }

    private static String pem(Object object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }
}
