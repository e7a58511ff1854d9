package dev.jdist.client.toolchain;

import dev.jdist.client.files.Digest;
import dev.jdist.client.files.FileStat;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.Deflater;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/**
 * The files of a toolchain, under the names by which its programs look for them. A name that leads through links brings
 * these along, as links. Written out, the same files give the same bytes, whenever and by whomever they were collected.
 */
public final class ToolchainFiles {
    private static final int MAX_LINKS = 40;
    private static final int BUFFER = 1 << 20;
    private static final int REGULAR = 0100644;
    private static final int EXECUTABLE = 0100755;
    private static final int DIRECTORY = 040755;
    private static final int LINK = 0120777;

    private final TreeSet<String> directories = new TreeSet<>();
    private final TreeMap<String, Path> files = new TreeMap<>();
    private final TreeMap<String, String> links = new TreeMap<>();
    private final Set<Path> looked = new LinkedHashSet<>();

    void addDirectory(Path path) throws IOException {
        directories.add(resolve(path).toString());
    }

    /** Adds a file; false if it was there already. */
    boolean addFile(Path path) throws IOException {
        looked.add(path);
        Path real = resolve(path);
        if (!Files.isRegularFile(real)) {
            throw new IOException(path + " is not a file");
        }
        return files.put(real.toString(), real) == null;
    }

    /** Adds all files below a directory. */
    void addTree(Path directory) throws IOException {
        try (var found = Files.walk(directory)) {
            for (Path path : found.toList()) {
                if (Files.isRegularFile(path)) {
                    addFile(path);
                } else if (Files.isDirectory(path)) {
                    looked.add(path);
                }
            }
        }
    }

    /** Follows every link in an absolute path, noting each one. Links to links are noted too. */
    private Path resolve(Path path) throws IOException {
        return resolve(path, 0);
    }

    private Path resolve(Path path, int depth) throws IOException {
        if (depth > MAX_LINKS) {
            throw new IOException("too many links in " + path);
        }
        Path resolved = Path.of("/");
        for (Path name : path) {
            if (name.toString().equals("..")) {
                resolved = resolved.getParent() == null ? resolved : resolved.getParent();
            } else if (!name.toString().equals(".")) {
                Path next = resolved.resolve(name);
                if (Files.isSymbolicLink(next)) {
                    Path target = Files.readSymbolicLink(next);
                    links.put(next.toString(), target.toString());
                    next = resolve(resolved.resolve(target), depth + 1);
                }
                resolved = next;
            }
        }
        return resolved;
    }

    /** All names that were added, and the directories of trees: what is in the archive depends on nothing else. */
    Set<Path> looked() {
        return looked;
    }

    /** Stands for the names and the stamps of all that is in the archive. */
    Digest fingerprint() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String directory : directories) {
            all.append(directory).append('\0');
        }
        for (Map.Entry<String, Path> file : files.entrySet()) {
            FileStat stamp = FileStat.of(file.getValue())
                    .orElseThrow(() -> new NoSuchFileException(file.getValue().toString()));
            // Not the device: it may have another number after each start of the machine.
            all.append(file.getKey())
                    .append('\0')
                    .append(stamp.inode())
                    .append(' ')
                    .append(stamp.size());
            all.append(' ')
                    .append(stamp.modified())
                    .append(' ')
                    .append(stamp.changed())
                    .append('\0');
        }
        for (Map.Entry<String, String> link : links.entrySet()) {
            all.append(link.getKey()).append('\0').append(link.getValue()).append('\0');
        }
        return Digest.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    int size() {
        return files.size();
    }

    /** Bytes of all files together. */
    long bytes() throws IOException {
        long sum = 0;
        for (Path file : files.values()) {
            sum += Files.size(file);
        }
        return sum;
    }

    /** Writes the archive: a gzip-compressed tar. */
    void write(OutputStream target, PackingProgress progress) throws IOException {
        int filesTotal = size();
        long bytesTotal = bytes();
        int filesDone = 0;
        long bytesDone = 0;
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(COMPRESSION);
        OutputStream gzip = new GzipCompressorOutputStream(new BufferedOutputStream(target, 1 << 16), parameters);
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
            for (String directory : directories) {
                tar.putArchiveEntry(entry(directory + "/", TarConstants.LF_DIR, DIRECTORY));
                tar.closeArchiveEntry();
            }
            for (var file : files.entrySet()) {
                TarArchiveEntry entry = entry(
                        file.getKey(),
                        TarConstants.LF_NORMAL,
                        Files.isExecutable(file.getValue()) ? EXECUTABLE : REGULAR);
                entry.setSize(Files.size(file.getValue()));
                tar.putArchiveEntry(entry);
                try (InputStream in = Files.newInputStream(file.getValue())) {
                    byte[] buffer = new byte[BUFFER];
                    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                        tar.write(buffer, 0, count);
                        bytesDone += count;
                        progress.packed(filesDone, filesTotal, bytesDone, bytesTotal);
                    }
                }
                tar.closeArchiveEntry();
                filesDone++;
            }
            progress.packed(filesDone, filesTotal, bytesDone, bytesTotal);
            // Last, so that no file of the archive is unpacked through a link of it.
            for (var link : links.entrySet()) {
                TarArchiveEntry entry = entry(link.getKey(), TarConstants.LF_SYMLINK, LINK);
                entry.setLinkName(link.getValue());
                tar.putArchiveEntry(entry);
                tar.closeArchiveEntry();
            }
        }
    }

    /** Time to the first remote compile counts for more than a tenth of the archive's size. */
    private static final int COMPRESSION = Deflater.BEST_SPEED + 2;

    private static TarArchiveEntry entry(String absolutePath, byte type, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(absolutePath.substring(1), type);
        entry.setMode(mode);
        entry.setModTime(0);
        entry.setIds(0, 0);
        entry.setNames("", "");
        return entry;
    }
}
