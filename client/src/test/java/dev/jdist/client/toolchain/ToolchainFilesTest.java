package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolchainFilesTest {
    @TempDir
    private Path temporary;

    private Path root;

    @BeforeEach
    void findRoot() throws IOException {
        root = temporary.toRealPath();
    }

    private static byte[] write(ToolchainFiles files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        files.write(out, PackingProgress.UNSEEN);
        return out.toByteArray();
    }

    /** The entries as lines: name, mode, and content or the link's goal; the root's own name is left out. */
    private List<String> entries(ToolchainFiles files) throws IOException {
        List<String> lines = new ArrayList<>();
        TarArchiveInputStream tar =
                new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(write(files))));
        for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            String content = entry.isSymbolicLink()
                    ? "-> " + entry.getLinkName()
                    : new String(tar.readAllBytes(), StandardCharsets.UTF_8);
            String name = "/" + entry.getName();
            assertTrue(name.startsWith(root.toString()), name);
            lines.add((name.substring(root.toString().length() + 1) + " " + Integer.toOctalString(entry.getMode()) + " "
                            + content)
                    .strip());
            assertEquals(0, entry.getLongUserId());
            assertEquals(0, entry.getLongGroupId());
            assertEquals(0, entry.getModTime().getTime());
        }
        return lines;
    }

    private Path file(String name, String content, String mode) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    @Test
    void archive_hasDirectoriesFilesAndLinksInOrder() throws IOException {
        ToolchainFiles files = new ToolchainFiles();
        files.addFile(file("z", "last", "rw-------"));
        files.addFile(file("bin/cc1", "compiler", "rwx------"));
        Files.createSymbolicLink(root.resolve("bin/cc"), Path.of("cc1"));
        assertFalse(files.addFile(root.resolve("bin/cc")));
        files.addDirectory(Files.createDirectory(root.resolve("tmp")));
        assertEquals(
                List.of("tmp/ 40755", "bin/cc1 100755 compiler", "z 100644 last", "bin/cc 120777 -> cc1"),
                entries(files));
        assertEquals(2, files.size());
    }

    @Test
    void nameThroughLinks_bringsAllOfThem() throws IOException {
        file("usr/lib/real.so.1.2", "library", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("usr/lib/real.so.1"), Path.of("real.so.1.2"));
        Files.createSymbolicLink(root.resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(root.resolve("lib64"), root.resolve("lib"));
        ToolchainFiles files = new ToolchainFiles();
        assertTrue(files.addFile(root.resolve("lib64/./real.so.1")));
        assertEquals(
                List.of(
                        "usr/lib/real.so.1.2 100644 library",
                        "lib 120777 -> usr/lib",
                        "lib64 120777 -> " + root.resolve("lib"),
                        "usr/lib/real.so.1 120777 -> real.so.1.2"),
                entries(files));
    }

    /** {@code link/..} leaves the directory that the link leads to. */
    @Test
    void nameWithDotsBehindALink_isTheFileThatTheSystemFinds() throws IOException {
        file("deep/er/lib/x", "right", "rw-r--r--");
        file("x", "wrong", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("link"), Path.of("deep/er/lib"));
        ToolchainFiles files = new ToolchainFiles();
        files.addFile(root.resolve("link/../lib/x"));
        assertEquals(List.of("deep/er/lib/x 100644 right", "link 120777 -> deep/er/lib"), entries(files));
    }

    @Test
    void linksInACircle_areAnError() throws IOException {
        Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        IOException e = assertThrows(IOException.class, () -> new ToolchainFiles().addFile(root.resolve("a")));
        assertTrue(e.getMessage().contains("too many links"), e.getMessage());
    }

    @Test
    void missingFileAndDirectory_areNoFiles() throws IOException {
        ToolchainFiles files = new ToolchainFiles();
        IOException e = assertThrows(IOException.class, () -> files.addFile(root.resolve("missing")));
        assertTrue(e.getMessage().contains("missing"), e.getMessage());
        assertThrows(IOException.class, () -> files.addFile(root));
    }

    @Test
    void tree_bringsItsFiles() throws IOException {
        file("share/a", "1", "rw-r--r--");
        file("share/sub/b", "2", "rw-r--r--");
        Files.createSymbolicLink(root.resolve("share/c"), Path.of("a"));
        Files.createSymbolicLink(root.resolve("share/dangling"), Path.of("nowhere"));
        ToolchainFiles files = new ToolchainFiles();
        files.addTree(root.resolve("share"));
        assertEquals(List.of("share/a 100644 1", "share/sub/b 100644 2", "share/c 120777 -> a"), entries(files));
    }

    @Test
    void sameFiles_giveTheSameBytes() throws IOException {
        Path a = file("a", "one", "rwxr-xr-x");
        Path b = file("b", "two", "rw-r--r--");
        ToolchainFiles first = new ToolchainFiles();
        first.addFile(a);
        first.addFile(b);
        byte[] bytes = write(first);

        Files.setLastModifiedTime(a, FileTime.fromMillis(1234567890123L));
        Files.setPosixFilePermissions(b, PosixFilePermissions.fromString("rw-rw-rw-"));
        ToolchainFiles second = new ToolchainFiles();
        second.addFile(b);
        second.addFile(a);
        assertArrayEquals(bytes, write(second));
    }

    @Test
    void longNames_survive() throws IOException {
        String name = "d/".repeat(60) + "n".repeat(150);
        ToolchainFiles files = new ToolchainFiles();
        files.addFile(file(name, "x", "rw-r--r--"));
        assertEquals(List.of(name + " 100644 x"), entries(files));
    }
}
