package dev.jdist.builder.job;

import dev.jdist.protocol.config.ByteSize;
import dev.jdist.protocol.daemon.PrivateDirectory;
import dev.jdist.sandbox.tree.TreeRemoval;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The room that outputs of jobs have until their clients have taken them.
 *
 * <p>Invariant. No file here has a name for longer than a moment: the kernel removes it with the last that is open of it,
 * be it by {@code kill -9}. What a crash left in just that moment is removed at the start. All files together have at most
 * what so many jobs may have, however many clients leave theirs here.
 */
public final class OutputSpools {
    private final Path directory;
    private final long maxBytes;
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLong used = new AtomicLong();

    private OutputSpools(Path directory, long maxBytes) {
        this.directory = directory;
        this.maxBytes = maxBytes;
    }

    /**
     * @param directory made if it is not there; what it holds is removed
     * @param jobs how many there is room for, if each has {@code bytesOfAJob}
     */
    public static OutputSpools open(Path directory, int jobs, long bytesOfAJob) throws IOException {
        TreeRemoval.remove(directory);
        PrivateDirectory.make(directory);
        return new OutputSpools(directory, bytesOfAJob > Long.MAX_VALUE / jobs ? Long.MAX_VALUE : jobs * bytesOfAJob);
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

    /** For the outputs of one job. */
    public OutputSpool create() {
        return new OutputSpool(this);
    }

    /** Bytes in all files. */
    long used() {
        return used.get();
    }

    FileChannel createFile() throws IOException {
        Path file = directory.resolve("spool-" + sequence.incrementAndGet());
        makeAgain();
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(file);
        return channel;
    }

    void take(long bytes) throws IOException {
        if (used.addAndGet(bytes) > maxBytes) {
            used.addAndGet(-bytes);
            throw new IOException("outputs that other clients have not fetched yet fill the "
                    + ByteSize.format(maxBytes) + " that there are for them");
        }
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
