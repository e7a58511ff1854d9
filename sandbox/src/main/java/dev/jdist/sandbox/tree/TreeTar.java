package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes a root file system as a tar in which all files are root's. No name may come twice: no engine takes that. */
public final class TreeTar implements AutoCloseable {
    private static final int DIRECTORY_MODE = 0755;
    private static final int FILE_MODE = 0644;
    private static final int LINK_MODE = 0777;
    /** Set-user-id, set-group-id and sticky have no business here. */
    private static final int PERMISSIONS = 0777;

    private final TarArchiveOutputStream tar;

    public TreeTar(OutputStream out) {
        this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    /**
     * Adds the directories, files and links of another tar, except for those that {@code upper} hides if it is laid over
     * them: what has the name of one of its files, or would be below one.
     */
    public void addArchiveUnder(Path upper, InputStream archive) throws IOException {
        TarArchiveInputStream entries = new TarArchiveInputStream(archive, StandardCharsets.UTF_8.name());
        for (TarArchiveEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
            boolean link = entry.isSymbolicLink() || entry.isLink();
            // To isFile(), a device is a file.
            boolean file =
                    entry.getLinkFlag() == TarConstants.LF_NORMAL || entry.getLinkFlag() == TarConstants.LF_OLDNORM;
            if ((link || file || entry.isDirectory()) && !hides(upper, entry.getName())) {
                TarArchiveEntry copy = entry(entry.getName(), entry.getLinkFlag(), entry.getMode() & PERMISSIONS);
                copy.setLinkName(entry.getLinkName());
                add(copy, link ? 0 : entry.getSize(), entries);
            }
        }
    }

    private static boolean hides(Path upper, String name) {
        Path path = upper;
        for (Path component : Path.of(name).normalize()) {
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
            }
            path = path.resolve(component);
        }
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    /** Adds what is below {@code root}. */
    public void addTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (!directory.equals(root)) {
                    add(
                            entry(root.relativize(directory) + "/", TarConstants.LF_DIR, DIRECTORY_MODE),
                            0,
                            InputStream.nullInputStream());
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = root.relativize(file).toString();
                if (attributes.isSymbolicLink()) {
                    TarArchiveEntry link = entry(name, TarConstants.LF_SYMLINK, LINK_MODE);
                    link.setLinkName(Files.readSymbolicLink(file).toString());
                    add(link, 0, InputStream.nullInputStream());
                } else if (attributes.isRegularFile()) {
                    addFile(name, file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Adds one file, which is executable if {@code file} is. */
    public void addFile(String name, Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            int mode = Files.isExecutable(file) ? DIRECTORY_MODE : FILE_MODE;
            add(entry(name, TarConstants.LF_NORMAL, mode), Files.size(file), content);
        }
    }

    private static TarArchiveEntry entry(String name, byte type, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type);
        entry.setMode(mode);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        return entry;
    }

    private void add(TarArchiveEntry entry, long size, InputStream content) throws IOException {
        entry.setSize(size);
        tar.putArchiveEntry(entry);
        if (size > 0) {
            content.transferTo(tar);
        }
        tar.closeArchiveEntry();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
