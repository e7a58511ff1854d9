package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file that is written whole: who reads it sees the old content or the new one. Only its owner may read it. */
public final class ReplacedFile {
    private ReplacedFile() {}

    /**
     * Gives a file another content.
     *
     * @param file in a directory that is there; it may be there or not
     * @throws IOException if it cannot be written: the old content stays, and nothing is left beside it
     * @throws UnsupportedOperationException on a file system without modes
     */
    public static void write(Path file, byte[] content) throws IOException {
        Path fresh = Files.createTempFile(
                Directories.of(file),
                "." + file.getFileName(),
                null,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.write(fresh, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
