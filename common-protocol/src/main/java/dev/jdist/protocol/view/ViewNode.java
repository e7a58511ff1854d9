package dev.jdist.protocol.view;

import java.util.Optional;

/** What is at one path, as a client vouches for it. */
public sealed interface ViewNode {
    /** Nothing. */
    record Absent() implements ViewNode {}

    /**
     * A directory.
     *
     * @param listing digest of the {@link Listing} with what is known of its entries; empty if nothing is known
     */
    record Directory(Optional<Sha256> listing) implements ViewNode {
        public Directory(Sha256 listing) {
            this(Optional.of(listing));
        }

        /** One of whose entries nothing is known. */
        public Directory() {
            this(Optional.empty());
        }
    }

    /**
     * A regular file.
     *
     * @param content digest of its bytes
     * @param size of the content, in bytes
     * @param mtimeNanos when it was modified, in nanoseconds since 1970 began
     * @param mode its permissions, from 0 to 07777
     * @param sameFile 0, or a number: two paths with equal numbers are two names of one file
     */
    record RegularFile(Sha256 content, long size, long mtimeNanos, int mode, long sameFile) implements ViewNode {
        static final int MOST_MODE = 07777;

        /** @throws IllegalArgumentException if there cannot be such a file */
        public RegularFile {
            if (size < 0) {
                throw new IllegalArgumentException("a file cannot have " + size + " bytes");
            }
            if (mode < 0 || mode > MOST_MODE) {
                throw new IllegalArgumentException("permissions 0" + Integer.toOctalString(mode)
                        + " are not from 0 to 0" + Integer.toOctalString(MOST_MODE));
            }
        }
    }

    /**
     * A symbolic link.
     *
     * @param target what it holds, as it is
     */
    record SymbolicLink(String target) implements ViewNode {
        /** @throws IllegalArgumentException if no link holds that: it is empty, too long, or has a NUL in it */
        public SymbolicLink {
            ViewPath.checkTarget(target);
        }
    }

    /** What the toolchain has at this path: a file, a link, or a directory with all that is in it. */
    record Toolchain() implements ViewNode {}

    /** Something. What it is has to be asked for. */
    record Present() implements ViewNode {}
}
