package dev.jdist.protocol.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jdist.protocol.message.CompileCommand;
import dev.jdist.protocol.message.JobAlloc;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.message.SchedulerStatus;
import dev.jdist.protocol.message.UpdateJobStateResult;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What serde_json takes and refuses, and this reader with it. */
class JsonWireReaderTest {
    private static final WireDecoder<SchedulerStatus> STATUS = SchedulerStatus::decode;
    private static final WireDecoder<ProcessOutput> OUTPUT = ProcessOutput::decode;
    private static final WireDecoder<RunJobResult> RESULT = RunJobResult::decode;
    private static final WireDecoder<UpdateJobStateResult> UPDATE = UpdateJobStateResult::decode;
    private static final WireDecoder<JobAlloc> ALLOC = JobAlloc::decode;
    private static final WireDecoder<CompileCommand> COMMAND = CompileCommand::decode;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1",
                "18446744073709551616",
                "1.0",
                "1e3",
                "\"1\"",
                "null",
                "true",
                "[1]",
                "{}",
                "01",
                "+1",
                "NaN",
                "100000000000000000000000000000000000000000000000000000000000"
            })
    void u64_notOne_isRefused(String number) {
        refuse(STATUS, "{\"num_servers\":" + number + ",\"num_cpus\":0,\"in_progress\":0}");
    }

    @Test
    void u64_theLargest_isRead() {
        assertEquals(
                new SchedulerStatus(-1, Long.MIN_VALUE, Long.MAX_VALUE),
                read(
                        STATUS,
                        "{\"num_servers\":18446744073709551615,\"num_cpus\":9223372036854775808,"
                                + "\"in_progress\":9223372036854775807}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "-2147483649", "1.0", "\"1\"", "null"})
    void i32_notOne_isRefused(String number) {
        refuse(OUTPUT, "{\"code\":" + number + ",\"stdout\":[],\"stderr\":[]}");
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE})
    void i32_anyInRange_isRead(int number) {
        assertEquals(
                new ProcessOutput(number, Bytes.EMPTY, Bytes.EMPTY),
                read(OUTPUT, "{\"code\":" + number + ",\"stdout\":[],\"stderr\":[]}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[256]", "[-1]", "[1.0]", "[\"1\"]", "[null]", "\"AQ==\"", "{}", "[4294967297]"})
    void bytes_notAnArrayOfBytes_isRefused(String array) {
        refuse(OUTPUT, "{\"code\":0,\"stdout\":" + array + ",\"stderr\":[]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Nothing\"",
                "\"jobnotfound\"",
                "\"Complete\"",
                "{\"JobNotFound\":1}",
                "{\"JobNotFound\":{}}",
                "{\"JobNotFound\":{\"surplus\":1}}",
                "{}",
                "{\"JobNotFound\":null,\"Complete\":null}",
                "[\"JobNotFound\"]",
                "[]",
                "null",
                "0",
                "",
                " "
            })
    void variant_notOne_isRefused(String json) {
        refuse(RESULT, json);
    }

    /** serde_json reads both forms of a variant without fields, and writes the first. */
    @Test
    void variant_withoutFields_isReadInBothForms() {
        assertEquals(new RunJobResult.JobNotFound(), read(RESULT, "\"JobNotFound\""));
        assertEquals(new RunJobResult.JobNotFound(), read(RESULT, " { \"JobNotFound\" : null } "));
    }

    @Test
    void struct_fieldTwice_isRefused() {
        refuse(UPDATE, "{\"Fail\":{\"msg\":\"a\",\"msg\":\"b\"}}");
        refuse(UPDATE, "{\"Fail\":{\"msg\":\"a\"},\"Fail\":{\"msg\":\"b\"}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00", "\\udc00\\ud800", "x\\ud83d", "\\ud83dx", "\\x", "\u0001"})
    void string_notUnicode_isRefused(String text) {
        refuse(UPDATE, "{\"Fail\":{\"msg\":\"" + text + "\"}}");
    }

    @Test
    void string_escaped_isRead() {
        assertEquals(
                new UpdateJobStateResult.Fail("\ud83d\ude00\0/\u00e9"),
                read(UPDATE, "{\"Fail\":{\"msg\":\"\\uD83D\\ude00\\u0000\\/\\u00E9\"}}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff", "c0af", "eda080", "f4908080", "e282"})
    void string_notUtf8_isRefused(String hex) {
        String json = "{\"Fail\":{\"msg\":\"" + new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1)
                + "\"}}";

        assertThrows(WireFormatException.class, () -> UPDATE.fromJson(json.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void message_notUtf8_isRefused(String charset) {
        assertThrows(
                WireFormatException.class, () -> UPDATE.fromJson("\"Success\"".getBytes(Charset.forName(charset))));
    }

    @Test
    void string_overTheLimit_isRefused() {
        String longest = "x".repeat(WireLimits.STRING);

        assertEquals(new UpdateJobStateResult.Fail(longest), read(UPDATE, "{\"Fail\":{\"msg\":\"" + longest + "\"}}"));
        refuse(UPDATE, "{\"Fail\":{\"msg\":\"" + longest + "x\"}}");
    }

    @Test
    void list_overTheLimit_isRefused() {
        String outputs = "[\"o\",[[],0]],".repeat(WireLimits.OUTPUTS + 1);

        refuse(
                RESULT,
                "{\"Complete\":{\"output\":{\"code\":0,\"stdout\":[],\"stderr\":[]},\"outputs\":["
                        + outputs.substring(0, outputs.length() - 1) + "]}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[[\"A\"]]", "[[]]", "[[\"A\",\"b\",\"c\"]]", "[\"A\",\"b\"]", "[{\"A\":\"b\"}]", "{}"})
    void tuple_ofAnotherLength_isRefused(String environment) {
        refuse(COMMAND, "{\"executable\":\"/cc\",\"arguments\":[],\"env_vars\":" + environment + ",\"cwd\":\"/\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host:1", "1.2.3.4", "1.2.3.4:65536", "::1:5", "", ":", "[", "[]", "[]:1", "[:1"})
    void socketAddress_notOne_isRefused(String address) {
        refuse(ALLOC, "{\"auth\":\"\",\"job_id\":1,\"server_id\":\"" + address + "\"}");
    }

    @Test
    void message_nestedDeeply_isRefused() {
        refuse(RESULT, "[".repeat(100_000));
        refuse(RESULT, "{\"Complete\":".repeat(100_000));
    }

    @Test
    void refusal_ofAValue_doesNotRepeatIt() {
        WireFormatException refusal = assertThrows(
                WireFormatException.class,
                () -> read(ALLOC, "{\"auth\":[\"the-token\"],\"job_id\":1,\"server_id\":\"1.2.3.4:5\"}"));

        assertEquals("expected a string, found ARRAY", refusal.getMessage());
    }

    private static <T> T read(WireDecoder<T> decoder, String json) {
        return decoder.fromJson(json.getBytes(StandardCharsets.UTF_8));
    }

    private static void refuse(WireDecoder<?> decoder, String json) {
        assertThrows(WireFormatException.class, () -> read(decoder, json), () -> "accepted: " + json);
    }
}
