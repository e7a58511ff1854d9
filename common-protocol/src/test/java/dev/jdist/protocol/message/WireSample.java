package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.ServerId;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireMessage;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * One message in its three forms. The bytes and the text were made with Rust's own bincode 1.3 and serde_json 1.0 from
 * the shapes in docs/protocol.md, not with the code under test.
 */
public record WireSample(
        String name, WireMessage message, WireDecoder<? extends WireMessage> decoder, String hex, String json) {
    private static final CompileCommand COMMAND =
            new CompileCommand("/usr/bin/gcc", List.of("-c", "é"), List.of(new EnvironmentVariable("A", "b")), "/w");
    private static final String COMMAND_HEX = "0c00000000000000" + "2f7573722f62696e2f676363"
            + "0200000000000000" + "0200000000000000" + "2d63" + "0200000000000000" + "c3a9"
            + "0100000000000000" + "0100000000000000" + "41" + "0100000000000000" + "62"
            + "0200000000000000" + "2f77";
    private static final String COMMAND_JSON =
            "{\"executable\":\"/usr/bin/gcc\",\"arguments\":[\"-c\",\"é\"],\"env_vars\":[[\"A\",\"b\"]],\"cwd\":\"/w\"}";

    private static final ProcessOutput OUTPUT = new ProcessOutput(-1, Bytes.utf8("h"), Bytes.EMPTY);
    private static final String OUTPUT_HEX = "ffffffff" + "0100000000000000" + "68" + "0000000000000000";
    private static final String OUTPUT_JSON = "{\"code\":-1,\"stdout\":[104],\"stderr\":[]}";

    static final JobAlloc V4_ALLOC = new JobAlloc("tok", new JobId(-1), ServerId.parse("10.0.0.1:10501"));
    private static final String V4_ALLOC_HEX =
            "0300000000000000" + "746f6b" + "ffffffffffffffff" + "00000000" + "0a000001" + "0529";
    private static final String V4_ALLOC_JSON =
            "{\"auth\":\"tok\",\"job_id\":18446744073709551615,\"server_id\":\"10.0.0.1:10501\"}";

    static Stream<WireSample> all() {
        return Stream.of(
                new WireSample(
                        "Toolchain",
                        new Toolchain("ab"),
                        Toolchain::decode,
                        "0200000000000000" + "6162",
                        "{\"archive_id\":\"ab\"}"),
                new WireSample("JobAlloc V4", V4_ALLOC, JobAlloc::decode, V4_ALLOC_HEX, V4_ALLOC_JSON),
                new WireSample(
                        "JobAlloc V6",
                        new JobAlloc("", new JobId(1), ServerId.parse("[fd00::1]:65535")),
                        JobAlloc::decode,
                        "0000000000000000" + "0100000000000000" + "01000000" + "fd000000000000000000000000000001"
                                + "ffff",
                        "{\"auth\":\"\",\"job_id\":1,\"server_id\":\"[fd00::1]:65535\"}"),
                new WireSample(
                        "AllocJobResult Success",
                        new AllocJobResult.Success(V4_ALLOC, true, bytes("007f80ff")),
                        AllocJobResult::decode,
                        "00000000" + V4_ALLOC_HEX + "01" + "0400000000000000" + "007f80ff",
                        "{\"Success\":{\"job_alloc\":" + V4_ALLOC_JSON
                                + ",\"need_toolchain\":true,\"cert_digest\":[0,127,128,255]}}"),
                new WireSample(
                        "AllocJobResult Fail",
                        new AllocJobResult.Fail("no\"\\/\b\f\n\r\t\u0001\u001f\u007fé\u2028\ud83d\ude00"),
                        AllocJobResult::decode,
                        "01000000" + "1600000000000000" + "6e6f225c2f080c0a0d09011f7fc3a9e280a8f09f9880",
                        "{\"Fail\":{\"msg\":\"no\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u007fé\u2028\ud83d\ude00\"}}"),
                new WireSample(
                        "ServerCertificate",
                        new ServerCertificate(bytes("0102"), Bytes.utf8("-")),
                        ServerCertificate::decode,
                        "0200000000000000" + "0102" + "0100000000000000" + "2d",
                        "{\"cert_digest\":[1,2],\"cert_pem\":[45]}"),
                new WireSample(
                        "Heartbeat",
                        new Heartbeat(
                                bytes("0908"), 4, Long.MIN_VALUE, new ServerCertificate(Bytes.EMPTY, bytes("07"))),
                        Heartbeat::decode,
                        "0200000000000000" + "0908" + "0400000000000000" + "0000000000000080" + "0000000000000000"
                                + "0100000000000000" + "07",
                        "{\"jwt_key\":[9,8],\"num_cpus\":4,\"server_nonce\":9223372036854775808,\"cert_digest\":[],"
                                + "\"cert_pem\":[7]}"),
                new WireSample(
                        "HeartbeatResult",
                        new HeartbeatResult(true),
                        HeartbeatResult::decode,
                        "01",
                        "{\"is_new\":true}"),
                new WireSample("JobState Pending", JobState.PENDING, JobState::decode, "00000000", "\"Pending\""),
                new WireSample("JobState Ready", JobState.READY, JobState::decode, "01000000", "\"Ready\""),
                new WireSample("JobState Started", JobState.STARTED, JobState::decode, "02000000", "\"Started\""),
                new WireSample("JobState Complete", JobState.COMPLETE, JobState::decode, "03000000", "\"Complete\""),
                new WireSample(
                        "UpdateJobStateResult Success",
                        new UpdateJobStateResult.Success(),
                        UpdateJobStateResult::decode,
                        "00000000",
                        "\"Success\""),
                new WireSample(
                        "UpdateJobStateResult Fail",
                        new UpdateJobStateResult.Fail("x"),
                        UpdateJobStateResult::decode,
                        "01000000" + "0100000000000000" + "78",
                        "{\"Fail\":{\"msg\":\"x\"}}"),
                new WireSample(
                        "SchedulerStatus",
                        new SchedulerStatus(1, 2, -1),
                        SchedulerStatus::decode,
                        "0100000000000000" + "0200000000000000" + "ffffffffffffffff",
                        "{\"num_servers\":1,\"num_cpus\":2,\"in_progress\":18446744073709551615}"),
                new WireSample(
                        "AssignJobResult",
                        new AssignJobResult(JobState.READY, false),
                        AssignJobResult::decode,
                        "01000000" + "00",
                        "{\"state\":\"Ready\",\"need_toolchain\":false}"),
                new WireSample(
                        "SubmitToolchainResult Success",
                        SubmitToolchainResult.SUCCESS,
                        SubmitToolchainResult::decode,
                        "00000000",
                        "\"Success\""),
                new WireSample(
                        "SubmitToolchainResult JobNotFound",
                        SubmitToolchainResult.JOB_NOT_FOUND,
                        SubmitToolchainResult::decode,
                        "01000000",
                        "\"JobNotFound\""),
                new WireSample(
                        "SubmitToolchainResult CannotCache",
                        SubmitToolchainResult.CANNOT_CACHE,
                        SubmitToolchainResult::decode,
                        "02000000",
                        "\"CannotCache\""),
                new WireSample("CompileCommand", COMMAND, CompileCommand::decode, COMMAND_HEX, COMMAND_JSON),
                new WireSample(
                        "RunJobRequest",
                        new RunJobRequest(COMMAND, List.of("/w/a.o")),
                        RunJobRequest::decode,
                        COMMAND_HEX + "0100000000000000" + "0600000000000000" + "2f772f612e6f",
                        "{\"command\":" + COMMAND_JSON + ",\"outputs\":[\"/w/a.o\"]}"),
                new WireSample("ProcessOutput", OUTPUT, ProcessOutput::decode, OUTPUT_HEX, OUTPUT_JSON),
                new WireSample(
                        "RunJobResult JobNotFound",
                        new RunJobResult.JobNotFound(),
                        RunJobResult::decode,
                        "00000000",
                        "\"JobNotFound\""),
                new WireSample(
                        "RunJobResult Complete",
                        new RunJobResult.Complete(OUTPUT, List.of(new OutputFile("/o", bytes("789c"), 5))),
                        RunJobResult::decode,
                        "01000000" + OUTPUT_HEX + "0100000000000000" + "0200000000000000" + "2f6f" + "0200000000000000"
                                + "789c" + "0500000000000000",
                        "{\"Complete\":{\"output\":" + OUTPUT_JSON + ",\"outputs\":[[\"/o\",[[120,156],5]]]}}"));
    }

    public byte[] bincode() {
        return HexFormat.of().parseHex(hex);
    }

    byte[] jsonBytes() {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    static Bytes bytes(String hex) {
        return Bytes.wrap(HexFormat.of().parseHex(hex));
    }

    @Override
    public String toString() {
        return name;
    }
}
