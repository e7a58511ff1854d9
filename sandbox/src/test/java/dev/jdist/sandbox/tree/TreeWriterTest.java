package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A toolchain's tree is written as it is told, and nothing beside its root is touched. */
class TreeWriterTest {
    @TempDir
    private Path directory;

    private Path root;
    private TreeWriter writer;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(directory.resolve("a/b/root"));
        Files.writeString(directory.resolve("victim"), "precious");
        writer = new TreeWriter(root);
    }

    @AfterEach
    void nothingBesideTheRoot() throws IOException {
        assertEquals("precious", Files.readString(directory.resolve("victim")));
        assertArrayEquals(
                new String[] {"root"}, directory.resolve("a/b").toFile().list());
        assertArrayEquals(new String[] {"b"}, directory.resolve("a").toFile().list());
        TreeRemoval.remove(root);
    }

    private static InputStream text(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(name)));
    }

    @Test
    void file_deepName_isWrittenWithItsDirectories() throws IOException {
        writer.file("usr/bin/cc", true, text("#!"));
        writer.file("./usr/include/a.h", false, text("int"));

        assertEquals("#!", Files.readString(root.resolve("usr/bin/cc")));
        assertEquals("rwxr-xr-x", permissions("usr/bin/cc"));
        assertEquals("int", Files.readString(root.resolve("usr/include/a.h")));
        assertEquals("rw-r--r--", permissions("usr/include/a.h"));
    }

    @Test
    void file_twice_isTheSecond() throws IOException {
        writer.file("f", true, text("a longer first one"));
        writer.file("f", false, text("second"));

        assertEquals("second", Files.readString(root.resolve("f")));
        assertEquals("rw-r--r--", permissions("f"));
    }

    @Test
    void directory_namesOfTheRoot_areFine() throws IOException {
        writer.directory("./");
        writer.directory(".");
        writer.directory("usr/");
        writer.directory("usr//lib/./");

        assertTrue(Files.isDirectory(root.resolve("usr/lib")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/etc/x",
                "/",
                "..",
                "../x",
                "a/../../x",
                "a/..",
                "./../x",
                "a/b/c/../../../../../../victim",
                "//x",
                "a\0b"
            })
    void anyKind_nameThatLeadsOut_isRefused(String name) throws IOException {
        writer.file("good", false, text(""));

        assertThrows(UnsafePathException.class, () -> writer.file(name, false, text("evil")));
        assertThrows(UnsafePathException.class, () -> writer.directory(name));
        assertThrows(UnsafePathException.class, () -> writer.symbolicLink(name, "good"));
        assertThrows(UnsafePathException.class, () -> writer.hardLink(name, "good"));
        assertThrows(UnsafePathException.class, () -> writer.hardLink("new", name));
        assertFalse(Files.exists(root.resolve("new")));
    }

    @Test
    void anyKind_hugeName_isRefused() throws IOException {
        writer.file("good", false, text(""));
        String huge = "n".repeat(300);

        assertThrows(UnsafePathException.class, () -> writer.file(huge, false, text("")));
        assertThrows(UnsafePathException.class, () -> writer.directory("a/" + huge + "/b"));
        assertThrows(UnsafePathException.class, () -> writer.symbolicLink(huge, "good"));
        assertThrows(UnsafePathException.class, () -> writer.symbolicLink("l", "x/".repeat(3000)));
        assertThrows(UnsafePathException.class, () -> writer.hardLink(huge, "good"));
    }

    @ParameterizedTest
    @CsvSource({
        "lib, usr/lib",
        "lib64, /usr/lib64",
        "usr/bin/cc, ../../etc/alternatives/cc",
        "dangling, nowhere",
        "dot, ."
    })
    void symbolicLink_insideTheRoot_isMadeAsWritten(String name, String target) throws IOException {
        writer.symbolicLink(name, target);

        assertEquals(target, Files.readSymbolicLink(root.resolve(name)).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "l, ..",
        "l, ../x",
        "l, a/../../x",
        "a/l, ../../x",
        "a/b/c, ../../../x",
        "./l, ../x",
        "a//l, ../../x",
        "l, /../x",
        "l, /a/../../x"
    })
    void symbolicLink_thatClimbsOut_isRefused(String name, String target) {
        UnsafePathException e = assertThrows(UnsafePathException.class, () -> writer.symbolicLink(name, target));
        assertTrue(e.getMessage().contains("leads out of the archive"), e.getMessage());
    }

    /** An absolute link is one from the tree's root: what is written behind it stays in the tree. */
    @Test
    void file_behindAbsoluteLink_staysInTheTree() throws IOException {
        writer.symbolicLink("l", directory.toString());
        writer.file("l/victim", false, text("evil"));

        assertEquals("evil", Files.readString(root.resolve(directory.toString().substring(1) + "/victim")));
    }

    /** Two links that each stay inside, and together do not if they are taken by their names alone. */
    @Test
    void file_behindLinksThatClimbTogether_staysInTheTree() throws IOException {
        writer.symbolicLink("s", ".");
        writer.symbolicLink("s/s/s/l", "../../..");
        writer.file("l/victim", false, text("evil"));

        assertEquals("evil", Files.readString(root.resolve("victim")));
    }

    @Test
    void file_overALink_replacesTheLink() throws IOException {
        writer.symbolicLink("l", directory.resolve("victim").toString());
        writer.file("l", false, text("evil"));

        assertFalse(Files.isSymbolicLink(root.resolve("l")));
        assertEquals("evil", Files.readString(root.resolve("l")));
    }

    @Test
    void hardLink_toAFile_sharesItsContent() throws IOException {
        writer.file("usr/bin/gcc", true, text("elf"));
        writer.hardLink("usr/bin/x86_64-linux-gnu-gcc", "./usr/bin/gcc");

        assertEquals(
                Files.getAttribute(root.resolve("usr/bin/gcc"), "unix:ino"),
                Files.getAttribute(root.resolve("usr/bin/x86_64-linux-gnu-gcc"), "unix:ino"));
    }

    /** The second name of a file must not become a way to change it. */
    @Test
    void file_overAHardLink_leavesTheOtherNameAlone() throws IOException {
        writer.file("a", false, text("a"));
        writer.hardLink("b", "a");
        writer.file("b", false, text("b"));

        assertEquals("a", Files.readString(root.resolve("a")));
    }

    @Test
    void hardLink_toWhatIsNoFileOfTheTree_isRefused() throws IOException {
        writer.directory("d");
        writer.symbolicLink("out", "/" + directory.resolve("victim"));
        writer.symbolicLink("passwd", "/etc/passwd");

        for (String target : new String[] {"d", "missing", "out", "passwd"}) {
            assertThrows(UnsafePathException.class, () -> writer.hardLink("new", target), target);
        }
    }

    @Test
    void hardLink_toItself_isRefusedAndTheFileStays() throws IOException {
        writer.file("a", false, text("a"));
        writer.symbolicLink("here", ".");

        assertThrows(UnsafePathException.class, () -> writer.hardLink("a", "a"));
        assertThrows(UnsafePathException.class, () -> writer.hardLink("here/a", "./a"));
        assertEquals("a", Files.readString(root.resolve("a")));
    }

    @Test
    void hardLink_overALinkToItsTarget_replacesTheLink() throws IOException {
        writer.file("a", false, text("a"));
        writer.symbolicLink("l", "a");

        writer.hardLink("l", "a");

        assertTrue(Files.isRegularFile(root.resolve("l"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void anyKind_fileWhereADirectoryShouldBe_isRefused() throws IOException {
        writer.file("f", false, text(""));
        writer.directory("d");

        assertThrows(UnsafePathException.class, () -> writer.file("f/x", false, text("")));
        assertThrows(UnsafePathException.class, () -> writer.directory("f"));
        assertThrows(UnsafePathException.class, () -> writer.file("d", false, text("")));
        assertThrows(UnsafePathException.class, () -> writer.symbolicLink("d", "f"));
        assertThrows(UnsafePathException.class, () -> writer.hardLink("d", "f"));
    }
}
