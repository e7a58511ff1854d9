package dev.jdist.client.cache;

import java.util.BitSet;

/** Somebody who looks at many files faster than Java does: the launcher, which is a C program. */
@FunctionalInterface
public interface ChangedFiles {
    /**
     * Tells which files may have changed.
     *
     * @return numbers of the files in {@code files}; who cannot look says that all have
     */
    BitSet among(StampedFiles files);

    /** All of them. */
    static BitSet all(StampedFiles files) {
        BitSet all = new BitSet(files.count());
        all.set(0, files.count());
        return all;
    }
}
