package dev.jdist.sandbox.tree;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * To whom files belong that are made for a command: to this process's own user, or to another one, whose group has the same
 * number. To give files to another user takes root.
 */
public final class TreeOwner {
    /** This process's own user. */
    public static final TreeOwner SELF = new TreeOwner(Optional.empty());

    private static final String UID = "unix:uid";

    private final Optional<Integer> user;

    private TreeOwner(Optional<Integer> user) {
        this.user = user;
    }

    public static TreeOwner of(int user) {
        return new TreeOwner(Optional.of(user));
    }

    /** The number of the user, unless it is this process's own. */
    public Optional<Integer> user() {
        return user;
    }

    /**
     * Gives a file or directory to the owner, or a link itself.
     *
     * @throws IOException if that is not allowed, or the machine (or the container) has no user of that number
     */
    public void own(Path path) throws IOException {
        if (user.isEmpty()) {
            return;
        }
        try {
            Files.setAttribute(path, UID, user.get(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", user.get(), LinkOption.NOFOLLOW_LINKS);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException
                    ? "it is not there"
                    : Objects.requireNonNullElse(e.getReason(), e.toString());
            throw new IOException("cannot give " + path + " to the user " + user.get() + " of jobs: " + reason, e);
        }
    }

    /** Gives a whole tree to the owner, who has it already if its root is the owner's: that comes last. */
    public void ownAll(Path tree) throws IOException {
        if (user.isEmpty() || user.get().equals(Files.getAttribute(tree, UID))) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                own(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                own(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
