package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Fills a directory with a file tree that comes from outside, a toolchain, entry by entry. What would reach out of the
 * directory, by {@code ..} or through a link, is refused.
 */
public final class TreeWriter {
    private final Path root;
    private final RootedTree tree;

    /** @param root an empty directory */
    public TreeWriter(Path root) {
        this.root = root;
        this.tree = new RootedTree(root, Optional.empty());
    }

    public void directory(String path) throws IOException {
        tree.createDirectories(relative(path));
    }

    public void file(String path, boolean executable, InputStream content) throws IOException {
        Path file = tree.prepareFile(relative(path));
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            content.transferTo(out);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    /** @param target absolute (from the tree's root) or relative; must not climb above the root */
    public void symbolicLink(String path, String target) throws IOException {
        String name = relative(path);
        RootedTree.checkName(target);
        int depth = target.startsWith("/") ? 0 : depth(name) - 1;
        for (String component : target.split("/")) {
            if (component.equals("..")) {
                depth--;
            } else if (!component.isEmpty() && !component.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                throw new UnsafePathException("the link " + path + " leads out of the archive, to " + target);
            }
        }
        Files.createSymbolicLink(tree.prepareFile(name), Path.of(target));
    }

    /** Another name for a file that is in the tree already. */
    public void hardLink(String path, String existing) throws IOException {
        Path source = tree.findFile(relative(existing))
                .orElseThrow(() -> new UnsafePathException("the link " + path + " names no file of the archive"));
        if (tree.resolve(relative(path), false).equals(tree.resolve(relative(existing), true))) {
            throw new UnsafePathException("the link " + path + " names itself");
        }
        Files.createLink(tree.prepareFile(relative(path)), source);
    }

    /** The name without a leading {@code ./}; an absolute one, or one with {@code ..} in it, is refused. */
    private static String relative(String path) throws UnsafePathException {
        RootedTree.checkName(path);
        if (path.startsWith("/")) {
            throw new UnsafePathException("the archive has the absolute name " + path);
        }
        for (String component : path.split("/")) {
            if (component.equals("..")) {
                throw new UnsafePathException("the archive has the name " + path + ", which leads out of the archive");
            }
        }
        return path;
    }

    private static int depth(String name) {
        int depth = 0;
        for (String component : name.split("/")) {
            if (!component.isEmpty() && !component.equals(".")) {
                depth++;
            }
        }
        return depth;
    }

    @Override
    public String toString() {
        return "writer of " + root;
    }
}
