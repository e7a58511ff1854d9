package dev.jdist.client.view;

import dev.jdist.client.files.FileStat;
import dev.jdist.protocol.view.Listing;
import dev.jdist.protocol.view.Sha256;
import dev.jdist.protocol.view.ViewNode;
import java.util.Map;

/** What is at one place of the file system, as this client vouches for it, and by what it can be told afterwards that it still is. */
sealed interface Vouched {
    /** As builders are told. */
    ViewNode node();

    /**
     * A regular file.
     *
     * @param stat from before its content was read
     * @param isSettled whether a change since is sure to have left another stat
     */
    record RegularFile(FileStat stat, boolean isSettled, ViewNode.RegularFile node) implements Vouched {}

    /** A symbolic link. */
    record Link(FileStat stat, ViewNode.SymbolicLink node) implements Vouched {}

    /**
     * A directory with all that is known of its entries.
     *
     * @param isSettled whether a name that came or went since is sure to have left another stat
     * @param entries by name; what is not among them is not there
     * @param digest of the listing
     */
    record Directory(FileStat stat, boolean isSettled, Map<String, Vouched> entries, Listing listing, Sha256 digest)
            implements Vouched {
        @Override
        public ViewNode node() {
            return new ViewNode.Directory(digest);
        }
    }

    /** What the packed toolchain has there. */
    record Packed() implements Vouched {
        @Override
        public ViewNode node() {
            return new ViewNode.Toolchain();
        }
    }

    /** Something that was not looked at. */
    record Unseen() implements Vouched {
        @Override
        public ViewNode node() {
            return new ViewNode.Present();
        }
    }

    /** Nothing. */
    record Absent() implements Vouched {
        @Override
        public ViewNode node() {
            return new ViewNode.Absent();
        }
    }
}
