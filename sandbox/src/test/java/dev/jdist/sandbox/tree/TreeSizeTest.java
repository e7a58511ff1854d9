package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeSizeTest {
    private static final long ALL = Long.MAX_VALUE;

    @TempDir
    private Path root;

    @Test
    void of_filesAndDirectories_addsThemUp() throws IOException {
        Files.write(root.resolve("a"), new byte[10_000]);
        Files.createDirectories(root.resolve("d"));
        Files.write(root.resolve("d/b"), new byte[5_000]);

        assertEquals(10_000 + 4096 + 5_000, TreeSize.of(root, ALL));
    }

    @Test
    void of_emptyFiles_countAsWhatTheyCost() throws IOException {
        for (int i = 0; i < 10; i++) {
            Files.createFile(root.resolve("" + i));
        }

        assertEquals(10 * 4096, TreeSize.of(root, ALL));
    }

    @Test
    void of_links_areNotFollowed() throws IOException {
        Files.createSymbolicLink(root.resolve("link"), Path.of("/usr"));
        Files.createSymbolicLink(root.resolve("loop"), root);

        assertEquals(2 * 4096, TreeSize.of(root, ALL));
    }

    @Test
    void of_moreThanEnough_isFoundOutEarly() throws IOException {
        for (int i = 0; i < 100; i++) {
            Files.write(root.resolve("" + i), new byte[10_000]);
        }

        assertEquals(30_000, TreeSize.of(root, 25_000));
    }

    @Test
    void of_deepTree_isCounted() throws IOException {
        Path deep = root;
        for (int i = 0; i < 12; i++) {
            deep = Files.createDirectory(deep.resolve("d".repeat(200)));
        }
        Files.write(deep.resolve("f"), new byte[50_000]);

        assertEquals(12 * 4096 + 50_000, TreeSize.of(root, ALL));
        assertEquals(0, TreeSize.of(root.resolve("nowhere"), ALL));
    }

    @Test
    void of_treeTooDeepToBeMeasured_isEnough() throws IOException {
        Path deep = root;
        for (int i = 0; i < 70; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }

        assertEquals(1 << 20, TreeSize.of(root, 1 << 20));
    }
}
