package dev.jdist.builder.store;

import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link ContentStore}: one for each content, in one of 256 directories, and those that are not whole yet in
 * one more. Jobs open contents by a descriptor of the store's directory, perhaps as another user: so files can be read by
 * everybody, and directories be entered but not listed. What is not whole nobody else can open.
 */
final class ContentFiles {
    private static final Set<PosixFilePermission> ENTERED = PosixFilePermissions.fromString("rwx--x--x");
    private static final Set<PosixFilePermission> READ = PosixFilePermissions.fromString("rw-r--r--");
    private static final String UNFINISHED = ".unfinished";
    private static final String ORDER = ".order";
    /** Digits of a digest that name a directory. */
    private static final int PREFIX = 2;

    private static final int DIRECTORIES = 1 << 4 * PREFIX;
    private static final int BUFFER = 64 << 10;
    /** With so little left, what fails to be written fails for that. */
    private static final long NOTHING_LEFT = 1 << 20;

    private final Path directory;
    private final Path unfinished;
    private final NewFile newFile;
    /** Of this run: another builder that still ends may have the same directory. */
    private final String run = UUID.randomUUID().toString();

    private final AtomicLong sequence = new AtomicLong();

    /** Makes files: the operating system, or a test's stand-in. */
    @FunctionalInterface
    interface NewFile {
        WritableByteChannel create(Path file) throws IOException;

        NewFile REAL = file -> Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /** Gets what a directory has. */
    interface Visitor {
        void visit(Sha256 digest) throws IOException;
    }

    ContentFiles(Path directory, NewFile newFile) {
        this.directory = directory;
        this.unfinished = directory.resolve(UNFINISHED);
        this.newFile = newFile;
    }

    /** Makes the directories, and removes what an earlier run did not finish. */
    void open() throws IOException {
        TreeRemoval.remove(unfinished);
        makeDirectories();
    }

    private void makeDirectories() throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, ENTERED);
        try {
            PrivateDirectory.make(unfinished);
        } catch (FileAlreadyExistsException e) {
            // By another thread, just now.
        }
    }

    Path directory() {
        return directory;
    }

    Path order() {
        return directory.resolve(ORDER);
    }

    static String nameOf(Sha256 digest) {
        String hex = digest.hex();
        return hex.substring(0, PREFIX) + '/' + hex.substring(PREFIX);
    }

    private Path file(Sha256 digest) {
        return directory.resolve(nameOf(digest));
    }

    /** Bytes of a content's file; -1 if there is no file. */
    long size(Sha256 digest) throws IOException {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file(digest), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return found.isRegularFile() ? found.size() : -1;
        } catch (NoSuchFileException | NotDirectoryException e) {
            return -1;
        }
    }

    /** @throws NoSuchFileException if it is gone */
    InputStream open(Sha256 digest) throws IOException {
        return Files.newInputStream(file(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /** Which content the file of this name has. */
    Sha256 actual(Sha256 digest) throws IOException {
        MessageDigest actual = Sha256.newMessageDigest();
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = open(digest)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                actual.update(buffer, 0, count);
            }
        }
        return Sha256.of(actual.digest());
    }

    void remove(Sha256 digest) throws IOException {
        Files.deleteIfExists(file(digest));
    }

    /** Removes what has a content's name, and is no file perhaps. */
    void removeTree(Sha256 digest) throws IOException {
        TreeRemoval.remove(file(digest));
    }

    /** A name for a file that is not whole yet. */
    Path newName() {
        return unfinished.resolve(run + "-" + sequence.incrementAndGet());
    }

    /** Makes a file of a {@link #newName}, and the directories again if somebody has removed them. */
    WritableByteChannel create(Path file) throws IOException {
        try {
            return newFile.create(file);
        } catch (NoSuchFileException e) {
            makeDirectories();
            return newFile.create(file);
        }
    }

    /** Gives a whole file its place; one that is there is replaced. */
    void finish(Path whole, Sha256 digest) throws IOException {
        Files.setPosixFilePermissions(whole, READ);
        String hex = digest.hex();
        Path parent = directory.resolve(hex.substring(0, PREFIX));
        Path file = parent.resolve(hex.substring(PREFIX));
        try {
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            Files.createDirectories(parent);
            Files.setPosixFilePermissions(parent, ENTERED);
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /**
     * Looks through the directories, without a look at the files. What has the name of no content is removed.
     *
     * @return the first failure, if there was any: what is not told of may be there then
     */
    @Nullable
    IOException visitAll(Visitor visitor) {
        IOException failure = null;
        for (int first = 0; first < DIRECTORIES; first++) {
            String prefix = String.format(Locale.ROOT, "%02x", first);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.resolve(prefix))) {
                for (Path entry : entries) {
                    visit(prefix, entry, visitor);
                }
            } catch (NoSuchFileException e) {
                // No content begins with it.
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            } catch (DirectoryIteratorException e) {
                failure = failure == null ? e.getCause() : failure;
            }
        }
        return failure;
    }

    private static void visit(String prefix, Path entry, Visitor visitor) throws IOException {
        Sha256 digest;
        try {
            digest = Sha256.parse(prefix + entry.getFileName());
        } catch (IllegalArgumentException e) {
            TreeRemoval.remove(entry);
            return;
        }
        visitor.visit(digest);
    }

    /** Whether it is for want of space that something could not be written. */
    boolean isForWantOfSpace(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return true;
        }
        try {
            // The message may be in another language.
            return Files.getFileStore(directory).getUsableSpace() < NOTHING_LEFT;
        } catch (IOException e) {
            return false;
        }
    }
}
