package dev.jdist.protocol.daemon;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Directories into which nobody but this process's user, and root, can put anything, wherever they lie. One that is there
 * already is taken if it belongs to this user, is no link, and if its mode lets nobody else write to it. {@code
 * make_private} in {@code daemon.c} does the same for the launcher.
 */
public final class PrivateDirectory {
    private static final FileAttribute<Set<PosixFilePermission>> FOR_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    /** Belongs to this process's user. */
    private static final Path SELF = Path.of("/proc/self");

    private PrivateDirectory() {}

    /**
     * Makes a directory and its parents, or takes over one that is there.
     *
     * @param remedy what else may be done if somebody else has this place: the end of "remove it, or …"
     * @throws StartupException if somebody else has this place, with the directory, its owner and what to do
     */
    public static Path take(Path directory, String remedy) throws IOException, StartupException {
        try {
            return make(directory);
        } catch (FileAlreadyExistsException e) {
            Optional<String> objection = objection(directory);
            if (objection.isPresent()) {
                throw foreign(directory, objection.get(), remedy);
            }
            return directory;
        }
    }

    /**
     * Makes a directory that a setting names, with its parents. Its owner and mode are the business of whoever wrote the setting,
     * but for directories in which everybody may make others, such as /tmp: what is in one of those, on the way to it, must
     * be of this user or of root.
     *
     * @param remedy as {@link #take}
     * @throws StartupException as {@link #take}
     */
    public static Path named(Path directory, String remedy) throws IOException, StartupException {
        for (Path step = directory.toAbsolutePath(); step.getParent() != null; step = step.getParent()) {
            if (Files.exists(step, LinkOption.NOFOLLOW_LINKS)
                    && Files.getPosixFilePermissions(step.getParent()).contains(PosixFilePermission.OTHERS_WRITE)
                    && uid(step) != 0
                    && uid(step) != (int) Files.getAttribute(SELF, "unix:uid")) {
                throw foreign(step, objection(step).orElseThrow(), remedy);
            }
        }
        return Files.createDirectories(directory);
    }

    private static StartupException foreign(Path directory, String objection, String remedy) {
        return new StartupException(directory + " " + objection + ": look who made it, and remove it, or " + remedy);
    }

    /**
     * Makes a directory that must not be there yet, and its parents.
     *
     * @throws FileAlreadyExistsException if something of that name is there
     */
    public static Path make(Path directory) throws IOException {
        Files.createDirectories(parent(directory));
        return Files.createDirectory(directory, FOR_ITS_OWNER);
    }

    /**
     * Makes or takes over a directory of this name; where others may write to its parent, one with a random number behind
     * the name, as they could have the name before. What is left of such directories of this user's is removed by {@code
     * removal}.
     *
     * @param directory of which one process at a time makes and uses one
     * @throws StartupException as {@link #take}
     */
    public static Path takeOrName(Path directory, String remedy, Removal removal) throws IOException, StartupException {
        Path parent = parent(directory);
        if (objection(parent).isEmpty() || isOfRoot(parent)) {
            return take(directory, remedy);
        }
        String prefix = directory.getFileName() + "-";
        try (var leftovers = Files.newDirectoryStream(
                parent, path -> path.getFileName().toString().startsWith(prefix))) {
            for (Path leftover : leftovers) {
                if (objection(leftover).isEmpty()) {
                    removal.remove(leftover);
                }
            }
        }
        return Files.createTempDirectory(parent, prefix, FOR_ITS_OWNER);
    }

    /** Removes a directory of this user's, and all in it. */
    public interface Removal {
        void remove(Path directory) throws IOException;
    }

    /** Why a directory is not private, as the end of a sentence that begins with its name; nothing if it is. */
    public static Optional<String> objection(Path directory) throws IOException {
        PosixFileAttributes found =
                Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        int owner = uid(directory);
        int own = (int) Files.getAttribute(SELF, "unix:uid");
        String whose = " of user " + found.owner().getName() + " (" + owner + ")";
        if (!found.isDirectory()) {
            return Optional.of(
                    (found.isSymbolicLink() ? "is a symbolic link" : "is not a directory, but a file") + whose);
        } else if (owner != own) {
            return Optional.of("is a directory" + whose + ", not of this one (" + own + ")");
        } else if (found.permissions().stream().anyMatch(OTHERS_WRITE::contains)) {
            return Optional.of("is a directory" + whose + " to which others may write (mode "
                    + PosixFilePermissions.toString(found.permissions()) + ")");
        }
        return Optional.empty();
    }

    /** Whether it is root's, as this process is not, and nobody else may write to it. */
    private static boolean isOfRoot(Path directory) throws IOException {
        return uid(directory) == 0
                && Files.getPosixFilePermissions(directory).stream().noneMatch(OTHERS_WRITE::contains);
    }

    private static int uid(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private static Path parent(Path directory) {
        return Objects.requireNonNull(directory.toAbsolutePath().getParent(), "the root of all files is nobody's");
    }
}
