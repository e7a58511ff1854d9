package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of a job stay in the tree, whatever links a toolchain has. */
@Timeout(60)
class ToolchainRootTest {
    @TempDir
    Path directory;

    private static byte[] tar(String... entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (String entry : entries) {
                String[] parts = entry.split(" -> | = ", -1);
                boolean isLink = entry.contains(" -> ");
                TarArchiveEntry header =
                        isLink ? new TarArchiveEntry(parts[0], TarConstants.LF_SYMLINK) : new TarArchiveEntry(parts[0]);
                byte[] content = isLink ? new byte[0] : parts[1].getBytes(StandardCharsets.UTF_8);
                if (isLink) {
                    header.setLinkName(parts[1]);
                }
                header.setSize(content.length);
                tar.putArchiveEntry(header);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private ToolchainRoot open(String... entries) throws IOException, InterruptedException {
        Path archive = directory.resolve("archive");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
            out.write(tar(entries));
        }
        Optional<ToolchainRoot> root = ToolchainRoot.of(archive, directory, ".tree-");
        assumeTrue(root.isPresent(), "bubblewrap does not work here");
        return root.get();
    }

    @Test
    void inputs_goThroughLinks_asSeenFromInside() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        try (ToolchainRoot root = open(
                "usr/lib/a = old",
                "lib -> usr/lib",
                "out -> " + outside,
                "up -> ../../../../../.." + outside,
                "loop -> loop")) {
            root.add(new ByteArrayInputStream(tar("lib/a = new", "out/deep/b = b", "up/c = c")));
            assertEquals("new", Files.readString(root.inside("/usr/lib/a")));
            assertEquals("b", Files.readString(root.inside("/out/deep/b")));
            assertEquals(root.inside(outside + "/c"), root.inside("/up/c"));
            assertEquals(root.inside("/a"), root.inside("/../../a"));
            assertThrows(IOException.class, () -> root.inside("/loop/a"));
            try (var left = Files.list(outside)) {
                assertEquals(0, left.count(), "something was written outside");
            }
            assertTrue(Files.exists(root.inside("/usr/lib/a")));
        }
        try (var left = Files.list(directory)) {
            assertFalse(left.anyMatch(file -> file.getFileName().toString().startsWith(".tree-")));
        }
    }

    @Test
    void programThatIsNotThere_hasAnExitCode() throws Exception {
        try (ToolchainRoot root = open("a = a")) {
            assertTrue(root.run(List.of("/bin/none"), Map.of(), "/") != 0);
        }
    }
}
