package dev.jdist.client.toolchain;

import dev.jdist.client.files.Directories;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An archive of ours, unpacked into a directory that goes with this object. */
public final class UnpackedArchive implements AutoCloseable {
    private static final String EXECUTABLE = "rwxr-xr-x";

    private final Path root;

    private UnpackedArchive(Path root) {
        this.root = root;
    }

    /**
     * Unpacks an archive into a new directory beside it.
     *
     * @param prefix of the directory's name
     */
    static UnpackedArchive of(Path archive, String prefix) throws IOException {
        return of(archive, Directories.of(archive.toAbsolutePath()), prefix);
    }

    /** As {@link #of(Path, String)}, elsewhere. @param directory in which the new one is made */
    static UnpackedArchive of(Path archive, Path directory, String prefix) throws IOException {
        UnpackedArchive unpacked = new UnpackedArchive(Files.createTempDirectory(directory, prefix));
        try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
                TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(in, 1 << 16))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpacked.add(entry, tar);
            }
            return unpacked;
        } catch (IOException | RuntimeException e) {
            unpacked.close();
            throw e;
        }
    }

    private void add(TarArchiveEntry entry, InputStream content) throws IOException {
        Path place = root.resolve(entry.getName()).normalize();
        if (!place.startsWith(root) || place.equals(root)) {
            throw new IOException("it holds " + entry.getName() + ", which leads out of it");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(place);
            return;
        }
        Files.createDirectories(place.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(place, Path.of(entry.getLinkName()));
        } else {
            Files.copy(content, place);
            if ((entry.getMode() & 0111) != 0) {
                Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(EXECUTABLE));
            }
        }
    }

    Path root() {
        return root;
    }

    @Override
    public void close() throws IOException {
        remove(root);
    }

    /** Removes a tree, links and not what they lead to. */
    static void remove(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
