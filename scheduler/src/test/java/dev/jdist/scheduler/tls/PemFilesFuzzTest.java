package dev.jdist.scheduler.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.daemon.StartupException;
import dev.jdist.protocol.wire.ServerId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Base64;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files of certificates and keys are refused by name, whatever the damage. */
class PemFilesFuzzTest {
    private static final int ROUNDS = 2000;
    private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

    @TempDir
    private Path directory;

    @Test
    void read_damagedFiles_namesOneOfThem() throws Exception {
        SplittableRandom random = new SplittableRandom(20261201);
        Path certificate = directory.resolve("c.pem");
        Path key = Files.createFile(
                directory.resolve("k.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        ServerIdentity identity = ServerIdentity.create(ServerId.parse("10.0.0.1:10600"), NOW);
        byte[] certificateDer = identity.certificate().getEncoded();
        byte[] keyDer = identity.privateKey().getEncoded();
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            boolean isTheKey = round % 2 == 0;
            Files.write(certificate, pem("CERTIFICATE", certificateDer, isTheKey ? null : random));
            Files.write(key, pem("PRIVATE KEY", keyDer, isTheKey ? random : null));
            try {
                PemFiles.read(certificate, key, NOW);
            } catch (StartupException e) {
                assertTrue(
                        e.getMessage().contains(certificate.toString())
                                || e.getMessage().contains(key.toString()),
                        e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > ROUNDS / 2, refused + " of " + ROUNDS + " refused");
    }

    /** @param damage where to damage it: in the bytes of the object, or in the text around them; null for nowhere */
    private static byte[] pem(String label, byte[] der, @Nullable SplittableRandom damage) {
        byte[] object = der.clone();
        if (damage != null && damage.nextBoolean()) {
            mutate(object, damage);
        }
        byte[] text = ("-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(object)
                        + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
        if (damage != null && damage.nextBoolean()) {
            mutate(text, damage);
        }
        return text;
    }

    private static void mutate(byte[] bytes, SplittableRandom random) {
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
    }
}
