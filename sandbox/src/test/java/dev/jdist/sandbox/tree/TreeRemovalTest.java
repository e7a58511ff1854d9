package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Trees are removed whole, whatever somebody made of them, and nothing else is. */
@Timeout(60)
class TreeRemovalTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private void assertGone(Path root) {
        assertFalse(Files.exists(root, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void remove_nothingThere_isFine() throws IOException {
        TreeRemoval.remove(directory.resolve("missing"));
        TreeRemoval.remove(directory.resolve("missing/deeper"));
    }

    @Test
    void remove_treeOfAllKinds_isGone() throws IOException {
        Path root = directory.resolve("root");
        Files.createDirectories(root.resolve("a/b/c"));
        Files.createDirectories(root.resolve("empty"));
        Files.writeString(root.resolve("a/file"), "x");
        Files.createLink(root.resolve("a/b/hard"), root.resolve("a/file"));
        Files.createSymbolicLink(root.resolve("a/dangling"), Path.of("nowhere"));
        Files.createSymbolicLink(root.resolve("a/self"), Path.of("self"));
        Files.writeString(root.resolve("a/-rf *\n\t\u00e9"), "x");

        TreeRemoval.remove(root);

        assertGone(root);
    }

    @Test
    void remove_relativePath_isTakenFromTheWorkingDirectory() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root/x"));
        Path relative = Path.of("").toAbsolutePath().relativize(root);

        TreeRemoval.remove(relative);

        assertGone(root);
        assertTrue(Files.exists(directory.resolve("root")));
    }

    @Test
    void remove_linksToOutside_areNotFollowed() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside/d"));
        Files.writeString(outside.resolve("precious"), "x");
        Path root = Files.createDirectories(directory.resolve("root"));
        Files.createSymbolicLink(root.resolve("dir"), outside);
        Files.createSymbolicLink(root.resolve("file"), outside.resolve("precious"));
        Files.createSymbolicLink(root.resolve("up"), Path.of("../outside"));

        TreeRemoval.remove(root);

        assertGone(root);
        assertEquals("x", Files.readString(outside.resolve("precious")));
    }

    @Test
    void remove_rootThatIsALink_removesTheLinkOnly() throws IOException {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        Path root = Files.createSymbolicLink(directory.resolve("root"), outside);

        TreeRemoval.remove(root);

        assertGone(root);
        assertEquals("x", Files.readString(outside.resolve("precious")));
    }

    @Test
    void remove_rootThatIsAFile_removesIt() throws IOException {
        Path root = Files.writeString(directory.resolve("root"), "x");

        TreeRemoval.remove(root);

        assertGone(root);
    }

    /** To root, permissions mean nothing; to anybody else this is the work directory of an overlay. */
    @Test
    void remove_directoriesWithoutPermissions_areGone() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        for (String permissions : new String[] {"---------", "r-xr-xr-x", "-wx------", "r--------"}) {
            Path locked = Files.createDirectories(root.resolve(permissions).resolve("d"));
            Files.writeString(locked.resolve("file"), "x");
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString(permissions));
            Files.setPosixFilePermissions(locked.getParent(), PosixFilePermissions.fromString(permissions));
        }

        TreeRemoval.remove(root);

        assertGone(root);
    }

    /** A job can make a tree whose paths are longer than any system call takes. */
    @Test
    void remove_treeDeeperThanAnyPath_isGone() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        makeDeeperThanAnyPath(root);

        TreeRemoval.remove(root);

        assertGone(root);
    }

    /** Grows at the top, as no path leads to the bottom. */
    private static void makeDeeperThanAnyPath(Path root) throws IOException {
        String name = "d".repeat(200);
        Path chain = Files.createDirectories(root.resolve("chain").resolve("bottom"));
        Files.writeString(chain.resolve("file"), "x");
        for (int i = 0; i < 60; i++) {
            Path above = Files.createDirectory(root.resolve("above"));
            Files.move(root.resolve("chain"), above.resolve(name));
            Files.move(above, root.resolve("chain"));
        }
    }

    /** Many levels with little in their names: neither the stack nor open files may run out. */
    @Test
    void remove_thousandsOfLevels_areGone() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        for (int i = 0; i < 2200; i++) {
            Path above = Files.createDirectory(root.resolve("b"));
            if (i > 0) {
                Files.move(root.resolve("a"), above.resolve("a"));
            }
            Files.move(above, root.resolve("a"));
        }

        TreeRemoval.remove(root);

        assertGone(root);
    }

    /** While a directory is being emptied, somebody keeps exchanging it for a link to where it hurts. */
    @Test
    void remove_directoryExchangedForALink_neverReachesTheTarget() throws Exception {
        Path outside = Files.createDirectories(directory.resolve("outside"));
        AtomicBoolean stop = new AtomicBoolean();
        for (int i = 0; i < 20; i++) {
            Files.writeString(outside.resolve("precious" + i), "x");
        }
        Path root = directory.resolve("root");
        Thread exchanger = new Thread(() -> {
            while (!stop.get()) {
                exchange(root, outside);
            }
        });
        exchanger.start();
        try {
            for (int i = 0; i < 100; i++) {
                makeAndRemoveWhileBusy(root);
                assertEquals(20, outside.toFile().list().length);
            }
        } finally {
            stop.set(true);
            exchanger.join();
        }
    }

    private static void exchange(Path root, Path outside) {
        for (int d = 0; d < 10; d++) {
            Path victim = root.resolve("d" + d);
            try {
                Files.move(victim, root.resolve("x"));
                Files.createSymbolicLink(victim, outside);
                Files.delete(root.resolve("x"));
            } catch (IOException e) {
                // The remover was faster.
            }
        }
    }

    private static void makeAndRemoveWhileBusy(Path root) {
        try {
            for (int d = 0; d < 10; d++) {
                Files.createDirectories(root.resolve("d" + d));
            }
            TreeRemoval.remove(root);
        } catch (IOException e) {
            // The exchanger was faster.
        }
    }
}
