package dev.jdist.sandbox.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeTarTest {
    @TempDir
    Path tree;

    @Test
    void addTree_withEveryKindOfFile_keepsThemAndMakesThemRoots() throws IOException {
        Files.createDirectories(tree.resolve("usr/bin"));
        Files.writeString(tree.resolve("usr/bin/gcc"), "program");
        Files.setPosixFilePermissions(tree.resolve("usr/bin/gcc"), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(tree.resolve("usr/ä-" + "x".repeat(200)), "text");
        Files.createSymbolicLink(tree.resolve("bin"), Path.of("usr/bin"));

        Map<String, String> expected = new TreeMap<>();
        expected.put("usr/", "755 dir");
        expected.put("usr/bin/", "755 dir");
        expected.put("usr/bin/gcc", "755 program");
        expected.put("usr/ä-" + "x".repeat(200), "644 text");
        expected.put("bin", "777 -> usr/bin");
        assertEquals(expected, entries(write(tar -> tar.addTree(tree))));
    }

    @Test
    void addArchiveUnder_whatTheTreeHides_isLeftOut() throws IOException {
        Files.createDirectories(tree.resolve("lib64"));
        Files.writeString(tree.resolve("lib64/ld.so"), "of the toolchain");
        Files.createSymbolicLink(tree.resolve("bin"), Path.of("usr/bin"));
        byte[] image = archive(out -> {
            put(out, "./", TarConstants.LF_DIR, 0755, "");
            put(out, "lib64", TarConstants.LF_SYMLINK, 0777, "usr/lib64");
            put(out, "lib64/ld.so", TarConstants.LF_NORMAL, 0644, "of the image");
            put(out, "lib64/libm.so", TarConstants.LF_NORMAL, 0644, "kept");
            put(out, "bin/", TarConstants.LF_DIR, 0755, "");
            put(out, "bin/sh", TarConstants.LF_NORMAL, 0755, "hidden by a link");
            put(out, "bin2", TarConstants.LF_LINK, 0755, "lib64/libm.so");
            put(out, "dev/sda", TarConstants.LF_BLK, 0666, "");
            put(out, "su", TarConstants.LF_NORMAL, 04755, "without its bit");
        });

        Map<String, String> expected = new TreeMap<>();
        expected.put("lib64/libm.so", "644 kept");
        expected.put("bin2", "755 = lib64/libm.so");
        expected.put("su", "755 without its bit");
        assertEquals(expected, entries(write(tar -> tar.addArchiveUnder(tree, new ByteArrayInputStream(image)))));
    }

    private interface Filling<T> {
        void fill(T tar) throws IOException;
    }

    private static byte[] write(Filling<TreeTar> filling) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TreeTar tar = new TreeTar(out)) {
            filling.fill(tar);
        }
        return out.toByteArray();
    }

    private static byte[] archive(Filling<TarArchiveOutputStream> filling) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
            filling.fill(tar);
        }
        return out.toByteArray();
    }

    /** @param content a file's, or what a link names */
    private static void put(TarArchiveOutputStream tar, String name, byte type, int mode, String content)
            throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setMode(mode);
        entry.setIds(1000, 1000);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        boolean file = type == TarConstants.LF_NORMAL;
        entry.setSize(file ? bytes.length : 0);
        entry.setLinkName(file ? "" : content);
        tar.putArchiveEntry(entry);
        if (file) {
            tar.write(bytes);
        }
        tar.closeArchiveEntry();
    }

    private static Map<String, String> entries(byte[] archive) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                assertEquals(0, entry.getLongUserId() + entry.getLongGroupId(), entry.getName());
                entries.put(
                        entry.getName(), Integer.toOctalString(entry.getMode() & 07777) + " " + content(entry, tar));
            }
        }
        return entries;
    }

    private static String content(TarArchiveEntry entry, InputStream tar) throws IOException {
        if (entry.isDirectory()) {
            return "dir";
        }
        if (entry.isSymbolicLink() || entry.isLink()) {
            return (entry.isLink() ? "= " : "-> ") + entry.getLinkName();
        }
        return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
    }
}
