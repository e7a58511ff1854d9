package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Measures a directory tree that somebody else is filling. As in {@link TreeRemoval}, everything is reached from the open
 * directory above it and no link is followed. What cannot be measured, as it is too deep or not to be read, counts as
 * enough: it would be a place to hide in.
 */
public final class TreeSize {
    /** What the smallest file or directory costs. */
    private static final long LEAST = 4096;
    /** So many directories can be kept open. Nothing that is deeper serves a compiler. */
    private static final int MAX_DEPTH = 64;

    private final long enough;
    private long bytes;

    private TreeSize(long enough) {
        this.enough = enough;
    }

    /** Bytes of the files below {@code root}, each of at least 4 KiB; counting ends when {@code enough} are found. */
    @SuppressWarnings("StreamResourceLeak") // It is closed: the checker does not look behind the cast.
    public static long of(Path root, long enough) {
        TreeSize size = new TreeSize(enough);
        try (var top = (SecureDirectoryStream<Path>) Files.newDirectoryStream(root)) {
            size.add(top, 0);
        } catch (IOException e) {
            // It has just been removed.
        }
        return size.bytes;
    }

    private void add(SecureDirectoryStream<Path> directory, int depth) {
        try {
            for (Path entry : directory) {
                if (bytes >= enough) {
                    return;
                }
                addEntry(directory, entry.getFileName(), depth);
            }
        } catch (DirectoryIteratorException e) {
            // What was found so far is all there is to know.
        }
    }

    private void addEntry(SecureDirectoryStream<Path> parent, Path name, int depth) {
        try {
            BasicFileAttributes attributes = parent.getFileAttributeView(
                            name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
            bytes += Math.max(attributes.size(), LEAST);
            if (attributes.isDirectory() && depth == MAX_DEPTH) {
                bytes = enough;
            } else if (attributes.isDirectory()) {
                try (SecureDirectoryStream<Path> inner = parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                    add(inner, depth + 1);
                }
            }
        } catch (AccessDeniedException e) {
            bytes = enough;
        } catch (IOException e) {
            // Removed a moment ago.
        }
    }
}
