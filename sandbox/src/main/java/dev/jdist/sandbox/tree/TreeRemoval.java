package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.UUID;

/**
 * Removes a directory tree that somebody else filled, and may still be filling.
 *
 * <p>Invariants. Below the root everything is reached from the open directory above it, never by its path, and no link
 * is followed: exchanging a directory for a link at the right moment leads nowhere. Directories deeper than
 * {@link #MAX_DEPTH} are first moved up to the root, so that neither open files nor the length of a path limit how deep
 * a tree can be removed.
 */
public final class TreeRemoval {
    /** A process of a killed job may write for a moment longer. */
    private static final int ATTEMPTS = 5;
    /** With names of 255 bytes, a path of this depth is still one that the kernel takes. */
    private static final int MAX_DEPTH = 12;

    private final SecureDirectoryStream<Path> top;
    private final Path topPath;
    private boolean movedUp;

    private TreeRemoval(SecureDirectoryStream<Path> top, Path topPath) {
        this.top = top;
        this.topPath = topPath;
    }

    /** Removes {@code root} and all in it. It is well if nothing is there. */
    @SuppressWarnings("StreamResourceLeak") // It is closed: the checker does not look behind the cast.
    public static void remove(Path root) throws IOException {
        Path path = root.toAbsolutePath();
        Path parentPath = Objects.requireNonNull(path.getParent(), "the root of all files is not to be removed");
        for (int attempt = 1; ; attempt++) {
            try (var parent = (SecureDirectoryStream<Path>) Files.newDirectoryStream(parentPath)) {
                new TreeRemoval(parent, parentPath).removeEntry(parent, path, 0);
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (DirectoryNotEmptyException e) {
                if (attempt == ATTEMPTS) {
                    throw new DirectoryNotEmptyException(path.toString());
                }
            }
        }
    }

    /** @param parent the directory that has the entry; {@code path} is for messages and for what has no other way */
    private void removeEntry(SecureDirectoryStream<Path> parent, Path path, int depth) throws IOException {
        Path name = path.getFileName();
        if (!isDirectory(parent, name)) {
            parent.deleteFile(name);
        } else if (depth > MAX_DEPTH) {
            parent.move(name, top, Path.of(".deep-" + UUID.randomUUID()));
            movedUp = true;
        } else {
            try {
                removeDirectory(parent, path, depth);
            } catch (AccessDeniedException e) {
                makeAccessible(path);
                removeDirectory(parent, path, depth);
            }
        }
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> parent, Path name) throws IOException {
        return parent.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory();
    }

    private void removeDirectory(SecureDirectoryStream<Path> parent, Path path, int depth) throws IOException {
        Path name = path.getFileName();
        try (SecureDirectoryStream<Path> directory = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            if (depth == 0) {
                TreeRemoval below = new TreeRemoval(directory, path);
                below.emptyTop();
            } else {
                empty(directory, path, depth);
            }
        }
        parent.deleteDirectory(name);
    }

    /** Again and again, as what was moved up has to be emptied too. */
    private void emptyTop() throws IOException {
        do {
            movedUp = false;
            try (SecureDirectoryStream<Path> again = top.newDirectoryStream(Path.of("."), LinkOption.NOFOLLOW_LINKS)) {
                empty(again, topPath, 0);
            }
        } while (movedUp);
    }

    private void empty(SecureDirectoryStream<Path> directory, Path path, int depth) throws IOException {
        try {
            for (Path entry : directory) {
                try {
                    removeEntry(directory, path.resolve(entry.getFileName()), depth + 1);
                } catch (NoSuchFileException e) {
                    // Somebody else removed it.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** A directory without permissions, as the work directory of an overlay is to anybody but root. */
    private static void makeAccessible(Path directory) throws IOException {
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        } catch (FileSystemException e) {
            throw new AccessDeniedException(directory.toString());
        }
    }
}
