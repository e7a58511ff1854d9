package dev.jdist.builder.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.protocol.message.OutputFile;
import dev.jdist.protocol.message.ProcessOutput;
import dev.jdist.protocol.message.RunJobResult;
import dev.jdist.protocol.spool.Spool;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.protocol.wire.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs come out as they went in, wherever they were meanwhile, and nothing of them stays. */
class OutputSpoolTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path directory;

    private Spools spools;

    @BeforeEach
    void open() throws IOException {
        spools = new Spools(
                SpoolDirectory.open(directory.resolve("spool")), new Spools.Limits(64 * MIB, 6 * MIB, 6 * MIB));
    }

    @AfterEach
    void nothingIsLeft() {
        assertEquals(List.of(), names());
        assertEquals(0, spools.used());
        assertEquals(0, spools.memoryUsed());
        spools.close();
    }

    private OutputSpool create() {
        return new OutputSpool(spools.create());
    }

    private List<String> names() {
        return List.of(directory.resolve("spool").toFile().list());
    }

    private static byte[] noise(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static OutputFile add(OutputSpool spool, String path, byte[] content) throws IOException {
        return spool.add(path, new ByteArrayInputStream(content), Long.MAX_VALUE, OutputSpoolTest::unexpected);
    }

    private static IOException unexpected() {
        return new IOException("a limit that nothing reaches");
    }

    private static byte[] deflated(byte[] content) throws IOException {
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(zlib, new Deflater(Deflater.BEST_SPEED))) {
            out.write(content);
        }
        return zlib.toByteArray();
    }

    /** Of sizes on both sides of what memory takes, one after the other in one spool. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40_000, Spool.MOST_IN_MEMORY - 100, Spool.MOST_IN_MEMORY, MIB})
    void add_anySize_comesOutAsZlibMadeInOneGo(int length) throws IOException {
        List<byte[]> contents = List.of(noise(1, 100), noise(2, length), new byte[length], noise(3, 7));
        try (OutputSpool spool = create()) {
            List<OutputFile> files = new ArrayList<>();
            for (byte[] content : contents) {
                files.add(add(spool, "/f" + files.size(), content));
            }
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < files.size(); i++) {
                    OutputFile file = files.get(i);
                    assertEquals("/f" + i, file.path());
                    assertEquals(contents.get(i).length, file.size());
                    byte[] zlib = file.zlib().toInputStream().readAllBytes();
                    assertEquals(zlib.length, file.zlib().length());
                    assertArrayEquals(deflated(contents.get(i)), zlib);
                    assertArrayEquals(
                            contents.get(i), new InflaterInputStream(file.zlib().toInputStream()).readAllBytes());
                }
            }
            assertEquals(List.of(), names(), "a file that a crash would leave");
        }
    }

    /** The same bytes on the wire as from memory, in both encodings. */
    @ParameterizedTest
    @ValueSource(ints = {1000, MIB})
    void encode_resultWithSpooledOutputs_isTheOneFromMemory(int length) throws IOException {
        byte[] content = noise(1, length);
        try (OutputSpool spool = create()) {
            OutputFile spooled = add(spool, "/out/a.o", content);
            OutputFile inMemory = new OutputFile("/out/a.o", Bytes.wrap(deflated(content)), content.length);

            assertArrayEquals(result(inMemory).toBincode(), result(spooled).toBincode());
            assertArrayEquals(result(inMemory).toJson(), result(spooled).toJson());
        }
    }

    private static RunJobResult.Complete result(OutputFile file) {
        return new RunJobResult.Complete(
                new ProcessOutput(0, Bytes.utf8("out"), Bytes.utf8("err")), List.of(file, file));
    }

    @Test
    void add_moreThanItMay_isRefusedBeforeItIsAllRead() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                return length;
            }
        };

        IOException e = assertThrows(IOException.class, () -> {
            try (OutputSpool spool = create()) {
                spool.add("/holes", endless, 5 * MIB, () -> new IOException("too large"));
            }
        });
        assertEquals("too large", e.getMessage());
    }

    @Test
    void add_moreThanAllMayHaveTogether_isRefusedUntilOthersAreTaken() throws IOException {
        byte[] content = noise(1, 2 * MIB - 10_000);
        List<OutputSpool> untaken = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            untaken.add(create());
            add(untaken.get(i), "/a.o", content);
        }
        try (OutputSpool small = create()) {
            add(small, "/small.o", noise(2, 1000));
        }

        try (OutputSpool spool = create()) {
            IOException e = assertThrows(IOException.class, () -> add(spool, "/a.o", content));
            assertTrue(e.getMessage().contains("6.0 MiB"), e.getMessage());
        }

        untaken.remove(0).close();
        try (OutputSpool spool = create()) {
            add(spool, "/a.o", content);
        }
        for (OutputSpool spool : untaken) {
            spool.close();
            spool.close();
        }
    }

    @Test
    void close_whileSomebodyReads_endsTheReading() throws IOException {
        OutputSpool spool = create();
        OutputFile file = add(spool, "/a.o", noise(1, MIB));
        try (InputStream in = file.zlib().toInputStream()) {
            in.readNBytes(1000);
            spool.close();
            assertThrows(ClosedChannelException.class, () -> in.readAllBytes());
        }
    }

    @Test
    void open_leftovers_areRemoved() throws IOException {
        Files.write(directory.resolve("spool/spool-1"), new byte[1000]);

        open();

        assertEquals(List.of(), names());
    }
}
