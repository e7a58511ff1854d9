package dev.jdist.client.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** The daemon's own directory for files that live as long as one compile. */
public final class Scratch implements AutoCloseable {
    /** The names that are made here. The socket's place is a setting, so this may be a directory of somebody else. */
    private static final Pattern OURS = Pattern.compile("([0-9a-f]{8}-)?[0-9]+[-.][a-z.-]+");

    private final Path directory;
    /** Compilers of a daemon that was killed go on, and may write yet what they were told to. */
    private final String prefix = UUID.randomUUID().toString().substring(0, 8) + "-";

    private final AtomicLong sequence = new AtomicLong();

    private Scratch(Path directory) {
        this.directory = directory;
    }

    /**
     * Takes over {@code directory}: what is in it is left over from a daemon that was killed.
     *
     * @param directory to which nobody else can write, as the names of files in it are no secret
     */
    public static Scratch open(Path directory) throws IOException {
        Scratch scratch = new Scratch(directory);
        scratch.clear();
        return scratch;
    }

    /** Removes a directory that a daemon had, which was killed. */
    public static void remove(Path directory) throws IOException {
        open(directory).close();
    }

    /** A name that is not in use; nothing is made. */
    public Path newFile(String suffix) {
        return directory.resolve(prefix + sequence.incrementAndGet() + suffix);
    }

    private void clear() throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (OURS.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        clear();
        Files.delete(directory);
    }
}
