package dev.jdist.builder.toolchain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.tree.TreeRemoval;
import dev.jdist.sandbox.tree.UnsafePathException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A toolchain is unpacked as it was packed, or refused; nothing outside its root is ever written. */
@Timeout(60)
class ToolchainArchiveTest {
    private static final long PLENTY = 1 << 24;

    @TempDir
    private Path directory;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(directory.resolve("x/y/root"));
        Files.writeString(directory.resolve("victim"), "precious");
    }

    @AfterEach
    void nothingOutside() throws IOException {
        assertEquals("precious", Files.readString(directory.resolve("victim")));
        assertArrayEquals(
                new String[] {"root"}, directory.resolve("x/y").toFile().list());
        assertArrayEquals(new String[] {"y"}, directory.resolve("x").toFile().list());
        TreeRemoval.remove(root);
    }

    private long unpack(byte[] archive) throws IOException {
        return unpack(archive, PLENTY);
    }

    private long unpack(byte[] archive, long maxBytes) throws IOException {
        Path file = Files.write(directory.resolve("archive.tar.gz"), archive);
        try {
            return ToolchainArchive.unpack(file, root, maxBytes);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void unpack_toolchain_isThereAsPacked() throws IOException {
        long octets = unpack(new Tars()
                .directory("./")
                .directory("usr/")
                .file("usr/bin/gcc", 0755, "driver")
                .file("usr/include/a.h", 0600, "int a;")
                .symbolicLink("usr/bin/cc", "gcc")
                .symbolicLink("lib", "/usr/lib")
                .hardLink("usr/bin/x86_64-linux-gnu-gcc", "usr/bin/gcc")
                .toGzip());

        assertEquals("driverint a;".length(), octets);
        assertEquals("driver", Files.readString(root.resolve("usr/bin/cc")));
        assertEquals("driver", Files.readString(root.resolve("usr/bin/x86_64-linux-gnu-gcc")));
        assertEquals("rwxr-xr-x", permissions("usr/bin/gcc"));
        assertEquals("rw-r--r--", permissions("usr/include/a.h"));
        assertEquals("/usr/lib", Files.readSymbolicLink(root.resolve("lib")).toString());
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(name)));
    }

    @ParameterizedTest
    @CsvSource({
        "../victim",
        "a/../../../victim",
        "..",
        "/etc/victim",
        "//etc/victim",
        "a/..",
        "./../../victim",
        "usr/../x"
    })
    void unpack_nameThatLeadsOut_isRefused(String name) {
        byte[] content = {'e'};
        for (byte kind : new byte[] {TarConstants.LF_NORMAL, TarConstants.LF_DIR, TarConstants.LF_SYMLINK}) {
            byte[] archive = new Tars()
                    .add(kind, name, "x", 0644, kind == TarConstants.LF_NORMAL ? content : new byte[0])
                    .toGzip();
            assertThrows(UnsafePathException.class, () -> unpack(archive), name + " as " + (char) kind);
        }
    }

    @ParameterizedTest
    @CsvSource({"l, ..", "l, ../../victim", "d/l, ../../victim", "l, a/../../x", "l, /../x"})
    void unpack_symbolicLinkThatLeadsOut_isRefused(String name, String target) {
        byte[] archive = new Tars().symbolicLink(name, target).toGzip();

        assertThrows(UnsafePathException.class, () -> unpack(archive));
    }

    /** The classic: a link to a directory outside, and a file behind it. */
    @Test
    void unpack_fileBehindAnAbsoluteLink_staysInTheRoot() throws IOException {
        unpack(new Tars()
                .symbolicLink("out", directory.toString())
                .file("out/victim", "evil")
                .toGzip());

        assertEquals("evil", Files.readString(root.resolve(directory.toString().substring(1) + "/victim")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../victim", "/etc/passwd", "missing", "..", ".", "out/victim", "etc-passwd"})
    void unpack_hardLinkToWhatIsNotInTheRoot_isRefused(String target) {
        byte[] archive = new Tars()
                .symbolicLink("out", directory.toString())
                .symbolicLink("etc-passwd", "/etc/passwd")
                .hardLink("h", target)
                .toGzip();

        assertThrows(UnsafePathException.class, () -> unpack(archive));
        assertFalse(Files.exists(root.resolve("h")));
    }

    @ParameterizedTest
    @ValueSource(bytes = {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO, 'S', 'V', 'M', 'D', 'Z', 'A'})
    void unpack_devicesAndOtherKinds_areRefused(byte kind) {
        byte[] archive = new Tars().add(kind, "dev/sda", "", 0666, new byte[0]).toGzip();

        IOException e = assertThrows(ArchiveException.class, () -> unpack(archive));
        assertTrue(kind == 'S' || e.getMessage().startsWith("dev/sda is a device or another kind"), e.getMessage());
    }

    @Test
    void unpack_setuidAndWritableForAll_areTakenAway() throws IOException {
        unpack(new Tars()
                .file("su", 06777, "x")
                .file("sticky", 01666, "x")
                .file("none", 0, "x")
                .toGzip());

        assertEquals("rwxr-xr-x", permissions("su"));
        assertEquals(0755, (int) Files.getAttribute(root.resolve("su"), "unix:mode") & 07777);
        assertEquals(0644, (int) Files.getAttribute(root.resolve("sticky"), "unix:mode") & 07777);
        assertEquals(0644, (int) Files.getAttribute(root.resolve("none"), "unix:mode") & 07777);
    }

    /** Whoever unpacks it, root or not, can fill it, use it and remove it. */
    @Test
    void unpack_directoriesWithoutRights_haveThem() throws IOException {
        unpack(new Tars()
                .add(TarConstants.LF_DIR, "usr/", "", 0555, new byte[0])
                .add(TarConstants.LF_DIR, "usr/bin/", "", 0, new byte[0])
                .file("usr/bin/gcc", 0555, "x")
                .file("usr/bin/specs", 0, "x")
                .toGzip());

        assertEquals("rwxr-xr-x", permissions("usr"));
        assertEquals("rwxr-xr-x", permissions("usr/bin"));
        assertEquals("rwxr-xr-x", permissions("usr/bin/gcc"));
        assertEquals("rw-r--r--", permissions("usr/bin/specs"));
    }

    @Test
    void unpack_hugeNames_areRefused() {
        assertThrows(
                UnsafePathException.class,
                () -> unpack(new Tars().file("n".repeat(300), "").toGzip()));
        assertThrows(
                UnsafePathException.class,
                () -> unpack(new Tars().file("d/".repeat(3000), "").toGzip()));
        assertThrows(
                UnsafePathException.class,
                () -> unpack(new Tars().symbolicLink("l", "t/".repeat(3000)).toGzip()));
    }

    @Test
    void unpack_longButPossibleNames_areFine() throws IOException {
        String name = ("d".repeat(200) + "/").repeat(5) + "n".repeat(255);
        unpack(new Tars().file(name, "x").toGzip());

        assertEquals("x", Files.readString(root.resolve(name)));
    }

    @Test
    void unpack_duplicateEntries_lastOneWins() throws IOException {
        unpack(new Tars()
                .file("a", "first, and longer")
                .file("a", "second")
                .symbolicLink("l", "/etc/passwd")
                .file("l", "third")
                .directory("d/")
                .directory("d/")
                .toGzip());

        assertEquals("second", Files.readString(root.resolve("a")));
        assertEquals("third", Files.readString(root.resolve("l")));
    }

    @Test
    void unpack_fileAndDirectoryOfOneName_areRefused() {
        assertThrows(
                UnsafePathException.class,
                () -> unpack(new Tars().file("a", "").file("a/b", "").toGzip()));
        assertThrows(
                UnsafePathException.class,
                () -> unpack(new Tars().file("c/b", "").file("c", "").toGzip()));
    }

    @Test
    void unpack_emptyArchive_isAnEmptyTree() throws IOException {
        assertEquals(0, unpack(new Tars().toGzip()));
        assertEquals(0, root.toFile().list().length);
    }

    // What is damaged or too much.

    @Test
    void unpack_truncatedGzip_isRefused() {
        byte[] whole = new Tars().file("a", "content ".repeat(5000)).toGzip();
        for (int length : new int[] {0, 1, 5, 10, 11, whole.length / 2, whole.length - 40}) {
            ArchiveException e =
                    assertThrows(ArchiveException.class, () -> unpack(Arrays.copyOf(whole, length)), "at " + length);
            assertTrue(e.getMessage().startsWith("the archive is damaged"), e.getMessage());
        }
    }

    @Test
    void unpack_whatIsNoGzip_isRefused() {
        assertThrows(
                ArchiveException.class, () -> unpack(new Tars().file("a", "").toTar()));
        assertThrows(
                ArchiveException.class,
                () -> unpack(Tars.gzip("no tar at all, but long".repeat(50).getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void unpack_damagedGzip_isRefused() {
        byte[] archive = new Tars().file("a", "content ".repeat(5000)).toGzip();
        archive[archive.length / 2] ^= 0x55;

        assertThrows(ArchiveException.class, () -> unpack(archive));
    }

    /** A megabyte of zeros takes a kilobyte: a small upload must not fill the disk. */
    @Test
    void unpack_bomb_isRefusedAtTheLimit() throws IOException {
        byte[] archive = new Tars()
                .add(TarConstants.LF_NORMAL, "bomb", "", 0644, new byte[40 << 20])
                .toGzip();
        assertTrue(archive.length < 100_000);

        ArchiveException e = assertThrows(ArchiveException.class, () -> unpack(archive, 1 << 20));
        assertEquals("the archive contains more than 1048576 bytes", e.getMessage());
        assertFalse(Files.exists(root.resolve("bomb")));
    }

    @Test
    void unpack_missingArchive_isNotTheArchivesFault() {
        assertThrows(
                NoSuchFileException.class, () -> ToolchainArchive.unpack(directory.resolve("missing"), root, PLENTY));
    }
}
