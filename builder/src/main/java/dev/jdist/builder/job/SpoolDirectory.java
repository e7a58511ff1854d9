package dev.jdist.builder.job;

import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.protocol.spool.Spools;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the files of spools are that hold inputs which have not all come and outputs that clients have not taken. What a
 * crash left here, in the moment in which a file has a name, is removed at the start.
 */
public final class SpoolDirectory implements Spools.NewFile {
    private final Path directory;
    private final AtomicLong sequence = new AtomicLong();

    private SpoolDirectory(Path directory) {
        this.directory = directory;
    }

    /** @param directory made if it is not there; what it holds is removed */
    public static SpoolDirectory open(Path directory) throws IOException {
        TreeRemoval.remove(directory);
        PrivateDirectory.make(directory);
        return new SpoolDirectory(directory);
    }

    @Override
    public Path name() throws IOException {
        makeAgain();
        return directory.resolve("spool-" + sequence.incrementAndGet());
    }

    /** Somebody may have removed it. */
    private void makeAgain() throws IOException {
        if (!Files.exists(directory)) {
            try {
                PrivateDirectory.make(directory);
            } catch (FileAlreadyExistsException e) {
                // For another job, just now.
            }
        }
    }
}
