package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any sequence of entries fills the root or is refused; nothing appears, changes or is read beside it. Goes on for {@code -Djdist.fuzz.seconds}. */
class PathFuzzTest {
    private static final long NANOS = Long.getLong("jdist.fuzz.seconds", 0) * 1_000_000_000;
    private static final int TREES = 60;
    private static final int ENTRIES = 60;
    private static final List<String> NAMES =
            List.of("a", "b", "c", "..", ".", "", "link", "victim", "root", "\0", "n".repeat(256), "\ud800", "a b");

    private final long started = System.nanoTime();

    @TempDir
    private Path directory;

    private boolean goesOn(int seed) {
        return seed < TREES || System.nanoTime() - started < NANOS;
    }

    @Test
    void writeAndFind_anyEntries_stayInTheRoot() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "precious");
        for (int seed = 0; goesOn(seed); seed++) {
            Path root = Files.createDirectories(directory.resolve("tree/root"));
            fill(root, new SplittableRandom(seed), seed);

            assertEquals("precious", Files.readString(victim));
            assertArrayEquals(
                    new String[] {"root"}, directory.resolve("tree").toFile().list());
            TreeRemoval.remove(directory.resolve("tree"));
        }
        assertEquals(1, directory.toFile().list().length);
    }

    private void fill(Path root, SplittableRandom random, int seed) {
        TreeWriter writer = new TreeWriter(root);
        RootedTree tree = new RootedTree(root, Optional.empty());
        for (int i = 0; i < ENTRIES; i++) {
            String name = path(random);
            String other = path(random);
            try {
                switch (random.nextInt(5)) {
                    case 0 -> writer.directory(name);
                    case 1 -> writer.file(name, random.nextBoolean(), new ByteArrayInputStream(new byte[] {'e'}));
                    case 2 -> writer.symbolicLink(name, other);
                    case 3 -> writer.hardLink(name, other);
                    default -> tree.findFile(name).ifPresent(found -> assertInside(root, found));
                }
            } catch (UnsafePathException | java.nio.file.InvalidPathException e) {
                // Refused. Names that are not text are refused by the reader of archives.
            } catch (IOException e) {
                fail("seed " + seed + ", entry " + i + " (" + name + ", " + other + ")", e);
            }
        }
    }

    private static void assertInside(Path root, Path found) {
        assertTrue(found.startsWith(root), found.toString());
        assertEquals(found, found.normalize());
        Path parent = found.getParent();
        while (!parent.equals(root)) {
            assertFalse(Files.isSymbolicLink(parent), found.toString());
            parent = parent.getParent();
        }
        assertFalse(Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS));
    }

    private static String path(SplittableRandom random) {
        StringBuilder path = new StringBuilder(random.nextInt(8) == 0 ? "/" : "");
        int parts = 1 + random.nextInt(4);
        for (int i = 0; i < parts; i++) {
            // Mostly honest names, so that trees grow.
            int bound = random.nextInt(4) == 0 ? NAMES.size() : 3;
            path.append(i == 0 ? "" : "/").append(NAMES.get(random.nextInt(bound)));
        }
        return path.toString();
    }
}
