package dev.jdist.protocol.http;

/** Types of bodies that both sides of a request name. */
public final class ContentTypes {
    /** The type of bincode, and of whatever else is not text. */
    public static final String BINARY = "application/octet-stream";

    public static final String JSON = "application/json; charset=utf-8";

    private ContentTypes() {}
}
