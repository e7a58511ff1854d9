package dev.jdist.client.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Puts what was made elsewhere into its place: all files are written next to their names first and then renamed, so that an
 * interrupted build never finds half an object.
 */
public final class OutputWriter {
    private static final AtomicLong SEQUENCE = new AtomicLong();
    private static final long PID = ProcessHandle.current().pid();

    private OutputWriter() {}

    /** Whether a file can be put there: a device, or a directory that is missing, is for the compiler to deal with. */
    public static boolean canReplace(Path target) {
        return Files.isRegularFile(target)
                || Files.notExists(target) && Files.isDirectory(Directories.of(target.toAbsolutePath()));
    }

    /** What is to be in a file. */
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** A file to be. */
    public record NewFile(Path target, Content content) {}

    /**
     * Writes files.
     *
     * @param umask of whoever the files are for
     * @throws IOException if any of them cannot be written; none has changed then
     */
    public static void writeAll(List<NewFile> files, int umask) throws IOException {
        try (Staged staged = stage(files, umask)) {
            for (Move move : staged.moves) {
                // ext4 writes a file to disk at once that is renamed over another one.
                Files.deleteIfExists(move.target);
                Files.move(
                        move.fresh, move.target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /**
     * A file that waits beside its place.
     *
     * @param fresh its name until it is moved
     * @param target its place
     */
    public record Move(Path fresh, Path target) {}

    /** Files that wait beside their places. Closing it removes those that still do. */
    public static final class Staged implements AutoCloseable {
        private final List<Move> moves = new ArrayList<>();

        public List<Move> moves() {
            return moves;
        }

        @Override
        public void close() throws IOException {
            for (Move move : moves) {
                Files.deleteIfExists(move.fresh);
            }
        }
    }

    /** Writes files as {@link #writeAll}, but leaves it to others to put them into their places. */
    public static Staged stage(List<NewFile> files, int umask) throws IOException {
        Staged staged = new Staged();
        try {
            for (NewFile file : files) {
                Path target = file.target;
                if (!canReplace(target)) {
                    throw new IOException(target + " cannot be replaced by a file");
                }
                Path fresh = target.resolveSibling(".jdist-" + PID + "-" + SEQUENCE.incrementAndGet());
                staged.moves.add(new Move(fresh, target));
                try (OutputStream out =
                        Files.newOutputStream(fresh, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                    file.content.writeTo(out);
                }
                Files.setPosixFilePermissions(fresh, permissions(umask));
            }
            return staged;
        } catch (IOException | RuntimeException e) {
            staged.close();
            throw e;
        }
    }

    private static Set<PosixFilePermission> permissions(int umask) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        int mode = 0666 & ~umask;
        // From the low bit up: others' execute, write, read, then the group's, then the owner's.
        PosixFilePermission[] bits = {
            PosixFilePermission.OTHERS_EXECUTE,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_READ
        };
        for (int i = 0; i < bits.length; i++) {
            if ((mode & 1 << i) != 0) {
                permissions.add(bits[i]);
            }
        }
        return permissions;
    }
}
