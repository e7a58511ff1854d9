package dev.jdist.sandbox.view;

/** What is at one path of a view. */
public sealed interface Node {
    /** Nothing. */
    record Absent() implements Node {}

    /** A directory, whose entries have to be asked for. */
    record Directory() implements Node {}

    /**
     * A file with its content.
     *
     * @param content name relative to the directory of contents, as {@code ab/cdef}: no component is {@code .} or
     *     {@code ..}
     * @param size in bytes
     * @param mtimeNanos nanoseconds since 1970
     * @param mode permission bits, as {@code 0644}
     * @param sameFile equal numbers other than 0 are one file under several names (hard links)
     */
    record RegularFile(String content, long size, long mtimeNanos, int mode, long sameFile) implements Node {}

    /** @param target as {@code readlink} gives it */
    record SymbolicLink(String target) implements Node {}

    /**
     * What the lower tree has in this place: a file, a link, or a directory, whose entries are asked for like those of any
     * other. The command ends if the lower tree has nothing there.
     */
    record Lower() implements Node {}

    /**
     * Something. What it is, is asked for by its name when it matters; it is no answer to that question, nor to one for all
     * entries.
     */
    record Unseen() implements Node {}
}
