package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerRequest;
import dev.jdist.client.files.Digest;
import dev.jdist.client.launcher.LauncherMessages.MalformedException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that a launcher said when it was called, not read yet: what was said before, word for word, need not be read again. For
 * one thread after the other.
 */
public final class LauncherFrame {
    private static final int MOST_SHORT = 1 << 16;

    private final byte[] frame;
    private @Nullable Digest id;

    /** @param frame a REQUEST */
    LauncherFrame(byte[] frame) {
        this.frame = frame;
    }

    /** Whether {@link #id} takes microseconds. */
    public boolean isShort() {
        return frame.length <= MOST_SHORT;
    }

    /** Stands for all of it. */
    public Digest id() {
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
    public Optional<CallerRequest> read() throws MalformedException {
        return LauncherMessages.readRequest(frame, id());
    }
}
