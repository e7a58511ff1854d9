package dev.jdist.client.hostile;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An archive that means harm, once as a toolchain and once as a job's inputs.
 *
 * @param tar pieces of it, one after the other: some come over and over again
 * @param asToolchain whether it is refused as a toolchain; else it does no harm
 * @param asInputs whether it is refused as inputs
 */
public record HostileArchive(String name, List<byte[]> tar, boolean asToolchain, boolean asInputs) {
    private static final boolean REFUSED = true;
    private static final boolean HARMLESS = false;
    private static final int MILLION = 1_000_000;
    private static final int HEADERS_AT_A_TIME = 1000;

    /** Those of many pieces, compressed: it takes a while, and they are the same whatever they are aimed at. */
    private static final Map<String, byte[]> MADE = new ConcurrentHashMap<>();

    @Override
    public String toString() {
        return name;
    }

    private byte[][] pieces() {
        return tar.toArray(byte[][]::new);
    }

    byte[] zlib() {
        return tar.size() == 1 ? RawTar.zlib(pieces()) : MADE.computeIfAbsent(name, bomb -> RawTar.zlib(pieces()));
    }

    /** @param program the tar that a toolchain begins with */
    byte[] gzip(byte[] program) {
        List<byte[]> all = new ArrayList<>(List.of(program));
        all.addAll(tar);
        byte[][] pieces = all.toArray(byte[][]::new);
        return tar.size() == 1
                ? RawTar.gzip(pieces)
                : MADE.computeIfAbsent(name + " as a toolchain", bomb -> RawTar.gzip(pieces));
    }

    /** @param canary a file of the machine that every one of them would like to change */
    static List<HostileArchive> aimedAt(Path canary) {
        List<HostileArchive> all = new ArrayList<>();
        addNames(all, canary.toString());
        addLinks(all, canary.toString(), canary.getParent().toString());
        addKinds(all);
        addOddities(all);
        addDamage(all);
        addBombs(all);
        return all;
    }

    private static HostileArchive of(String name, RawTar tar, boolean asToolchain, boolean asInputs) {
        return new HostileArchive(name, List.of(tar.toTar()), asToolchain, asInputs);
    }

    private static String dotsTo(String canary) {
        return "../".repeat(12) + canary.substring(1);
    }

    private static void addNames(List<HostileArchive> all, String canary) {
        String dots = dotsTo(canary);
        all.add(of("a name with dots", new RawTar().file("../../canary", "evil"), REFUSED, REFUSED));
        all.add(of(
                "a name that goes in and further out", new RawTar().file("a/b/../../../x", "evil"), REFUSED, REFUSED));
        all.add(of("dots alone", new RawTar().directory(".."), REFUSED, REFUSED));
        all.add(of("an absolute name", new RawTar().pax('x', "path=" + canary).file("x", "evil"), HARMLESS, HARMLESS));
        all.add(of("two slashes", new RawTar().file("//etc/canary", "evil"), REFUSED, REFUSED));
        all.add(of("dots by pax", new RawTar().pax('x', "path=" + dots).file("x", "evil"), REFUSED, REFUSED));
        all.add(of("dots by pax for all", new RawTar().pax('g', "path=" + dots).file("x", "evil"), REFUSED, REFUSED));
        all.add(of("dots by GNU's long name", new RawTar().gnuLong('L', dots).file("x", "evil"), REFUSED, REFUSED));
        all.add(of(
                "dots by the name of a sparse file",
                new RawTar()
                        .pax(
                                'x',
                                "GNU.sparse.major=1",
                                "GNU.sparse.minor=0",
                                "GNU.sparse.name=" + dots,
                                "GNU.sparse.realsize=4")
                        .file("x", "evil"),
                REFUSED,
                REFUSED));
        all.add(of("dots by the prefix of a name", prefixed("x", "../../.."), REFUSED, REFUSED));
        all.add(of("backslashes", new RawTar().file("..\\..\\canary", "evil"), HARMLESS, HARMLESS));
        all.add(of("dots in overlong UTF-8", overlong(), HARMLESS, HARMLESS));
    }

    private static RawTar prefixed(String name, String prefix) {
        byte[] header = RawTar.header(RawTar.FILE, name, "", 0644, 0);
        return new RawTar().add(RawTar.with(header, 345, prefix.getBytes(StandardCharsets.UTF_8)));
    }

    private static RawTar overlong() {
        byte dot = (byte) 0xae;
        byte lead = (byte) 0xc0;
        byte[] header = RawTar.header(RawTar.FILE, "x", "", 0644, 0);
        return new RawTar().add(RawTar.with(header, 0, lead, dot, lead, dot, (byte) '/', (byte) 'c'));
    }

    private static void addLinks(List<HostileArchive> all, String canary, String place) {
        String dots = dotsTo(canary);
        all.add(of(
                "a file behind a symbolic link",
                new RawTar().gnuLong('K', place).symbolicLink("out", "").file("out/canary", "evil"),
                HARMLESS,
                REFUSED));
        all.add(of(
                "a symbolic link with dots", new RawTar().gnuLong('K', dots).symbolicLink("l", ""), REFUSED, REFUSED));
        all.add(of(
                "a symbolic link with dots by pax",
                new RawTar().pax('x', "linkpath=" + dots).symbolicLink("l", "harmless"),
                REFUSED,
                REFUSED));
        all.add(of(
                "links that climb together",
                new RawTar()
                        .directory("a/b/c")
                        .symbolicLink("l", "a/b/c")
                        .symbolicLink("up", "l/../..")
                        .file("up/../../../canary", "evil"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a file behind links that climb",
                new RawTar()
                        .directory("a/b")
                        .symbolicLink("a/b/up", "../..")
                        .symbolicLink("top", "a/b/up")
                        .file("top/canary", "evil"),
                HARMLESS,
                REFUSED));
        all.add(of("a link to itself", new RawTar().symbolicLink("l", "l").file("l/x", "evil"), REFUSED, REFUSED));
        all.add(of("a hard link out", new RawTar().gnuLong('K', canary).hardLink("h", ""), REFUSED, REFUSED));
        all.add(of("a hard link with dots", new RawTar().gnuLong('K', dots).hardLink("h", ""), REFUSED, REFUSED));
        all.add(of(
                "a hard link with dots by pax",
                new RawTar().pax('x', "linkpath=" + dots).hardLink("h", "usr/bin/gcc"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a hard link to a symbolic link",
                new RawTar().gnuLong('K', canary).symbolicLink("l", "").hardLink("h", "l"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a hard link that is written through",
                new RawTar().hardLink("h", "usr/bin/gcc").file("h", "evil"),
                HARMLESS,
                REFUSED));
        all.add(of("a hard link to itself", new RawTar().file("h", "x").hardLink("h", "h"), REFUSED, REFUSED));
        all.add(of(
                "a directory that becomes a link",
                new RawTar()
                        .directory("d")
                        .gnuLong('K', place)
                        .symbolicLink("d", "")
                        .file("d/canary", "evil"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a link that becomes a directory and a link again",
                new RawTar()
                        .gnuLong('K', place)
                        .symbolicLink("d", "")
                        .file("d", "x")
                        .gnuLong('K', place)
                        .symbolicLink("d", "")
                        .file("d/canary", "evil"),
                HARMLESS,
                REFUSED));
        all.add(of(
                "a file that becomes a directory", new RawTar().file("f", "x").file("f/x", "x"), REFUSED, REFUSED));
        all.add(of(
                "a directory that becomes a file", new RawTar().file("f/x", "x").file("f", "x"), REFUSED, REFUSED));
    }

    private static void addKinds(List<HostileArchive> all) {
        all.add(of("a character device", new RawTar().entry('3', "dev/mem"), REFUSED, REFUSED));
        all.add(of("a block device", new RawTar().entry('4', "dev/sda"), REFUSED, REFUSED));
        all.add(of("a fifo", new RawTar().entry('6', "usr/fifo"), REFUSED, REFUSED));
        all.add(of("a volume label", new RawTar().entry('V', "label"), REFUSED, REFUSED));
        all.add(of("a part of a file", new RawTar().entry('M', "part"), REFUSED, REFUSED));
        all.add(of("a kind that nobody knows", new RawTar().entry('Z', "what"), REFUSED, REFUSED));
        all.add(of("a device beneath a file", new RawTar().entry('3', "x").file("x", "x"), REFUSED, REFUSED));
        all.add(of(
                "files with all rights",
                new RawTar()
                        .file("su", 07777, new byte[] {'x'})
                        .add(RawTar.header(RawTar.DIRECTORY, "sd", "", 07777, 0))
                        .file("none", 0, new byte[] {'x'}),
                HARMLESS,
                HARMLESS));
    }

    private static void addOddities(List<HostileArchive> all) {
        all.add(of(
                "a name of 5000 octets",
                new RawTar().gnuLong('L', "n".repeat(5000)).file("x", ""),
                REFUSED,
                REFUSED));
        all.add(of(
                "a path of 5000 octets",
                new RawTar().gnuLong('L', "d/".repeat(2500)).file("x", ""),
                REFUSED,
                REFUSED));
        all.add(of("5000 directories deep", deep(), REFUSED, REFUSED));
        all.add(of(
                "1600 directories deep",
                new RawTar().gnuLong('L', "d/".repeat(1600) + "x").file("x", ""),
                REFUSED,
                REFUSED));
        all.add(of("a NUL by pax", new RawTar().pax('x', "path=a\0b").file("x", ""), REFUSED, REFUSED));
        all.add(of("a NUL in the name", new RawTar().file("a\0/../../canary", "x"), HARMLESS, HARMLESS));
        all.add(of("a new line in the name", new RawTar().file("a\nb", "x"), HARMLESS, HARMLESS));
        all.add(of("no name", new RawTar().file("", "x"), REFUSED, REFUSED));
        all.add(of("the root's own name", new RawTar().file(".", "x"), REFUSED, REFUSED));
        all.add(of("no UTF-8", notUtf8(), HARMLESS, HARMLESS));
        all.add(of("a file within a program", new RawTar().file("usr/bin/gcc/x", "x"), REFUSED, REFUSED));
        all.add(of("one name many times", many(), HARMLESS, HARMLESS));
    }

    /** Each a directory in the one before it. */
    private static RawTar deep() {
        RawTar tar = new RawTar();
        for (int depth = 100; depth <= 5000; depth += 100) {
            tar.gnuLong('L', "d/".repeat(depth)).directory("x");
        }
        return tar;
    }

    private static RawTar notUtf8() {
        byte[] header = RawTar.header(RawTar.FILE, "xyz", "", 0644, 0);
        return new RawTar().add(RawTar.with(header, 0, (byte) 0xff, (byte) 0xfe, (byte) 0x80));
    }

    private static RawTar many() {
        RawTar tar = new RawTar();
        for (int i = 0; i < 100; i++) {
            tar.file("again", "" + i);
        }
        return tar;
    }

    private static void addDamage(List<HostileArchive> all) {
        byte[] file = RawTar.header(RawTar.FILE, "x", "", 0644, 4);
        byte[] wrong = file.clone();
        wrong[0] = 'y';
        all.add(of("a wrong checksum", new RawTar().add(wrong, (byte) 'x'), HARMLESS, HARMLESS));
        all.add(of(
                "a size below nothing",
                new RawTar().add(RawTar.withBinarySize(file, (byte) -1, (byte) -1)),
                REFUSED,
                REFUSED));
        all.add(of(
                "a size beyond numbers",
                new RawTar().add(RawTar.withBinarySize(file, (byte) 0x80, (byte) -1)),
                REFUSED,
                REFUSED));
        all.add(of(
                "a size by pax beyond numbers",
                new RawTar().pax('x', "size=" + "9".repeat(30)).file("x", "x"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a size by pax beyond disks",
                new RawTar().pax('x', "size=" + Long.MAX_VALUE).file("x", "x"),
                REFUSED,
                REFUSED));
        all.add(of(
                "a file of 8 GiB that breaks off",
                new RawTar().add(RawTar.header(RawTar.FILE, "x", "", 0644, 077777777777L)),
                REFUSED,
                REFUSED));
        all.add(new HostileArchive(
                "an end in the middle",
                List.of(Arrays.copyOf(new RawTar().file("x", "x".repeat(2000)).unended(), 1100)),
                REFUSED,
                REFUSED));
        all.add(new HostileArchive(
                "noise", List.of("noise and no tar ".repeat(500).getBytes(StandardCharsets.UTF_8)), REFUSED, REFUSED));
        all.add(of(
                "an archive in an archive",
                new RawTar().add(Arrays.copyOf(RawTar.gzip(new byte[100_000]), 512)),
                REFUSED,
                REFUSED));
    }

    private static void addBombs(List<HostileArchive> all) {
        all.add(of("a sparse file of a terabyte", sparse(), REFUSED, REFUSED));
        all.add(of(
                "a sparse file by pax",
                new RawTar()
                        .pax(
                                'x',
                                "GNU.sparse.size=1099511627776",
                                "GNU.sparse.numblocks=1",
                                "GNU.sparse.map=1099511627772,4")
                        .file("x", "evil"),
                REFUSED,
                REFUSED));
        byte[] zeros = new byte[1 << 20];
        List<byte[]> bomb = new ArrayList<>(List.of(RawTar.header(RawTar.FILE, "bomb", "", 0644, 1L << 30)));
        bomb.addAll(Collections.nCopies(64, zeros));
        all.add(new HostileArchive("a gigabyte of zeros", bomb, REFUSED, REFUSED));
        List<byte[]> crowd = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            crowd.add(RawTar.header(RawTar.FILE, "bomb" + i, "", 0644, zeros.length));
            crowd.add(zeros);
        }
        all.add(new HostileArchive("many files of zeros", crowd, REFUSED, REFUSED));
        List<byte[]> name = new ArrayList<>(List.of(RawTar.header('L', "././@LongLink", "", 0644, 64 << 20)));
        name.addAll(Collections.nCopies(64, zeros));
        all.add(new HostileArchive("a name of 64 MiB", name, REFUSED, REFUSED));
        RawTar headers = new RawTar();
        for (int i = 0; i < 1000; i++) {
            headers.pax('x', "path=" + i);
        }
        all.add(of("headers without end", headers, REFUSED, REFUSED));
        RawTar piece = new RawTar();
        for (int i = 0; i < HEADERS_AT_A_TIME; i++) {
            piece.directory("d" + i);
        }
        all.add(new HostileArchive(
                "a million entries",
                Collections.nCopies(MILLION / HEADERS_AT_A_TIME, piece.unended()),
                REFUSED,
                REFUSED));
    }

    /** GNU's old way: where the bytes are, and how large the file is with its holes. */
    private static RawTar sparse() {
        byte[] header = RawTar.header('S', "x", "", 0644, 512);
        header = RawTar.with(header, 386, "00000000000\00000000001000\0".getBytes(StandardCharsets.UTF_8));
        byte[] terabyte = {(byte) 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
        return new RawTar().add(RawTar.with(header, 483, terabyte), new byte[512]);
    }
}
