package dev.jdist.client.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.caller.OutputFile;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.compiler.OutputManner;
import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.FileStat;
import dev.jdist.client.launcher.LauncherMessages.MalformedException;
import dev.jdist.protocol.wire.Bytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherMessagesTest {
    private static Optional<CallerRequest> read(ByteBuf frame) throws MalformedException {
        return new LauncherFrame(ByteBufUtil.getBytes(frame)).read();
    }

    @Test
    void request_isRead() throws MalformedException {
        ByteBuf frame = LauncherFrames.request(
                2,
                97,
                "/work/é",
                "/usr/bin/gcc",
                List.of(LauncherFrames.utf8("gcc"), LauncherFrames.utf8(""), LauncherFrames.utf8("a b.c")),
                List.of(
                        LauncherFrames.utf8("PATH=/usr/bin"),
                        LauncherFrames.utf8("A=b=c"),
                        LauncherFrames.utf8("EMPTY="),
                        LauncherFrames.utf8("no equals sign"),
                        LauncherFrames.utf8("=odd"),
                        new byte[] {'L', '=', (byte) 0xe9}));
        Digest id = Digest.of(ByteBufUtil.getBytes(frame));
        assertEquals(
                new CallerRequest(
                        false,
                        true,
                        CallerRequest.Limits.USUAL,
                        97,
                        Path.of("/work/é"),
                        "/usr/bin/gcc",
                        List.of("gcc", "", "a b.c"),
                        Map.of("PATH", "/usr/bin", "A", "b=c", "EMPTY", ""),
                        LauncherFrames.VIEW,
                        Optional.of(id)),
                read(frame).orElseThrow());
    }

    @Test
    void request_withoutExecutable_isAQuestion() throws MalformedException {
        CallerRequest request = read(LauncherFrames.request("", "--show-stats")).orElseThrow();
        assertTrue(request.isQuestion());
        assertEquals(List.of("--show-stats"), request.arguments());
    }

    @Test
    void request_argumentThatIsNotUtf8_isLeftToTheCompiler() throws MalformedException {
        ByteBuf frame = LauncherFrames.request(
                0, 0, "/", "gcc", List.of(LauncherFrames.utf8("gcc"), new byte[] {(byte) 0xff}), List.of());
        assertEquals(Optional.empty(), read(frame));
    }

    /** Java puts it in place of what is not UTF-8, but it may be meant. */
    @Test
    void request_replacementCharacter_isACharacterLikeOthers() throws MalformedException {
        ByteBuf frame = LauncherFrames.request("gcc", "gcc", "\uFFFD.c");
        assertEquals(List.of("\uFFFD.c"), read(frame).orElseThrow().options());
    }

    @Test
    void request_relativeDirectory_isMalformed() {
        ByteBuf frame = LauncherFrames.request(0, 0, "work", "gcc", List.of(LauncherFrames.utf8("gcc")), List.of());
        assertThrows(MalformedException.class, () -> read(frame));
    }

    @Test
    void request_noArguments_isMalformed() {
        ByteBuf frame = LauncherFrames.request(0, 0, "/", "gcc", List.of(), List.of());
        assertThrows(MalformedException.class, () -> read(frame));
    }

    @Test
    void request_directoryThatNoPathCanBe_isMalformed() {
        ByteBuf frame = LauncherFrames.request(0, 0, "/a\0b", "gcc", List.of(LauncherFrames.utf8("gcc")), List.of());
        assertThrows(MalformedException.class, () -> read(frame));
    }

    @Test
    void request_ofAnotherVersion_saysSo() {
        ByteBuf frame = LauncherFrames.request("gcc", "gcc");
        frame.setInt(1, 7);
        MalformedException e = assertThrows(MalformedException.class, () -> read(frame));
        assertTrue(e.getMessage().contains("version (7)"), e.getMessage());
    }

    /** Or nobody could stop a daemon of another version. */
    @Test
    void question_ofAnotherVersion_isOneAllTheSame() throws MalformedException {
        ByteBuf frame = LauncherFrames.request("", "--stop-server");
        frame.setInt(1, 7);
        assertEquals(List.of("--stop-server"), read(frame).orElseThrow().arguments());
    }

    @Test
    void id_standsForAllThatWasSaid() {
        LauncherFrame words = new LauncherFrame(ByteBufUtil.getBytes(LauncherFrames.request("gcc", "gcc", "a.c")));
        LauncherFrame same = new LauncherFrame(ByteBufUtil.getBytes(LauncherFrames.request("gcc", "gcc", "a.c")));
        LauncherFrame other = new LauncherFrame(ByteBufUtil.getBytes(LauncherFrames.request("gcc", "gcc", "b.c")));
        assertEquals(words.id(), same.id());
        assertNotEquals(words.id(), other.id());
    }

    @Test
    void compareAndOffer_areWrittenAsTheLauncherReadsThem() {
        FileFingerprints files = new FileFingerprints.Builder()
                .add(Path.of("/a"), new FileStat(1, 2, 3, 4, -1))
                .build();
        FileFingerprints more =
                new FileFingerprints.Builder().addAbsent(Path.of("/b")).build();
        assertEquals(
                "06" + "00000002" + "00000003" + "2f6100" + "0000000000000001" + "0000000000000002"
                        + "0000000000000003" + "0000000000000004" + "ffffffffffffffff" + "00000003" + "2f6200"
                        + "f".repeat(80),
                ByteBufUtil.hexDump(LauncherMessages.compare(files.and(more))));
        List<OutputFile> outputs = List.of(
                new OutputFile(Path.of("/o"), OutputManner.REPLACED, out -> {}),
                new OutputFile(Path.of("/d"), OutputManner.WRITTEN_OVER, out -> {}));
        String places = "00000002" + "00000000" + "00000003" + "2f6f00" + "00000002" + "00000003" + "2f6400";
        assertEquals(
                "07" + places + "00000000" + "00000001" + "78" + "00000000",
                ByteBufUtil.hexDump(LauncherMessages.offer(new LauncherOffer(outputs, Bytes.utf8("x"), Bytes.EMPTY))));
        assertEquals("09" + places, ByteBufUtil.hexDump(LauncherMessages.write(outputs)));
    }

    // Columns: offset of a length or count, what it is said to be.
    @ParameterizedTest
    @CsvSource({"13,-1", "13,2147483647", "13,1000", "22,-2147483648", "22,5000", "29,-1", "29,2147483647", "29,100000"
    })
    void request_lengthThatIsALie_isNotBelieved(int offset, int lie) {
        ByteBuf frame = LauncherFrames.request("gcc", "gcc", "-c", "a.c");
        frame.setInt(offset, lie);
        assertThrows(MalformedException.class, () -> read(frame));
    }

    @Test
    void request_cutOffAnywhere_isMalformed() {
        ByteBuf whole = LauncherFrames.request("/usr/bin/gcc", "gcc", "-c", "a.c");
        for (int length = 0; length < whole.readableBytes(); length++) {
            ByteBuf part = whole.slice(0, length);
            assertThrows(MalformedException.class, () -> read(part), "after " + length);
        }
    }

    @Test
    void done_isRead() throws MalformedException {
        assertEquals(new LauncherMessages.Done(139, false), LauncherMessages.readDone(LauncherFrames.done(139)));
        assertEquals(new LauncherMessages.Done(0, true), LauncherMessages.readDone(LauncherFrames.done(0, true)));
        assertThrows(MalformedException.class, () -> LauncherMessages.readDone(LauncherFrames.request("gcc", "gcc")));
        assertThrows(MalformedException.class, () -> LauncherMessages.readDone(Unpooled.EMPTY_BUFFER));
        assertThrows(
                MalformedException.class,
                () -> LauncherMessages.readDone(LauncherFrames.done(1).slice(0, 4)));
    }

    @Test
    void checked_isRead() throws MalformedException {
        ByteBuf frame = LauncherFrames.checked(0, 2);
        assertEquals(BitSet.valueOf(new long[] {0b101}), LauncherMessages.readChecked(frame, 3));
        assertEquals(new BitSet(), LauncherMessages.readChecked(LauncherFrames.checked(), 3));
    }

    @Test
    void checked_numberThatWasNotAskedAbout_isMalformed() {
        for (int number : new int[] {3, -1, Integer.MAX_VALUE}) {
            ByteBuf frame = LauncherFrames.checked(number);
            assertThrows(MalformedException.class, () -> LauncherMessages.readChecked(frame, 3));
        }
        ByteBuf cutOff = LauncherFrames.checked().writeShort(0);
        assertThrows(MalformedException.class, () -> LauncherMessages.readChecked(cutOff, 3));
    }

    @Test
    void exit_isWrittenAsTheLauncherReadsIt() {
        assertEquals(
                "02" + "000000ff" + "00000003" + "6f7574" + "00000002" + "c3a9",
                ByteBufUtil.hexDump(LauncherMessages.exit(255, Bytes.utf8("out"), Bytes.utf8("é"))));
    }

    @Test
    void run_isWrittenAsTheLauncherReadsIt() {
        RunCommand order = new RunCommand(
                RunCommand.Kind.LAST_STEP,
                Optional.of(Path.of("/o")),
                Optional.empty(),
                "/bin/cc",
                List.of("cc", "", "é"));
        assertEquals(
                "03" + "00000001" + "00000002" + "2f6f" + "00000000" + "00000007" + "2f62696e2f6363" + "00000003"
                        + "00000002" + "6363" + "00000000" + "00000002" + "c3a9",
                ByteBufUtil.hexDump(LauncherMessages.run(order)));
    }

    @ParameterizedTest
    @CsvSource({"STEP, 00000000", "LAST_STEP, 00000001", "QUESTION, 00000002"})
    void run_ofEachKind_hasItsFlag(RunCommand.Kind kind, String flags) {
        RunCommand order = new RunCommand(kind, Optional.empty(), Optional.empty(), "/bin/cc", List.of("cc"));

        assertTrue(ByteBufUtil.hexDump(LauncherMessages.run(order)).startsWith("03" + flags));
    }

    @Test
    void become_isOneByte() {
        assertEquals("04", ByteBufUtil.hexDump(LauncherMessages.become()));
    }

    /** Whatever comes, reading ends with a request, with none, or with the documented exception. */
    @Test
    void damagedFrames_endInAnAnswerOrTheOneException() {
        List<ByteBuf> samples = List.of(
                LauncherFrames.request("/usr/bin/gcc", "gcc", "-c", "a.c", "-o", "a.o"),
                LauncherFrames.request("", "--show-stats", "--stats-format=json"),
                LauncherFrames.done(3));
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 50_000; i++) {
            ByteBuf sample = samples.get(random.nextInt(samples.size()));
            ByteBuf frame = Unpooled.copiedBuffer(sample);
            for (int damage = random.nextInt(1, 5); damage > 0 && frame.isReadable(); damage--) {
                damage(random, frame);
            }
            String shown = ByteBufUtil.hexDump(frame);
            try {
                if (random.nextInt(4) == 0) {
                    LauncherMessages.readDone(frame);
                } else {
                    read(frame);
                }
            } catch (MalformedException e) {
                // As documented.
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", frame " + shown, e);
            }
        }
    }

    private static void damage(SplittableRandom random, ByteBuf frame) {
        int at = random.nextInt(frame.writerIndex());
        switch (random.nextInt(4)) {
            case 0 -> frame.setByte(at, random.nextInt(256));
            case 1 -> frame.writerIndex(at);
            case 2 -> frame.setByte(at, frame.getByte(at) ^ 1 << random.nextInt(8));
            default -> {
                if (at + 4 <= frame.writerIndex()) {
                    frame.setInt(at, random.nextBoolean() ? random.nextInt() : random.nextInt(64));
                }
            }
        }
    }
}
