package dev.jdist.client;

import dev.jdist.client.LauncherMessages.MalformedException;
import dev.jdist.client.cache.Digest;
import java.util.Optional;

/**
 * All that a launcher said when it was called, not read yet: what was said before, word for word, need not be read again. For
 * one thread.
 */
final class LauncherWords {
    private final byte[] frame;
    private Digest id;

    /** @param frame a REQUEST */
    LauncherWords(byte[] frame) {
        this.frame = frame;
    }

    /** Stands for all of it. */
    Digest id() {
        if (id == null) {
            id = Digest.of(frame);
        }
        return id;
    }

    /**
     * Reads it.
     *
     * @return nothing if directory, program or an argument are not UTF-8, which Java has no paths for
     */
    Optional<LauncherRequest> read() throws MalformedException {
        return LauncherMessages.readRequest(frame, id());
    }
}
