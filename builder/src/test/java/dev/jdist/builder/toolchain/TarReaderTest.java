package dev.jdist.builder.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries come as they were written; anything that is not a tar, or too much of one, is an {@link ArchiveException}. */
@Timeout(60)
class TarReaderTest {
    private static final int HEADER = 512;

    private static List<String> read(byte[] tar) throws IOException {
        return read(new TarReader(100, 1 << 20), new ByteArrayInputStream(tar));
    }

    private static List<String> read(TarReader reader, InputStream in) throws IOException {
        List<String> seen = new ArrayList<>();
        reader.read(
                in,
                (entry, content) ->
                        seen.add(entry.getName() + "=" + new String(content.readAllBytes(), StandardCharsets.UTF_8)));
        return seen;
    }

    private static String refusal(byte[] tar) {
        return assertThrows(ArchiveException.class, () -> read(tar)).getMessage();
    }

    @Test
    void read_severalEntries_visitsThemInOrder() throws IOException {
        byte[] tar = new Tars()
                .file("a", "1")
                .directory("d/")
                .file("d/b", "")
                .file("d/\u00e9", "3")
                .toTar();

        assertEquals(List.of("a=1", "d/=", "d/b=", "d/\u00e9=3"), read(tar));
    }

    @Test
    void read_emptyArchive_visitsNothing() throws IOException {
        assertEquals(List.of(), read(new Tars().toTar()));
        assertEquals(List.of(), read(new byte[0]));
        assertEquals(List.of(), read(new byte[1024]));
    }

    /** A toolchain cache that may be as large as it likes is written as the largest number there is. */
    @Test
    void read_withoutLimit_visitsAllEntries() throws IOException {
        byte[] tar = new Tars().file("a", "1").file("b", "2").toTar();

        assertEquals(List.of("a=1", "b=2"), read(new TarReader(100, Long.MAX_VALUE), new ByteArrayInputStream(tar)));
    }

    @ParameterizedTest
    @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
    void read_longNames_areWhole(int form) throws IOException {
        String name = "d/".repeat(150) + "\u00e9".repeat(60);

        assertEquals(List.of(name + "=x"), read(new Tars(form).file(name, "x").toTar()));
    }

    @Test
    void read_contentThatTheVisitorLeaves_isSkipped() throws IOException {
        byte[] tar = new Tars().file("a", "x".repeat(600_000)).file("b", "y").toTar();
        List<String> names = new ArrayList<>();

        new TarReader(100, 1 << 20).read(new ByteArrayInputStream(tar), (entry, content) -> names.add(entry.getName()));

        assertEquals(List.of("a", "b"), names);
    }

    @Test
    void read_streamThatComesByteByByte_isTheSame() throws IOException {
        byte[] tar = new Tars()
                .file("a", "x".repeat(1000))
                .file("b".repeat(200), "y")
                .toTar();
        InputStream slow = new ByteArrayInputStream(tar) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };

        assertEquals(read(tar), read(new TarReader(100, 1 << 20), slow));
    }

    // What is cut off or damaged.

    @Test
    void read_archiveCutAnywhereInAnEntry_isRefused() {
        byte[] tar = new Tars().file("a", "x".repeat(2000)).toTar();
        for (int length : new int[] {1, 100, 511, 513, 1000, HEADER + 1999}) {
            assertTrue(refusal(Arrays.copyOf(tar, length)).startsWith("the archive is damaged"), "at " + length);
        }
    }

    @Test
    void read_noise_isRefused() {
        byte[] noise = new byte[4096];
        Arrays.fill(noise, (byte) 0xaa);

        assertTrue(refusal(noise).startsWith("the archive is damaged"));
    }

    @Test
    void read_wrongChecksumOrNumbers_isRefused() {
        byte[] tar = new Tars().file("a", "x").toTar();
        for (String size : List.of("99999999999", "-1\0", "zzzz", "777777777777")) {
            byte[] bad = tar.clone();
            Arrays.fill(bad, 124, 136, (byte) 0);
            byte[] digits = size.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, bad, 124, digits.length);
            Tars.repair(bad, 0);
            refusal(bad);
        }
    }

    /** A size in base 256, as GNU tar writes large ones: here less than nothing. */
    @Test
    void read_negativeSize_isRefused() {
        byte[] tar = new Tars().file("a", "x").toTar();
        Arrays.fill(tar, 124, 136, (byte) 0xff);
        Tars.repair(tar, 0);

        refusal(tar);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size=-1",
                "size=x",
                "size=99999999999999999999",
                "path",
                "=",
                "GNU.sparse.map=1,x",
                "mtime=NaN",
                "GNU.sparse.size=-5",
                "uid=99999999999999999999999",
                "size="
            })
    void read_brokenPaxRecord_isRefusedOrIgnored(String record) throws IOException {
        int length = record.length() + 4;
        byte[] pax = ((length > 9 ? length + 0 : length - 1) + " " + record + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] tar = new Tars()
                .add(TarConstants.LF_PAX_EXTENDED_HEADER_LC, "pax", "", 0644, pax)
                .file("a", "x")
                .toTar();
        try {
            read(tar);
        } catch (ArchiveException e) {
            assertTrue(e.getMessage().startsWith("the archive"), e.getMessage());
        }
    }

    // What is too much.

    @Test
    void read_tooManyEntries_isRefused() {
        Tars tars = new Tars();
        for (int i = 0; i < 101; i++) {
            tars.file("f" + i, "");
        }

        assertEquals("the archive has more than 100 entries", refusal(tars.toTar()));
    }

    @Test
    void read_oneEntryTooLarge_isRefusedByItsHeader() {
        byte[] tar = new Tars().file("a", "x".repeat((1 << 20) + 1)).toTar();

        assertEquals("the archive contains more than 1048576 bytes", refusal(Arrays.copyOf(tar, 1024)));
    }

    @Test
    void read_entriesTogetherTooLarge_areRefused() {
        Tars tars = new Tars();
        for (int i = 0; i < 10; i++) {
            tars.file("f" + i, "x".repeat(500_000));
        }

        assertEquals("the archive contains more than 1048576 bytes", refusal(tars.toTar()));
    }

    /** Repeats a piece of a tar without end, as a small compressed archive can. */
    private static InputStream endless(byte[] piece) {
        return new InputStream() {
            private long position;

            @Override
            public int read() {
                return piece[(int) (position++ % piece.length)] & 0xff;
            }
        };
    }

    /** The library would keep the whole name in memory. */
    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_GNUTYPE_LONGNAME, TarConstants.LF_GNUTYPE_LONGLINK})
    void read_nameOfGigabytes_isRefused(byte kind) {
        byte[] header =
                new Tars().add(kind, "././@LongLink", "", 0644, new byte[0]).toTar();
        byte[] size = "77777777777\0".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, header, 124, size.length);
        Tars.repair(header, 0);
        InputStream in =
                new java.io.SequenceInputStream(new ByteArrayInputStream(header, 0, HEADER), endless(new byte[] {'n'}));

        ArchiveException e =
                assertThrows(ArchiveException.class, () -> read(new TarReader(100, Long.MAX_VALUE / 2), in));

        assertTrue(e.getMessage().contains("headers of more than 262144 bytes"), e.getMessage());
    }

    /** The library calls itself for each of them. */
    @ParameterizedTest
    @ValueSource(
            bytes = {
                TarConstants.LF_PAX_EXTENDED_HEADER_LC,
                TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER,
                TarConstants.LF_GNUTYPE_LONGNAME
            })
    void read_headersWithoutEnd_areRefused(byte kind) {
        byte[] header = new Tars().file("h", "").toTar();
        header[156] = kind;
        Tars.repair(header, 0);

        ArchiveException e = assertThrows(
                ArchiveException.class,
                () -> read(new TarReader(100, 1L << 40), endless(Arrays.copyOf(header, HEADER))));

        assertTrue(e.getMessage().startsWith("the archive"), e.getMessage());
    }

    // Whose fault it is.

    @Test
    void read_visitorThatFails_failsWithItsOwnException() {
        IOException own = new IOException("no space left");

        assertSame(
                own,
                assertThrows(
                        IOException.class,
                        () -> new TarReader(1, 1)
                                .read(
                                        new ByteArrayInputStream(
                                                new Tars().file("a", "").toTar()),
                                        (entry, content) -> {
                                            throw own;
                                        })));
    }

    @Test
    void isPlainFile_devicesLinksAndDirectories_areNot() throws IOException {
        byte[] tar = new Tars()
                .file("plain", "")
                .add(TarConstants.LF_CONTIG, "contiguous", "", 0644, new byte[0])
                .directory("d/")
                .symbolicLink("s", "t")
                .hardLink("h", "plain")
                .add(TarConstants.LF_CHR, "chr", "", 0644, new byte[0])
                .add(TarConstants.LF_BLK, "blk", "", 0644, new byte[0])
                .add(TarConstants.LF_FIFO, "fifo", "", 0644, new byte[0])
                .add((byte) 'V', "volume", "", 0644, new byte[0])
                .add((byte) 'Z', "unknown", "", 0644, new byte[0])
                .toTar();
        List<String> plain = new ArrayList<>();

        new TarReader(100, 1000).read(new ByteArrayInputStream(tar), (entry, content) -> {
            if (TarReader.isPlainFile(entry)) {
                plain.add(entry.getName());
            }
        });

        assertEquals(List.of("plain", "contiguous"), plain);
    }
}
