package dev.jdist.client.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.files.FileStat;
import dev.jdist.client.source.SourceFileCache;
import dev.jdist.protocol.view.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewTreeTest {
    private static final long LATER = TimeUnit.HOURS.toNanos(1);

    @TempDir
    Path given;

    private Path directory;
    /** Nothing that was changed in this test was changed lately, unless this is set back. */
    private long now;

    private ViewTree tree;

    @BeforeEach
    void prepare() throws IOException {
        directory = given.toRealPath();
        now = FileStat.now() + LATER;
        tree = tree(new PackedPaths(new HashMap<>(), new HashMap<>()));
    }

    private ViewTree tree(PackedPaths packed) {
        return new ViewTree(packed, new SourceFileCache(() -> now, true), () -> now);
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** As if a moment had passed, after which everything is looked at again. */
    private void pass() {
        now += TimeUnit.SECONDS.toNanos(10);
    }

    private Vouched find(Vouched.Directory root, Path path) {
        Vouched at = root;
        for (Path name : path) {
            at = ((Vouched.Directory) at).entries().getOrDefault(name.toString(), new Vouched.Absent());
        }
        return at;
    }

    @Test
    void look_atAFile_hasItsContentAndAllNamesBesideIt() throws IOException {
        Path file = write("a/one.h", "int one;\n");
        write("a/two.h", "int two;\n");
        Vouched.Directory root = tree.look(Set.of(file));
        Vouched.RegularFile found = assertInstanceOf(Vouched.RegularFile.class, find(root, file));
        assertEquals(
                Sha256.ofContent("int one;\n".getBytes(StandardCharsets.UTF_8)),
                found.node().content());
        assertEquals(9, found.node().size());
        Vouched.Directory beside = (Vouched.Directory) find(root, file.getParent());
        assertEquals(Set.of("one.h", "two.h"), beside.entries().keySet());
        assertTrue(beside.listing().complete());
        assertInstanceOf(Vouched.Unseen.class, beside.entries().get("two.h"));
        assertEquals(beside.listing().digest(), beside.digest());
    }

    @Test
    void look_again_isTheSameTreeUntilSomethingChanges() throws IOException {
        Path file = write("a/one.h", "int one;\n");
        Vouched.Directory first = tree.look(Set.of(file));
        pass();
        assertSame(first, tree.look(Set.of(file)));
        write("a/one.h", "int other;\n");
        pass();
        Vouched.Directory second = tree.look(Set.of(file));
        assertNotEquals(first.digest(), second.digest());
        assertEquals(11, ((Vouched.RegularFile) find(second, file)).node().size());
        assertEquals(9, ((Vouched.RegularFile) find(first, file)).node().size(), "what was vouched for never changes");
    }

    @Test
    void look_atAPathThroughALink_hasTheLinkAndWhatItLeadsTo() throws IOException {
        Path file = write("real/one.h", "int one;\n");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("real"));
        Vouched.Directory root = tree.look(Set.of(link.resolve("../link/one.h")));
        assertEquals("real", ((Vouched.Link) find(root, link)).node().target());
        assertInstanceOf(Vouched.RegularFile.class, find(root, file));
    }

    @Test
    void look_atALinkToItself_ends() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("link"));
        assertInstanceOf(Vouched.Link.class, find(tree.look(Set.of(link.resolve("x"))), link));
    }

    @Test
    void file_thatAppearsOrGoes_isSeenInTheNextLook() throws IOException {
        Path file = write("a/one.h", "int one;\n");
        Path later = directory.resolve("a/later.h");
        assertInstanceOf(Vouched.Absent.class, find(tree.look(Set.of(file, later)), later));
        write("a/later.h", "int later;\n");
        pass();
        assertInstanceOf(Vouched.RegularFile.class, find(tree.look(Set.of(file, later)), later));
        Files.delete(file);
        pass();
        assertInstanceOf(Vouched.Absent.class, find(tree.look(Set.of(file, later)), file));
    }

    @Test
    void directory_thatBecomesAFile_isOne() throws IOException {
        Path file = write("a/b/one.h", "int one;\n");
        tree.look(Set.of(file));
        Files.delete(file);
        Files.delete(file.getParent());
        write("a/b", "text\n");
        pass();
        assertInstanceOf(Vouched.RegularFile.class, find(tree.look(Set.of(file)), file.getParent()));
    }

    @Test
    void directory_inWhichNamesComeAndGo_keepsItsDigest() throws IOException {
        Path file = write("build/one.h", "int one;\n");
        now = FileStat.now();
        Vouched.Directory first = (Vouched.Directory) find(tree.look(Set.of(file)), file.getParent());
        assertFalse(first.listing().complete());
        write("build/one.o", "object\n");
        now = FileStat.now() + TimeUnit.MILLISECONDS.toNanos(200);
        Vouched.Directory second = (Vouched.Directory) find(tree.look(Set.of(file)), file.getParent());
        assertEquals(Set.of("one.h"), second.entries().keySet());
        Vouched.Directory all = tree.all(file.getParent()).orElseThrow();
        assertEquals(Set.of("one.h", "one.o"), all.entries().keySet());
        assertTrue(all.listing().complete());
    }

    @Test
    void at_whatCannotBeSent_isUnseen() throws IOException {
        assertInstanceOf(Vouched.Unseen.class, tree.at(Path.of("/dev/null")));
        assertInstanceOf(Vouched.Absent.class, tree.at(directory.resolve("nothing")));
        assertInstanceOf(Vouched.Absent.class, tree.at(write("file", "text").resolve("below")));
        assertInstanceOf(Vouched.Directory.class, tree.at(Path.of("/")));
    }

    @Test
    void packedFiles_areTheToolchains_whateverIsHere() throws IOException {
        Path here = write("bin/cc1", "a compiler\n");
        Path elsewhere = directory.resolve("lib/only-packed.so");
        PackedPaths packed = new PackedPaths(
                Map.of(here.getParent(), Set.of("cc1"), elsewhere.getParent(), Set.of("only-packed.so")),
                Map.of(directory, Set.of("lib")));
        tree = tree(packed);
        Vouched.Directory root = tree.look(Set.of(here));
        assertInstanceOf(Vouched.Packed.class, find(root, here));
        assertInstanceOf(Vouched.Unseen.class, find(root, directory.resolve("lib")));
        assertInstanceOf(Vouched.Packed.class, tree.at(directory.resolve("lib")));
    }

    @Test
    void hardLinks_haveTheSameNumber() throws IOException {
        Path file = write("a/one.h", "int one;\n");
        Path other = Files.createLink(directory.resolve("a/other.h"), file);
        Path alone = write("a/alone.h", "int alone;\n");
        Vouched.Directory root = tree.look(List.of(file, other, alone));
        long same = ((Vouched.RegularFile) find(root, file)).node().sameFile();
        assertNotEquals(0, same);
        assertEquals(same, ((Vouched.RegularFile) find(root, other)).node().sameFile());
        assertEquals(0, ((Vouched.RegularFile) find(root, alone)).node().sameFile());
    }
}
