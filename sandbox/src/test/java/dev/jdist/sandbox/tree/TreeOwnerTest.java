package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeOwnerTest {
    private static final int JOBS = 1_879_075_428;

    @TempDir
    private Path directory;

    private static void assumeRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: files are given to another user");
    }

    private static List<Object> ownerOf(Path path) throws IOException {
        return List.of(
                Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS),
                Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void self_ownsAllAlready() throws IOException {
        List<Object> before = ownerOf(directory);

        TreeOwner.SELF.own(directory);
        TreeOwner.SELF.own(directory.resolve("none"));
        TreeOwner.SELF.ownAll(directory);

        assertEquals(before, ownerOf(directory));
        assertEquals(Optional.empty(), TreeOwner.SELF.user());
    }

    @Test
    void own_link_isTheLinkItself() throws IOException {
        assumeRoot();
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));

        TreeOwner.of(JOBS).own(link);
        TreeOwner.of(JOBS).own(dangling);

        assertEquals(List.of(JOBS, JOBS), ownerOf(link));
        assertEquals(List.of(JOBS, JOBS), ownerOf(dangling));
        assertEquals(List.of(0, 0), ownerOf(file));
    }

    @Test
    void ownAll_tree_isOwnedWholeAndItsRootLast() throws IOException {
        assumeRoot();
        Path outside = Files.createFile(directory.resolve("outside"));
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Path deep = Files.createDirectories(tree.resolve("a/b/c"));
        Path file = Files.createFile(deep.resolve("file"));
        Path link = Files.createSymbolicLink(deep.resolve("link"), outside);
        TreeOwner.of(JOBS).own(deep); // what was begun and broken off

        TreeOwner.of(JOBS).ownAll(tree);

        for (Path path : List.of(tree, tree.resolve("a"), deep, file, link)) {
            assertEquals(List.of(JOBS, JOBS), ownerOf(path), path.toString());
        }
        assertEquals(List.of(0, 0), ownerOf(outside));

        Path later = Files.createFile(deep.resolve("later"));
        TreeOwner.of(JOBS).ownAll(tree);
        assertEquals(List.of(0, 0), ownerOf(later), "a tree that is owned is not walked again");
    }

    @Test
    void own_fileThatIsNotThere_saysWhich() throws IOException {
        assumeRoot();
        Path none = directory.resolve("none");

        String said = assertThrows(IOException.class, () -> TreeOwner.of(JOBS).own(none))
                .getMessage();

        assertTrue(said.startsWith("cannot give " + none + " to the user " + JOBS + " of jobs: "), said);
        assertThrows(NoSuchFileException.class, () -> TreeOwner.of(JOBS).ownAll(none));
    }

    @Test
    void own_byAUserWithoutRights_isRefused() throws IOException {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "skipped: root may");

        assertThrows(IOException.class, () -> TreeOwner.of(JOBS).own(directory));
    }
}
