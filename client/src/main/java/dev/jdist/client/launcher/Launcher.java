package dev.jdist.client.launcher;

import dev.jdist.client.caller.CallerProcess;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.protocol.wire.Bytes;
import java.util.BitSet;

/**
 * A launcher that waits for what to do. Exactly one of {@link #exit}, {@link #become} and an {@link #offer} that is taken ends the
 * conversation. All but {@link CallerProcess#gone} are called by one thread after the other.
 */
public interface Launcher extends CallerProcess {
    /**
     * Has it look whether files have other stamps now, unless that is what it was told last. What it finds comes with the answer to
     * the next {@link #offer}.
     */
    void compare(FileFingerprints files);

    /**
     * If none of the files that it compared last had another stamp, has it put the outputs into their places, print, and end
     * with 0: the conversation is over.
     *
     * @param taken called in that case, before anything is heard from launchers that were called later; must not block
     * @return numbers of the files with other stamps; all of them if it is gone
     */
    BitSet offer(LauncherOffer offer, Runnable taken);

    /** Has it print and end. */
    void exit(int code, Bytes stdout, Bytes stderr);

    /** Has it become the compiler it was called for, as if jdist were not there. */
    void become();
}
