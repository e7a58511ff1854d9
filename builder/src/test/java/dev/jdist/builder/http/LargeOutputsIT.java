package dev.jdist.builder.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.builder.toolchain.Tars;
import dev.jdist.protocol.http.Endpoints;
import dev.jdist.protocol.http.StatusCodes;
import dev.jdist.protocol.message.ArchiveDigest;
import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.JobId;
import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.RunJobRequest;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.Toolchain;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Outputs of more bytes than the builder's heap has, as a client sees them that reads them piece by piece. What cannot be
 * compressed costs no more of the builder's memory than an object of a few kilobytes.
 */
@Timeout(300)
class LargeOutputsIT {
    private static final int MIB = 1 << 20;
    private static final String HEAP = "48m";
    /** {@code job_output_bytes}, in MiB. */
    private static final int MOST = 96;

    private static final String BINCODE = "application/octet-stream";
    private static final String PATH = "/work/noise";
    /** One output; jobs name it again and again. */
    private static final byte[] NOISE = noise();

    private static final byte[] DEFLATED = deflated();

    @TempDir
    private static Path directory;

    private static byte[] archive;
    private static Toolchain toolchain;
    private static BuilderProcess builder;
    private static HttpClient client;

    private static byte[] noise() {
        byte[] noise = new byte[MIB];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private static byte[] deflated() {
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(zlib, new Deflater(Deflater.BEST_SPEED))) {
            out.write(NOISE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zlib.toByteArray();
    }

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/bwrap")),
                "skipped: bubblewrap is not installed (scripts/setup test does it)");
        archive = new Tars()
                .add(TarConstants.LF_NORMAL, "bin/true", "", 0755, Files.readAllBytes(BuilderProcess.HELPER))
                .toGzip();
        ArchiveDigest digest = new ArchiveDigest();
        digest.update(archive, archive.length);
        toolchain = digest.finish();
        builder = new BuilderProcess(directory, "job_output_bytes = \"" + MOST + "M\"", HEAP);
        SSLContext anyCertificate = SSLContext.getInstance("TLS");
        anyCertificate.init(null, new TrustManager[] {new SlowUpload.TrustEverybody()}, null);
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(anyCertificate)
                .build();
    }

    @AfterAll
    static void stop() throws Exception {
        if (builder != null) {
            builder.close();
            assertFalse(builder.log().contains("OutOfMemory"), builder.log());
        }
    }

    /** Has a job run whose outputs are the noise so many times. */
    private static HttpResponse<InputStream> run(int times, String accept) throws IOException, InterruptedException {
        JobId job = builder.ready(toolchain, archive);
        CompileCommand command = new CompileCommand("/bin/true", List.of("true"), List.of(), "/work");
        byte[] head = new RunJobRequest(command, Collections.nCopies(times, PATH)).toBincode();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.writeInt(head.length);
        out.write(head);
        out.write(new Tars()
                .add(TarConstants.LF_NORMAL, PATH.substring(1), "", 0644, NOISE)
                .toZlib());
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://" + builder.address() + Endpoints.RUN_JOB + job))
                .header("Authorization", "Bearer " + builder.token(job))
                .header("Content-Type", "application/octet-stream")
                .header("Accept", accept)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    private static long u64(DataInputStream in) throws IOException {
        return Long.reverseBytes(in.readLong());
    }

    private static int i32(DataInputStream in) throws IOException {
        return Integer.reverseBytes(in.readInt());
    }

    /** Reads an answer as bincode lays it out, piece by piece, and compares it with what was asked for. */
    private static Void assertIsNoise(HttpResponse<InputStream> answer, int times) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(answer.body()))) {
            assertEquals(200, answer.statusCode());
            assertEquals(1, i32(in), "the variant Complete");
            assertEquals(0, i32(in), "the exit code");
            assertEquals(0, u64(in), "the octets of stdout");
            assertEquals(0, u64(in), "the octets of stderr");
            assertEquals(times, u64(in));
            long bytes = 4 + 4 + 8 + 8 + 8;
            for (int i = 0; i < times; i++) {
                assertEquals(PATH, new String(in.readNBytes((int) u64(in)), StandardCharsets.US_ASCII));
                byte[] zlib = in.readNBytes((int) u64(in));
                assertTrue(Arrays.equals(DEFLATED, zlib), "output " + i + " is another");
                assertEquals(MIB, u64(in));
                bytes += 8 + PATH.length() + 8 + zlib.length + 8;
            }
            assertEquals(-1, in.read());
            assertEquals(
                    bytes, answer.headers().firstValueAsLong("Content-Length").orElseThrow());
            return null;
        }
    }

    @Test
    void runJob_outputsLargerThanTheHeap_arriveWhole() throws Exception {
        assertIsNoise(run(MOST, BINCODE), MOST);
        assertNothingLeft();
    }

    @Test
    void runJob_manyAtOnceThatAreLargerTogether_arriveWhole() throws Exception {
        int each = MOST / 3;
        ExecutorService clients = Executors.newFixedThreadPool(3);
        try {
            List<Future<Void>> answers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                answers.add(clients.submit(() -> assertIsNoise(run(each, BINCODE), each)));
            }
            for (Future<Void> answer : answers) {
                answer.get();
            }
        } finally {
            clients.shutdown();
        }
        assertNothingLeft();
    }

    @Test
    void runJob_outputsOverTheLimit_areRefusedCleanly() throws Exception {
        HttpResponse<InputStream> answer = run(MOST + 1, BINCODE);

        String said = new String(answer.body().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(StatusCodes.OVER_LIMIT, answer.statusCode(), said);
        assertTrue(said.contains("job_output_bytes"), said);
        assertNothingLeft();
        assertIsNoise(run(1, BINCODE), 1);
    }

    @Test
    void runJob_asJson_isTheSameAnswer() throws Exception {
        HttpResponse<InputStream> answer = run(4, "application/json");

        RunJobResult.Complete result = (RunJobResult.Complete) ((WireDecoder<RunJobResult>) RunJobResult::decode)
                .fromJson(answer.body().readAllBytes());
        assertEquals(4, result.outputs().size());
        for (OutputFile output : result.outputs()) {
            assertEquals(Bytes.wrap(DEFLATED), output.zlib());
        }
    }

    /** In the middle of an answer: the kernel has removed it before anybody could. */
    @Test
    void kill_whileAClientReads_leavesNothing() throws Exception {
        // More than sockets hold.
        try (InputStream body = run(MOST / 3, BINCODE).body()) {
            body.readNBytes(MIB);
            assertTrue(unnamedFiles() > 0, "the answer is not in a file");

            builder.kill();
        }
        assertNothingLeft();

        builder.start(HEAP);
        assertIsNoise(run(1, BINCODE), 1);
    }

    /** Files without a name that the builder has open. */
    private static long unnamedFiles() throws IOException {
        long found = 0;
        try (var open = Files.newDirectoryStream(Path.of("/proc", Long.toString(builder.pid()), "fd"))) {
            for (Path descriptor : open) {
                if (Files.readSymbolicLink(descriptor).toString().matches(".*/spool/spool-[0-9]+ \\(deleted\\)")) {
                    found++;
                }
            }
        }
        return found;
    }

    private static void assertNothingLeft() {
        assertEquals(
                List.of(), List.of(builder.cacheDir().resolve("spool").toFile().list()));
    }
}
