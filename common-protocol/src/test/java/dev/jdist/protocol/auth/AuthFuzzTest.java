package dev.jdist.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.config.Secret;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.Fuzz;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and certificates come from anybody who can connect. */
class AuthFuzzTest {
    private static final Bytes KEY = TestKeys.counting(32);
    private static final ServerId SERVER = ServerId.parse("10.0.0.1:10501");
    private static final JobId JOB = new JobId(7);

    @TempDir
    Path directory;

    @Test
    void token_anyText_isTakenOnlyIfGenuine() {
        String jobToken = JobToken.sign(JOB, KEY);
        String serverToken = ServerToken.jwt(SERVER, KEY).value();
        Secret shared = new Secret("token");
        List<String> samples = List.of(jobToken, serverToken, SERVER + " token", "eyJhbGciOiJub25lIn0.e30.");
        Fuzz.text(0.5, samples, text -> {
            // Only what differs in the spare bits at the end of the signature may pass beside the token itself.
            assertTrue(!JobToken.verify(text, JOB, KEY) || sameButForTheEnd(text, jobToken));
            assertTrue(ServerToken.verifyJwt(text, KEY).isEmpty() || sameButForTheEnd(text, serverToken));
            ServerToken.verifyShared(text, shared);
            ServerToken.claimedByJwt(new Secret(text));
        });
    }

    /** Genuine signatures over any claims: what a scheduler or a builder with a bug might sign. */
    @Test
    void claims_anyText_areReadOrRefused() {
        List<String> samples = List.of("{\"exp\":0,\"job_id\":7}", "{\"exp\":0,\"server_id\":\"1.2.3.4:5\"}");
        Fuzz.text(0.5, samples, text -> {
            String token = Hs256.sign(text, KEY);
            JobToken.verify(token, JOB, KEY);
            ServerToken.verifyJwt(token, KEY);
        });
    }

    @Test
    void parseCertificate_anyBytes_isCertificateOrRefusal() {
        byte[] pem = ServerIdentity.create(SERVER, Instant.now())
                .toServerCertificate()
                .pem()
                .toByteArray();
        Fuzz.bytes(
                0.7,
                List.of(pem),
                bytes -> ServerIdentity.parseCertificate(Bytes.copyOf(bytes)),
                IllegalArgumentException.class);
    }

    @Test
    void loadOrCreate_anyFile_isAnIdentity() throws IOException {
        Path file = directory.resolve("identity.pem");
        ServerIdentity.loadOrCreate(file, SERVER, Clock.systemUTC());
        byte[] good = Files.readAllBytes(file);
        Fuzz.bytes(0.7, List.of(good), bytes -> {
            Files.write(file, bytes);
            ServerIdentity.loadOrCreate(file, SERVER, Clock.systemUTC());
        });
    }

    private static boolean sameButForTheEnd(String text, String token) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return bytes.length == token.length() && text.startsWith(token.substring(0, token.length() - 1));
    }
}
