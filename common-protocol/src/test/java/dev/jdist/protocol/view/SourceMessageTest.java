package dev.jdist.protocol.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.spool.Spool;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Bytes;
import dev.jdist.protocol.wire.PrimitiveBytes;
import dev.jdist.protocol.wire.WireDecoder;
import dev.jdist.protocol.wire.WireFormatException;
import dev.jdist.protocol.wire.WireLimits;
import dev.jdist.protocol.wire.WireMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceMessageTest {
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(ViewSamples.REQUEST, (WireDecoder<?>) RunSourcesRequest::decode),
                Arguments.of(ViewSamples.ANSWERS, (WireDecoder<?>) SourceAnswers::decode),
                Arguments.of(ViewSamples.ASK, (WireDecoder<?>) RunSourcesReply::decode),
                Arguments.of(ViewSamples.DONE, (WireDecoder<?>) RunSourcesReply::decode),
                Arguments.of(new RunSourcesReply.JobNotFound(), (WireDecoder<?>) RunSourcesReply::decode),
                Arguments.of(new SourceAnswers(List.of(), List.of()), (WireDecoder<?>) SourceAnswers::decode));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void decode_whatWasEncoded_isTheMessage(WireMessage message, WireDecoder<?> decoder) throws IOException {
        assertEquals(message, decoder.fromBincode(message.toBincode()));
        assertEquals(message, decoder.fromBincode(Bytes.wrap(message.toBincode())));
        assertEquals(message, decoder.fromJson(message.toJson()));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void decode_cutAnywhere_isRefused(WireMessage message, WireDecoder<?> decoder) {
        byte[] whole = message.toBincode();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(WireFormatException.class, () -> decoder.fromBincode(cut), "cut to " + length + " bytes");
        }
    }

    /** A number of bytes as bincode writes it, and the bytes. */
    private static String sized(String hex) {
        return String.format("%02x00000000000000", hex.length() / 2) + hex;
    }

    /** Made by hand from the description in docs/protocol.md. */
    @Test
    void toBincode_question_isWhatTheDescriptionSays() {
        assertEquals(
                "01000000"
                        + sized("02" + "000b" + "2f776f726b2f702f782e68" + "0601" + "71")
                        + sized("01" + "0001" + "2f")
                        + sized(ABC + EMPTY),
                HexFormat.of().formatHex(ViewSamples.ASK.toBincode()));
    }

    @Test
    void toBincode_result_isWhatTheDescriptionSays() {
        RunSourcesReply.Complete complete = new RunSourcesReply.Complete(
                List.of(
                        new Used("/a", Used.Kind.SEEN),
                        new Used("/a/b", Used.Kind.ABSENT),
                        new Used("/a", Used.Kind.LISTED)),
                new RunJobResult.Complete(new ProcessOutput(0, Bytes.EMPTY, Bytes.EMPTY), List.of()));

        assertEquals(
                "02000000"
                        + sized("03" + "0002" + "2f61" + "01" + "0200" + "03" + "0202" + "2f62" + "02")
                        + "01000000" + "00000000" + sized("") + sized("") + sized(""),
                HexFormat.of().formatHex(complete.toBincode()));
    }

    @Test
    void toBincode_answers_areWhatTheDescriptionSays() {
        SourceAnswers answers = new SourceAnswers(
                List.of(new PathNode("/b", new ViewNode.Absent()), new PathNode("/a", new ViewNode.Toolchain())),
                List.of(new Content(ViewSamples.ABC, Bytes.utf8("abc"))));

        assertEquals(
                sized("02" + "0002" + "2f61" + "04" + "0101" + "62" + "00") + "0100000000000000" + sized(ABC)
                        + sized("616263"),
                HexFormat.of().formatHex(answers.toBincode()));
    }

    @Test
    void toBincode_request_isWhatTheDescriptionSays() {
        RunSourcesRequest request = new RunSourcesRequest(
                ViewSamples.REQUEST.command(),
                List.of("/o"),
                ViewSamples.CLIENT,
                ViewSamples.EMPTY,
                List.of(),
                List.of(ViewSamples.ABC),
                List.of());

        assertEquals(
                HexFormat.of().formatHex(request.command().toBincode())
                        + "0100000000000000" + sized("2f6f")
                        + sized("00".repeat(32))
                        + sized(EMPTY)
                        + sized("00")
                        + sized(ABC)
                        + "0000000000000000",
                HexFormat.of().formatHex(request.toBincode()));
    }

    @Test
    void constructor_anyOrder_isSorted() {
        List<PathNode> nodes = new ArrayList<>(ViewSamples.REQUEST.nodes());
        Collections.reverse(nodes);

        assertEquals(
                ViewSamples.ANSWERS.contents(), new SourceAnswers(nodes, ViewSamples.ANSWERS.contents()).contents());
        assertEquals(ViewSamples.REQUEST.nodes(), new SourceAnswers(nodes, List.of()).nodes());
        assertEquals(List.of("/work/p/x.h", "/work/q"), ViewSamples.ASK.paths());
        assertEquals(List.of(ViewSamples.ABC, ViewSamples.EMPTY), ViewSamples.ASK.contents());
        assertEquals(
                List.of(Used.Kind.ABSENT, Used.Kind.SEEN, Used.Kind.LISTED, Used.Kind.READ),
                ViewSamples.DONE.used().stream().map(Used::kind).toList());
    }

    @Test
    void constructor_somethingTwice_isRefused() {
        PathNode node = new PathNode("/a", new ViewNode.Absent());
        PathNode other = new PathNode("/a", new ViewNode.Present());
        Content content = new Content(ViewSamples.ABC, Bytes.utf8("abc"));
        Used use = new Used("/a", Used.Kind.READ);
        RunJobResult.Complete result = ViewSamples.DONE.result();

        assertThrows(IllegalArgumentException.class, () -> new SourceAnswers(List.of(node, other), List.of()));
        assertThrows(IllegalArgumentException.class, () -> new SourceAnswers(List.of(), List.of(content, content)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new RunSourcesReply.Ask(List.of("/a", "/a"), List.of(), List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new RunSourcesReply.Ask(List.of(), List.of(), List.of(ViewSamples.ABC, ViewSamples.ABC)));
        assertThrows(IllegalArgumentException.class, () -> new RunSourcesReply.Complete(List.of(use, use), result));
    }

    @Test
    void constructor_emptyQuestion_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> new RunSourcesReply.Ask(List.of(), List.of(), List.of()));
        assertRefused("nothing is asked", RunSourcesReply::decode, "01000000" + sized("00") + sized("00") + sized(""));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33})
    void constructor_otherIdentity_isRefused(int bytes) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new RunSourcesRequest(
                        ViewSamples.REQUEST.command(),
                        List.of(),
                        Bytes.wrap(new byte[bytes]),
                        ViewSamples.ABC,
                        List.of(),
                        List.of(),
                        List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a", "a/b", "//", "//a", "/a/", "/a//b", "/.", "/..", "/a/.", "/a/..", "/./a", "/../a", "/a\0",
                "/\ud800"
            })
    void path_notInItsOneForm_isRefused(String path) {
        assertThrows(IllegalArgumentException.class, () -> new PathNode(path, new ViewNode.Absent()));
        assertThrows(IllegalArgumentException.class, () -> new Used(path, Used.Kind.READ));
        assertThrows(
                IllegalArgumentException.class, () -> new RunSourcesReply.Ask(List.of(path), List.of(), List.of()));
        if (!path.contains("\ud800")) {
            String packed = sized("01" + "00" + String.format("%02x", path.length())
                    + Bytes.utf8(path).toHex());
            assertThrows(
                    WireFormatException.class,
                    () -> decode(RunSourcesReply::decode, "01000000" + packed + sized("00") + sized("")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a", "/...", "/.a/..b", "/a b,c/é", "/\n"})
    void path_strange_isTaken(String path) {
        RunSourcesReply.Ask ask = new RunSourcesReply.Ask(List.of(path), List.of(), List.of());

        WireDecoder<RunSourcesReply> decoder = RunSourcesReply::decode;
        assertEquals(ask, decoder.fromBincode(ask.toBincode()));
    }

    @Test
    void path_longerThanLinuxHasThem_isRefused() {
        new Used("/" + "a".repeat(4094), Used.Kind.READ);
        assertThrows(IllegalArgumentException.class, () -> new Used("/" + "a".repeat(4095), Used.Kind.READ));
    }

    @Test
    void decode_anotherForm_isRefused() {
        String unsorted = sized("02" + "0002" + "2f62" + "04" + "0101" + "61" + "00");
        assertRefused("the paths in a list are not sorted, or one is there twice", SourceAnswers::decode, unsorted);
        assertRefused(
                "the paths in a list are not sorted, or one is there twice",
                RunSourcesReply::decode,
                "01000000" + sized("02" + "0002" + "2f62" + "0200"));
        assertRefused(
                "the digests in a list are not sorted, or one is there twice",
                RunSourcesReply::decode,
                "01000000" + sized("00") + sized("00") + sized(EMPTY + ABC));
        assertRefused(
                "digests of 32 bytes do not fill 33",
                RunSourcesReply::decode,
                "01000000" + sized("00") + sized("00") + sized(EMPTY + "00"));
        assertRefused(
                "a SHA-256 has 32 bytes, not 1",
                SourceAnswers::decode,
                sized("00") + "0100000000000000" + sized("00") + sized("00"));
        assertRefused(
                "a digest: 33 bytes are over the limit of 32",
                SourceAnswers::decode,
                sized("00") + "0100000000000000" + sized("00".repeat(33)) + sized("00"));
        assertRefused(
                "a path was used in an unknown way, 4",
                RunSourcesReply::decode,
                "02000000" + sized("01" + "0001" + "2f04"));
        assertRefused(
                "the used paths are not sorted, or one is there twice",
                RunSourcesReply::decode,
                "02000000" + sized("02" + "0001" + "2f01" + "0100" + "00"));
        assertRefused(
                "the job was completed, and its result says that there is none",
                RunSourcesReply::decode,
                "02000000" + sized("00") + "00000000");
        assertRefused(
                "a content is there twice",
                SourceAnswers::decode,
                sized("00") + "0200000000000000" + (sized(ABC) + sized("")).repeat(2));
    }

    @Test
    void decode_claimOfManyPaths_isRefusedByWhatRemains() {
        assertRefused(
                "262144 paths do not fit into the 1 bytes that remain",
                RunSourcesReply::decode,
                "01000000" + sized("80801000"));
        assertRefused(
                "262145 used paths are over the limit of " + WireLimits.PATHS,
                RunSourcesReply::decode,
                "02000000" + sized("81801000"));
    }

    /** Outputs go out of a spool and stay in the one that they came into, however large they are. */
    @Test
    void decode_resultInSpool_leavesOutputsThere(@TempDir Path directory) throws IOException {
        byte[] output = new byte[2 << 20];
        Arrays.fill(output, (byte) 7);
        RunSourcesReply.Complete sent = new RunSourcesReply.Complete(
                ViewSamples.DONE.used(),
                new RunJobResult.Complete(
                        ViewSamples.DONE.result().output(),
                        List.of(new OutputFile("/o", Bytes.wrap(output), 3), new OutputFile("/p", Bytes.EMPTY, 0))));
        WireDecoder<RunSourcesReply> decoder = RunSourcesReply::decode;
        Spools spools = new Spools(() -> directory.resolve("spool"), new Spools.Limits(1 << 20, 8 << 20, 8 << 20));
        try (Spool spool = spools.create()) {
            sent.bincode().writeTo(spool.toOutputStream());
            assertFalse(spool.isInMemory());

            RunSourcesReply.Complete read =
                    assertInstanceOf(RunSourcesReply.Complete.class, decoder.fromBincode(spool));

            assertEquals(sent.used(), read.used());
            assertEquals(sent.result().output(), read.result().output());
            PrimitiveBytes zlib = read.result().outputs().get(0).zlib();
            assertFalse(zlib instanceof Bytes);
            assertEquals(Bytes.wrap(output), inMemory(zlib));
            assertEquals(0, read.result().outputs().get(1).zlib().length());
        }
        spools.close();
    }

    @Test
    void toString_request_doesNotShowTheIdentity() {
        assertTrue(ViewSamples.REQUEST.toString().contains("client=32 bytes"), ViewSamples.REQUEST.toString());
    }

    private static Bytes inMemory(PrimitiveBytes bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        bytes.writeTo(out);
        return Bytes.wrap(out.toByteArray());
    }

    private static <T> T decode(WireDecoder<T> decoder, String hex) {
        return decoder.fromBincode(HexFormat.of().parseHex(hex));
    }

    private static <T> void assertRefused(String reason, WireDecoder<T> decoder, String hex) {
        WireFormatException refusal = assertThrows(WireFormatException.class, () -> decode(decoder, hex));
        assertEquals(reason, refusal.getMessage());
    }
}
