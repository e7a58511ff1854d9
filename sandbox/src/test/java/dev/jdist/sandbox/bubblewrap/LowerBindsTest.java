package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.sandbox.SandboxException;
import dev.jdist.sandbox.tree.RootedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LowerBindsTest {
    @TempDir
    private Path directory;

    private Path lower;
    private Path upper;
    private RootedTree tree;

    @BeforeEach
    void layers() throws IOException {
        lower = Files.createDirectory(directory.resolve("lower"));
        upper = Files.createDirectory(directory.resolve("upper"));
        tree = new RootedTree(upper, Optional.of(lower));
        put(lower, "usr/bin/cc");
        put(lower, "usr/include/stdio.h");
        put(lower, "etc/hosts");
        Files.createSymbolicLink(lower.resolve("bin"), Path.of("usr/bin"));
    }

    private static void put(Path layer, String name) throws IOException {
        Files.createDirectories(layer.resolve(name).getParent());
        Files.writeString(layer.resolve(name), name);
    }

    /** The places that get a mount, each of its own name in the lower tree. */
    private List<String> places() throws IOException {
        List<String> options = LowerBinds.prepare(lower, upper, tree);
        List<String> places = new ArrayList<>();
        for (int i = 0; i < options.size(); i += 3) {
            assertEquals("--ro-bind", options.get(i));
            assertEquals(lower + options.get(i + 2), options.get(i + 1));
            places.add(options.get(i + 2));
        }
        return places;
    }

    @Test
    void prepare_layersThatDoNotMeet_areOneMountPerEntry() throws IOException {
        put(upper, "home/me/a.c");

        assertEquals(List.of("/etc", "/usr"), places());
        assertEquals(Path.of("usr/bin"), Files.readSymbolicLink(upper.resolve("bin")));
    }

    @Test
    void prepare_layersThatMeet_areMountsOfWhatIsMissing() throws IOException {
        put(upper, "usr/include/a.h");

        assertEquals(List.of("/etc", "/usr/bin", "/usr/include/stdio.h"), places());
    }

    @Test
    void prepare_whatIsInBoth_isTheUppers() throws IOException {
        put(upper, "usr/include/stdio.h");
        put(upper, "etc");

        assertEquals(List.of("/usr/bin"), places());
    }

    @Test
    void prepare_deviceAndProcessDirectories_areLeftToBubblewrap() throws IOException {
        put(lower, "dev/null");
        put(lower, "proc/version");
        put(lower, "usr/dev/x");

        assertEquals(List.of("/etc", "/usr"), places());
    }

    @Test
    void prepare_temporaryDirectories_areTheUppers() throws IOException {
        Files.createDirectories(lower.resolve("tmp"));
        Files.createDirectories(lower.resolve("var/tmp"));
        put(lower, "var/lib/x");

        assertEquals(List.of("/etc", "/usr", "/var/lib"), places());
        assertTrue(Files.isDirectory(upper.resolve("tmp")));
    }

    /** As the first command of two leaves it. */
    @Test
    void prepare_again_looksThroughTheMountPoints() throws IOException {
        put(upper, "etc/new");
        assertEquals(List.of("/etc/hosts", "/usr"), places());
        Files.createDirectory(upper.resolve("usr"));
        Files.createFile(upper.resolve("etc/hosts"));

        assertEquals(List.of("/etc/hosts", "/usr"), places());
        assertEquals(lower.resolve("usr/bin/cc"), tree.findFile("/usr/bin/cc").orElseThrow());
        assertEquals(lower.resolve("etc/hosts"), tree.findFile("/etc/hosts").orElseThrow());
    }

    /** What a command put in the place of a mount point is what it wrote; a link above all is not mounted on. */
    @Test
    void prepare_againWithOtherThings_mountsNothingOnThem() throws IOException {
        put(upper, "etc/new");
        places();
        Files.writeString(upper.resolve("etc/hosts"), "written");
        Files.createSymbolicLink(upper.resolve("usr"), directory);

        assertEquals(List.of(), places());
    }

    @Test
    void prepare_tooManyMounts_isRefused() throws IOException {
        Path crowded = Files.createDirectories(lower.resolve("crowd"));
        for (int i = 0; i <= LowerBinds.MAX - 2; i++) {
            Files.createFile(crowded.resolve("f" + i));
        }
        assertEquals(List.of("/crowd", "/etc", "/usr"), places());
        put(upper, "crowd/new");

        SandboxException e = assertThrows(SandboxException.class, this::places);
        assertTrue(e.getMessage().contains("more than 1000 entries"), e.getMessage());

        Files.delete(crowded.resolve("f0"));
        assertEquals(LowerBinds.MAX, places().size());
    }
}
