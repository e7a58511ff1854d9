package dev.jdist.client.compiler;

/** What a compiler does to a file that is in the place of one of its outputs, if nothing is in its way. */
public enum OutputManner {
    /** Another file takes its name, be it that of a link. */
    REPLACED,
    /** The same, but what is empty is written over, also behind a link, and a link that leads nowhere is followed. */
    REPLACED_UNLESS_EMPTY,
    /** It is opened, through a link too, and keeps its mode and its other names. */
    WRITTEN_OVER
}
