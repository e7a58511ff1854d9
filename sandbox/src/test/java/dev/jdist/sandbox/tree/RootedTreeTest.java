package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are followed as after a chroot; nothing outside the two layers is ever looked at or made. */
class RootedTreeTest {
    @TempDir
    private Path directory;

    private Path upper;
    private Path lower;
    private RootedTree tree;

    @BeforeEach
    void makeLayers() throws IOException {
        upper = Files.createDirectory(directory.resolve("upper"));
        lower = Files.createDirectory(directory.resolve("lower"));
        tree = new RootedTree(upper, Optional.of(lower));
    }

    @AfterEach
    void removeLayers() throws IOException {
        TreeRemoval.remove(upper);
        TreeRemoval.remove(lower);
    }

    private void link(Path layer, String name, String target) throws IOException {
        Path link = layer.resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(target));
    }

    private void file(Path layer, String name) throws IOException {
        Path file = layer.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, name);
    }

    private String resolved(String path) throws IOException {
        return String.join("/", tree.resolve(path, true));
    }

    @ParameterizedTest
    @CsvSource({
        "/a/b, a/b",
        "a/b, a/b",
        "//a///b/, a/b",
        "/./a/./b/., a/b",
        "/a/../b, b",
        "/../../../etc/passwd, etc/passwd",
        "/a/b/../../../../c, c",
        "/.../..a/b.., .../..a/b.."
    })
    void resolve_plainNames_areNormalised(String path, String expected) throws IOException {
        assertEquals(expected, resolved(path));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//", ".", "/..", "/../..", "/a/.."})
    void resolve_namesOfTheRoot_areEmpty(String path) throws IOException {
        assertEquals(List.of(), tree.resolve(path, true));
    }

    @ParameterizedTest
    @CsvSource({
        "/etc, x, etc/x",
        "/, x, x",
        "/../../etc, x, etc/x",
        "../../../../etc, x, etc/x",
        "b, x, d/b/x",
        "../b, x, b/x",
        ".., x, x",
        "b/../../c, x, c/x",
        "/b/, x, b/x"
    })
    void resolve_linkOnTheWay_isFollowedInsideTheRoot(String target, String rest, String expected) throws IOException {
        link(upper, "d/link", target);

        assertEquals(expected, resolved("/d/link/" + rest));
    }

    /** {@code ..} behind a link is the parent of what it points to, not of the link. */
    @Test
    void resolve_dotDotBehindLink_leavesTheTarget() throws IOException {
        Files.createDirectories(lower.resolve("usr/lib/gcc"));
        link(lower, "lib", "/usr/lib/gcc");

        assertEquals("usr/lib/x", resolved("/lib/../x"));
    }

    @Test
    void resolve_linkInTheLowerLayer_isFollowedToo() throws IOException {
        link(lower, "bin", "usr/bin");
        link(lower, "usr/bin/cc", "/etc/alternatives/cc");
        link(upper, "etc/alternatives", "/opt");

        assertEquals("opt/cc", resolved("/bin/cc"));
    }

    @Test
    void resolve_sameNameInBothLayers_upperHidesLower() throws IOException {
        link(lower, "a", "/lower");
        link(upper, "a", "/upper");

        assertEquals("upper", resolved("/a"));
    }

    @Test
    void resolve_lastLink_isFollowedOnRequestOnly() throws IOException {
        link(upper, "a", "/b");

        assertEquals(List.of("b"), tree.resolve("/a", true));
        assertEquals(List.of("a"), tree.resolve("/a", false));
    }

    @Test
    void resolve_danglingLink_standsForItsTarget() throws IOException {
        link(upper, "a", "b/c");

        assertEquals("b/c/d", resolved("/a/d"));
    }

    @ParameterizedTest
    @CsvSource({"self, self", "a, b", "c, /c/c", "d, d/../d"})
    void resolve_linkLoop_isRefused(String name, String target) throws IOException {
        link(upper, name, target);
        if (!target.contains(name)) {
            link(upper, target, name);
        }

        UnsafePathException e = assertThrows(UnsafePathException.class, () -> resolved("/" + name + "/x"));
        assertTrue(e.getMessage().contains("too many links in /" + name), e.getMessage());
    }

    @Test
    void resolve_fortyLinks_areFollowedAndNoMore() throws IOException {
        for (int i = 0; i < 41; i++) {
            link(upper, "l" + i, "l" + (i + 1));
        }

        assertEquals("l41", resolved("/l1"));
        assertThrows(UnsafePathException.class, () -> resolved("/l0"));
    }

    /** Each link doubles the path: 40 of them would make 2^40 names. */
    @Test
    void resolve_linksThatMultiply_areRefusedSoon() throws IOException {
        Files.createDirectories(upper.resolve("l0"));
        for (int i = 1; i < 60; i++) {
            link(upper, "l" + i, ("l" + (i - 1) + "/../").repeat(2));
        }

        assertThrows(UnsafePathException.class, () -> resolved("/l59"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "/a\0b", "/a/\0"})
    void resolve_emptyOrNul_isRefused(String path) {
        assertThrows(UnsafePathException.class, () -> resolved(path));
    }

    @Test
    void resolve_namesAsLongAsLinuxTakes_areTaken() throws IOException {
        String longest = "n".repeat(255);
        String bytes = "\u00e9".repeat(127);

        assertEquals(longest, resolved("/" + longest));
        assertEquals(bytes, resolved("/" + bytes));
    }

    @Test
    void resolve_hugeNames_areRefusedWithShortWords() {
        List<String> huge = List.of(
                "n".repeat(256),
                "\u00e9".repeat(128),
                "a/".repeat(257),
                "a/".repeat(2048),
                "../".repeat(100_000),
                "x".repeat(10_000_000),
                ("d".repeat(250) + "/").repeat(15));
        for (String path : huge) {
            UnsafePathException e = assertThrows(UnsafePathException.class, () -> resolved("/" + path));
            assertTrue(e.getMessage().length() < 200, e.getMessage());
        }
    }

    @Test
    void resolve_linksThatAddUpToAHugePath_areRefused() throws IOException {
        String piece = ("d".repeat(100) + "/").repeat(10);
        link(upper, "a", piece + "a");
        link(upper, piece + "a", piece + "b");

        assertEquals(piece + piece + "b/" + piece + "x", resolved("/a/" + piece + "x"));
        assertThrows(UnsafePathException.class, () -> resolved("/a/" + piece + piece + "x"));
    }

    @Test
    void createDirectories_newPath_isMadeInTheUpperLayer() throws IOException {
        tree.createDirectories("/home/me/../you/src");

        assertTrue(Files.isDirectory(upper.resolve("home/you/src")));
        assertFalse(Files.exists(upper.resolve("home/me")));
        assertEquals(0, lower.toFile().list().length);
    }

    @Test
    void createDirectories_throughLinkOutOfTheRoot_staysInside() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        link(lower, "abs", outside.toString());
        link(lower, "rel", "../outside");

        tree.createDirectories("/abs/x");
        tree.createDirectories("/rel/y");

        assertEquals(0, outside.toFile().list().length);
        assertTrue(
                Files.isDirectory(upper.resolve(outside.toString().substring(1)).resolve("x")));
        assertTrue(Files.isDirectory(upper.resolve("outside/y")));
    }

    @Test
    void createDirectories_overLowerOnes_keepTheirPermissions() throws IOException {
        Files.createDirectories(lower.resolve("tmp"));
        Files.setPosixFilePermissions(lower.resolve("tmp"), PosixFilePermissions.fromString("rwxrwx---"));

        tree.createDirectories("/tmp/job");

        // The umask of this process may take some away again, but never the owner's.
        assertTrue(PosixFilePermissions.toString(Files.getPosixFilePermissions(upper.resolve("tmp")))
                .startsWith("rwx"));
        assertEquals(PosixFilePermissions.fromString("rwxrwx---"), Files.getPosixFilePermissions(lower.resolve("tmp")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void createDirectories_underAFile_areRefused(boolean fileIsBelow) throws IOException {
        file(fileIsBelow ? lower : upper, "a");

        UnsafePathException e = assertThrows(UnsafePathException.class, () -> tree.createDirectories("/a/b/c"));
        assertEquals("/a is a file, so /a/b/c cannot be under it", e.getMessage());
    }

    @Test
    void createDirectories_thatAreThere_changeNothing() throws IOException {
        tree.createDirectories("/a/b");
        tree.createDirectories("/a/b");
        tree.createDirectories("/");

        assertTrue(Files.isDirectory(upper.resolve("a/b")));
    }

    @Test
    void prepareFile_newName_hasItsDirectories() throws IOException {
        assertEquals(upper.resolve("a/b/c"), tree.prepareFile("/a/b/c"));
        assertTrue(Files.isDirectory(upper.resolve("a/b")));
        assertFalse(Files.exists(upper.resolve("a/b/c")));
    }

    /** A link in the last place is replaced: written through it, the file would land elsewhere. */
    @Test
    void prepareFile_linkOfThatName_isRemovedAndNotFollowed() throws IOException {
        Path target = directory.resolve("victim");
        Files.writeString(target, "precious");
        link(upper, "out", target.toString());

        assertEquals(upper.resolve("out"), tree.prepareFile("/out"));
        assertFalse(Files.exists(upper.resolve("out"), LinkOption.NOFOLLOW_LINKS));
        assertEquals("precious", Files.readString(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/..", ".", "/d", "/d/", "/d/.", "/e/../d"})
    void prepareFile_nameOfADirectory_isRefused(String path) throws IOException {
        tree.createDirectories("/d");

        assertThrows(UnsafePathException.class, () -> tree.prepareFile(path));
    }

    @Test
    void findFile_inEitherLayer_isFound() throws IOException {
        file(lower, "low");
        file(upper, "up");
        link(upper, "to-low", "/low");
        link(lower, "to-up", "up");

        assertEquals(Optional.of(lower.resolve("low")), tree.findFile("/low"));
        assertEquals(Optional.of(upper.resolve("up")), tree.findFile("/up"));
        assertEquals(Optional.of(lower.resolve("low")), tree.findFile("/to-low"));
        assertEquals(Optional.of(upper.resolve("up")), tree.findFile("/to-up"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/../../etc/passwd", "/abs", "/rel", "/dir", "/proc/self/environ", "/f/x"})
    void findFile_outsideOrNoFile_isNothing(String path) throws IOException {
        link(upper, "abs", "/etc/passwd");
        link(upper, "rel", "../../../../../../../../etc/passwd");
        Files.createDirectory(upper.resolve("dir"));
        file(upper, "f");

        assertEquals(Optional.empty(), tree.findFile(path));
    }

    /** What the command removed, or put a file in the place of, must not come back from below. */
    @Test
    void findFile_belowAFileThatReplacedADirectory_isNothing() throws IOException {
        file(lower, "d/x");
        assertTrue(tree.findFile("/d/x").isPresent());

        file(upper, "d");

        assertEquals(Optional.empty(), tree.findFile("/d/x"));
    }
}
