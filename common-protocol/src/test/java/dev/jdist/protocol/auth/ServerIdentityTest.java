package dev.jdist.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.ServerCertificate;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerIdentityTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final ServerId SERVER = ServerId.parse("10.0.0.1:10501");
    private static final int IP_ADDRESS = 7;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:10501, 10.0.0.1",
        "[fd00::1]:10501, fd00:0:0:0:0:0:0:1",
        "[::1]:1, 0:0:0:0:0:0:0:1",
    })
    void create_anyAddress_hasTheShapeThatStockExpects(String server, String address) throws GeneralSecurityException {
        ServerIdentity identity = ServerIdentity.create(ServerId.parse(server), NOW);
        X509Certificate certificate = identity.certificate();

        assertEquals("CN=" + server, certificate.getSubjectX500Principal().getName());
        assertEquals(certificate.getSubjectX500Principal(), certificate.getIssuerX500Principal());
        assertEquals(List.of(List.of(IP_ADDRESS, address)), List.copyOf(certificate.getSubjectAlternativeNames()));
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), certificate.getExtendedKeyUsage());
        assertEquals(-1, certificate.getBasicConstraints(), "marked as a CA");
        assertEquals(3, certificate.getVersion());
        certificate.verify(certificate.getPublicKey());
    }

    /** A client whose clock lags a few hours still believes it. */
    @Test
    void create_always_isBackdatedAndLasts() {
        X509Certificate certificate = ServerIdentity.create(SERVER, NOW).certificate();

        assertEquals(NOW.minus(Duration.ofDays(1)), certificate.getNotBefore().toInstant());
        assertEquals(NOW.plus(Duration.ofDays(3650)), certificate.getNotAfter().toInstant());
    }

    @Test
    void create_twice_differs() {
        ServerIdentity one = ServerIdentity.create(SERVER, NOW);
        ServerIdentity other = ServerIdentity.create(SERVER, NOW);

        assertNotEquals(one.certificate(), other.certificate());
        assertNotEquals(one.certificate().getSerialNumber(), other.certificate().getSerialNumber());
        assertTrue(one.certificate().getSerialNumber().signum() > 0);
    }

    @Test
    void toServerCertificate_always_isDigestOfTheDerAndPem() throws GeneralSecurityException {
        ServerIdentity identity = ServerIdentity.create(SERVER, NOW);
        ServerCertificate told = identity.toServerCertificate();

        assertArrayEquals(
                MessageDigest.getInstance("SHA-256")
                        .digest(identity.certificate().getEncoded()),
                told.digest().toByteArray());
        assertTrue(told.pem().toUtf8().startsWith("-----BEGIN CERTIFICATE-----\n"));
        assertTrue(told.pem().toUtf8().endsWith("-----END CERTIFICATE-----\n"));
        assertEquals(identity.certificate(), ServerIdentity.parseCertificate(told.pem()));
        assertEquals(told.digest(), ServerIdentity.digest(identity.certificate()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:10501", "[fd00::1]:10501", "[::ffff:10.0.0.1]:10501"})
    void loadOrCreate_again_isTheSame(String server) throws IOException, GeneralSecurityException {
        Path file = directory.resolve("identity.pem");
        ServerIdentity first = ServerIdentity.loadOrCreate(file, ServerId.parse(server), at(NOW));
        ServerIdentity second = ServerIdentity.loadOrCreate(file, ServerId.parse(server), at(NOW.plusSeconds(99)));

        assertEquals(first.certificate(), second.certificate());
        assertTrue(belongsTogether(second));
    }

    @Test
    void jobTokenKey_afterARestart_isTheSame() throws IOException {
        ServerId server = ServerId.parse("10.0.0.1:10501");
        Path file = directory.resolve("identity.pem");

        Bytes before = ServerIdentity.loadOrCreate(file, server, at(NOW)).jobTokenKey();
        Bytes after = ServerIdentity.loadOrCreate(file, server, at(NOW)).jobTokenKey();

        assertEquals(before, after);
        assertEquals(32, before.size());
        assertNotEquals(before, ServerIdentity.create(server, NOW).jobTokenKey());
    }

    @Test
    void loadOrCreate_always_keepsTheKeyToItself() throws IOException {
        Path file = directory.resolve("identity.pem");
        // What an interrupted start left behind, readable for all.
        Files.createFile(
                directory.resolve("identity.pem.new"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
        ServerIdentity.loadOrCreate(file, SERVER, at(NOW));

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (var files = Files.list(directory)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void loadOrCreate_anotherAddress_isReplaced() throws IOException {
        Path file = directory.resolve("identity.pem");
        ServerIdentity first = ServerIdentity.loadOrCreate(file, SERVER, at(NOW));
        ServerId moved = ServerId.parse("10.0.0.1:10502");
        ServerIdentity second = ServerIdentity.loadOrCreate(file, moved, at(NOW));

        assertNotEquals(first.certificate(), second.certificate());
        assertEquals(
                "CN=" + moved, second.certificate().getSubjectX500Principal().getName());
        assertEquals(
                second.certificate(),
                ServerIdentity.loadOrCreate(file, moved, at(NOW)).certificate());
    }

    @Test
    void loadOrCreate_nearItsEnd_isReplaced() throws IOException {
        Path file = directory.resolve("identity.pem");
        X509Certificate first =
                ServerIdentity.loadOrCreate(file, SERVER, at(NOW)).certificate();
        Instant end = first.getNotAfter().toInstant();

        assertEquals(
                first,
                ServerIdentity.loadOrCreate(file, SERVER, at(end.minus(Duration.ofDays(91))))
                        .certificate());
        assertNotEquals(
                first,
                ServerIdentity.loadOrCreate(file, SERVER, at(end.minus(Duration.ofDays(89))))
                        .certificate());
    }

    /** A clock that was once far ahead. */
    @Test
    void loadOrCreate_notYetValid_isReplaced() throws IOException {
        Path file = directory.resolve("identity.pem");
        X509Certificate first =
                ServerIdentity.loadOrCreate(file, SERVER, at(NOW)).certificate();

        assertNotEquals(
                first,
                ServerIdentity.loadOrCreate(file, SERVER, at(NOW.minus(Duration.ofDays(2))))
                        .certificate());
    }

    @Test
    void loadOrCreate_damagedFile_isReplaced() throws IOException, GeneralSecurityException {
        Path file = directory.resolve("identity.pem");
        ServerIdentity.loadOrCreate(file, SERVER, at(NOW));
        String good = Files.readString(file);
        int certificate = good.indexOf("-----BEGIN CERTIFICATE");
        List<String> damaged = List.of(
                "",
                "junk",
                good.substring(0, certificate),
                good.substring(certificate),
                good.substring(certificate) + good.substring(0, certificate),
                good.substring(0, good.length() / 2),
                good.replace('A', '!'),
                good.replace("BEGIN", "BEGUN"),
                good.replaceAll("(?m)^[A-Za-z0-9+/=]{10,}$", "AAAA"),
                good.replaceAll("(?m)^[A-Za-z0-9+/=]{10,}$", "AA"),
                "\u00ff\u00fe\u0000" + good.substring(40));
        for (String text : damaged) {
            Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
            ServerIdentity fresh = ServerIdentity.loadOrCreate(file, SERVER, at(NOW));

            assertTrue(belongsTogether(fresh), "after: " + text);
            assertEquals(
                    fresh.certificate(),
                    ServerIdentity.loadOrCreate(file, SERVER, at(NOW)).certificate());
        }
    }

    /** Two good halves of two identities would make a TLS port on which every handshake fails. */
    @Test
    void loadOrCreate_keyOfAnotherCertificate_isReplaced() throws IOException, GeneralSecurityException {
        Path file = directory.resolve("identity.pem");
        Path other = directory.resolve("other.pem");
        ServerIdentity.loadOrCreate(file, SERVER, at(NOW));
        ServerIdentity.loadOrCreate(other, SERVER, at(NOW));
        String key = Files.readString(file).split("(?=-----BEGIN CERTIFICATE)")[0];
        Files.writeString(file, key + Files.readString(other).split("(?=-----BEGIN CERTIFICATE)")[1]);

        assertTrue(belongsTogether(ServerIdentity.loadOrCreate(file, SERVER, at(NOW))));
    }

    @Test
    void loadOrCreate_noDirectory_fails() {
        assertThrows(
                IOException.class,
                () -> ServerIdentity.loadOrCreate(directory.resolve("none/identity.pem"), SERVER, at(NOW)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "junk",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMIIB",
                "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA\n-----END RSA PRIVATE"
                        + " KEY-----\n",
                "\0\u00ff"
            })
    void parseCertificate_none_isRefused(String pem) {
        assertThrows(IllegalArgumentException.class, () -> ServerIdentity.parseCertificate(Bytes.utf8(pem)));
    }

    @Test
    void toString_always_hidesTheKey() {
        assertEquals(
                "identity of CN=10.0.0.1:10501",
                ServerIdentity.create(SERVER, NOW).toString());
        assertFalse(ServerIdentity.create(SERVER, NOW).toString().contains("PRIVATE"));
    }

    private static boolean belongsTogether(ServerIdentity identity) throws GeneralSecurityException {
        byte[] text = {1, 2, 3};
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(identity.privateKey());
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(identity.certificate());
        signature.update(text);
        return signature.verify(signed);
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }
}
