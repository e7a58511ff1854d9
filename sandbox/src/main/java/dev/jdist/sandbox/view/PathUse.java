package dev.jdist.sandbox.view;

/**
 * What a command had to do with a path of its view. Paths that it made itself are not among them, unless the view had
 * said something of them before; nor are directories that were only passed on the way to others.
 *
 * @param path absolute, without links in it: links that were followed are uses of their own
 * @param kind the first of {@link Kind} that applies
 */
public record PathUse(String path, Kind kind) {
    /** How it was used. */
    public enum Kind {
        /** A file was opened or executed. */
        READ,
        /** A directory was listed. */
        LISTED,
        /** Something is there, and was looked at or, being a link, followed. */
        SEEN,
        /** Nothing is there. */
        ABSENT
    }
}
