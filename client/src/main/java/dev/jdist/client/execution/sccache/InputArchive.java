package dev.jdist.client.execution.sccache;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The inputs of a job on their way: a tar of files under their absolute paths, without the leading slash. */
final class InputArchive implements AutoCloseable {
    private static final int MODE = 0100644;

    private final TarArchiveOutputStream tar;
    private final Set<String> written = new HashSet<>();

    InputArchive(OutputStream out) {
        this.tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    }

    /**
     * Adds the file {@code content} as {@code path}. A path that was added before is passed over.
     *
     * @param path absolute; {@code ..} in it is resolved by name, and the directories that this skips are made
     */
    void add(Path path, Path content) throws IOException {
        String name = nameOf(path);
        if (!written.add(name)) {
            return;
        }
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL);
        entry.setMode(MODE);
        entry.setSize(Files.size(content));
        if (content.equals(path)) {
            // A compiler may take files of the same time and content for one.
            entry.setModTime(Files.getLastModifiedTime(content));
        } else {
            entry.setModTime(0);
        }
        tar.putArchiveEntry(entry);
        try (InputStream in = Files.newInputStream(content)) {
            in.transferTo(tar);
        }
        tar.closeArchiveEntry();
    }

    /** Adds the directories that {@code path} goes through and leaves again by {@code ..}. */
    void addDetours(Path path) throws IOException {
        nameOf(path);
    }

    private String nameOf(Path path) throws IOException {
        // a/b/../c is a/c, but is found only where a/b is a directory.
        Path prefix = Path.of("/");
        for (Path name : path) {
            if (name.toString().equals("..")) {
                addDirectory(prefix.normalize());
            }
            prefix = prefix.resolve(name);
        }
        return path.normalize().toString().substring(1);
    }

    private void addDirectory(Path path) throws IOException {
        String name = path.toString().substring(1) + "/";
        if (name.length() > 1 && written.add(name)) {
            tar.putArchiveEntry(new TarArchiveEntry(name, TarConstants.LF_DIR));
            tar.closeArchiveEntry();
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
