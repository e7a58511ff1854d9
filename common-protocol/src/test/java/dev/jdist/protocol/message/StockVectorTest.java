package dev.jdist.protocol.message;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.auth.JobToken;
import dev.jdist.protocol.auth.ServerIdentity;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the real sccache 0.17.0 said, byte by byte: the files in {@code vectors}, which scripts/capture-vectors makes. Its
 * README tells how each came about.
 */
class StockVectorTest {
    private static final String BINCODE = ".bincode";
    private static final String JSON = ".json";

    /** By the first word of a file's name. */
    private static final Map<String, WireDecoder<? extends WireMessage>> DECODERS = Map.ofEntries(
            entry("AllocJobResult", AllocJobResult::decode),
            entry("AssignJobResult", AssignJobResult::decode),
            entry("Heartbeat", Heartbeat::decode),
            entry("HeartbeatResult", HeartbeatResult::decode),
            entry("JobState", JobState::decode),
            entry("RunJobRequest", RunJobRequest::decode),
            entry("RunJobResult", RunJobResult::decode),
            entry("SchedulerStatus", SchedulerStatus::decode),
            entry("ServerCertificate", ServerCertificate::decode),
            entry("SubmitToolchainResult", SubmitToolchainResult::decode),
            entry("Toolchain", Toolchain::decode),
            entry("UpdateJobStateResult", UpdateJobStateResult::decode));

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void vector_readAndWrittenAgain_isTheSameBytes(String file) throws IOException {
        byte[] bytes = bytes(file);
        if (file.endsWith(JSON)) {
            assertEquals(text(bytes), text(decoder(file).fromJson(bytes).toJson()));
        } else {
            assertEquals(hex(bytes), hex(decoder(file).fromBincode(bytes).toBincode()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void answer_inEitherEncoding_isTheSameMessage(String name) throws IOException {
        assertEquals(message(name), decoder(name).fromJson(bytes(name + JSON)));
    }

    @Test
    void vectors_allMessages_areThere() throws IOException {
        Set<String> captured = files().map(StockVectorTest::type).collect(Collectors.toCollection(TreeSet::new));

        assertEquals(new TreeSet<>(DECODERS.keySet()), captured);
    }

    @Test
    void alloc_success_tellsOfTheJob() throws IOException {
        AllocJobResult.Success v4 = assertInstanceOf(AllocJobResult.Success.class, message("AllocJobResult.Success"));
        AllocJobResult.Success v6 =
                assertInstanceOf(AllocJobResult.Success.class, message("AllocJobResult.Success.ipv6"));
        Heartbeat heartbeat = (Heartbeat) message("Heartbeat");

        assertEquals(new JobId(0), v4.jobAlloc().jobId());
        assertEquals("127.0.0.1", v4.jobAlloc().serverId().ip().getHostAddress());
        assertEquals("[::1]:", v6.jobAlloc().serverId().toString().substring(0, 6));
        assertEquals(32, v4.certDigest().size());
        // The scheduler signs with the key that the builder's heartbeat brought.
        assertEquals(v4.jobAlloc().auth(), JobToken.sign(new JobId(0), heartbeat.jwtKey()));
    }

    @Test
    void alloc_noBuilder_failsWithAReason() throws IOException {
        assertEquals(
                new AllocJobResult.Fail("Insufficient capacity across 0 available servers"),
                message("AllocJobResult.Fail"));
    }

    @Test
    void heartbeat_ofABuilder_carriesItsCertificate() throws IOException {
        Heartbeat heartbeat = (Heartbeat) message("Heartbeat");
        ServerCertificate certificate = heartbeat.certificate();

        assertEquals(32, heartbeat.jwtKey().size());
        assertTrue(heartbeat.numCpus() > 0 && heartbeat.numCpus() < 65536, "CPUs: " + heartbeat.numCpus());
        assertEquals(certificate.digest(), ServerIdentity.digest(ServerIdentity.parseCertificate(certificate.pem())));
        assertEquals(certificate, message("ServerCertificate"));
    }

    @Test
    void runJob_request_saysWhatToCompileAndWhere() throws IOException {
        RunJobRequest request = (RunJobRequest) message("RunJobRequest");

        assertEquals("/usr/bin/gcc", request.command().executable());
        assertEquals(
                List.of("-x", "cpp-output", "-c", "good.c", "-o", "good.o", "-fpreprocessed", "-O2"),
                request.command().arguments());
        assertEquals("/tmp/jdist-vectors", request.command().cwd());
        assertTrue(
                request.command().environment().contains(new EnvironmentVariable("PATH", "/usr/bin:/bin")),
                () -> request.command().environment().toString());
        assertEquals(List.of("/tmp/jdist-vectors/good.o"), request.outputs());
    }

    @Test
    void runJob_ofAGoodUnit_bringsTheObject() throws IOException {
        RunJobResult.Complete complete =
                assertInstanceOf(RunJobResult.Complete.class, message("RunJobResult.Complete"));
        OutputFile object = complete.outputs().get(0);

        assertEquals(new ProcessOutput(0, Bytes.EMPTY, Bytes.EMPTY), complete.output());
        assertEquals("/tmp/jdist-vectors/good.o", object.path());
        try (InputStream in = new InflaterInputStream(object.zlib().toInputStream())) {
            byte[] elf = in.readAllBytes();
            assertEquals(object.size(), elf.length);
            assertEquals("7f454c46", hex(elf).substring(0, 8));
        }
    }

    @Test
    void runJob_ofABadUnit_bringsTheCompilersWords() throws IOException {
        RunJobResult.Complete complete =
                assertInstanceOf(RunJobResult.Complete.class, message("RunJobResult.Complete.failed"));

        assertEquals(1, complete.output().code());
        assertEquals(0, complete.output().stdout().size());
        assertTrue(
                complete.output().stderr().toUtf8().contains("forty_two"),
                complete.output().stderr().toUtf8());
        assertEquals(List.of(), complete.outputs());
    }

    @Test
    void variants_ofTheRest_areWhatTheirNamesSay() throws IOException {
        assertEquals(new RunJobResult.JobNotFound(), message("RunJobResult.JobNotFound"));
        assertEquals(SubmitToolchainResult.SUCCESS, message("SubmitToolchainResult.Success"));
        assertEquals(SubmitToolchainResult.JOB_NOT_FOUND, message("SubmitToolchainResult.JobNotFound"));
        assertEquals(SubmitToolchainResult.CANNOT_CACHE, message("SubmitToolchainResult.CannotCache"));
        assertEquals(new AssignJobResult(JobState.PENDING, true), message("AssignJobResult.Pending"));
        assertEquals(new AssignJobResult(JobState.READY, false), message("AssignJobResult.Ready"));
        assertEquals(JobState.READY, message("JobState.Ready"));
        assertEquals(JobState.STARTED, message("JobState.Started"));
        assertEquals(JobState.COMPLETE, message("JobState.Complete"));
        assertEquals(new UpdateJobStateResult.Success(), message("UpdateJobStateResult.Success"));
        assertEquals(new HeartbeatResult(true), message("HeartbeatResult.new"));
        assertEquals(new HeartbeatResult(false), message("HeartbeatResult.known"));
        assertEquals(new SchedulerStatus(1, 4, 1), message("SchedulerStatus.busy"));
        assertEquals(new Toolchain("0".repeat(64)), message("Toolchain.from-scheduler"));
    }

    static Stream<String> files() throws IOException {
        try (Stream<Path> all = Files.list(directory())) {
            return all
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(BINCODE) || name.endsWith(JSON))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** Answers come in both encodings, requests in bincode alone. */
    static Stream<String> answers() throws IOException {
        return files().filter(name -> name.endsWith(JSON)).map(name -> name.substring(0, name.length() - 5));
    }

    private static WireMessage message(String name) throws IOException {
        return decoder(name).fromBincode(bytes(name + BINCODE));
    }

    private static WireDecoder<? extends WireMessage> decoder(String name) {
        return DECODERS.get(type(name));
    }

    private static String type(String name) {
        return name.split("\\.", 2)[0];
    }

    private static byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(directory().resolve(file));
    }

    private static Path directory() {
        URL vectors = StockVectorTest.class.getResource("vectors");
        try {
            return Path.of(vectors.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
