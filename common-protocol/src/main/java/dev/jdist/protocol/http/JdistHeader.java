package dev.jdist.protocol.http;

/** The header by which jdist peers know each other. A stock peer neither sends nor minds it. */
public final class JdistHeader {
    public static final String NAME = "Jdist-Protocol";
    public static final String VERSION = "1";

    private JdistHeader() {}
}
