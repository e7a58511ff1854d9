package dev.jdist.protocol.http;

/** The header by which jdist peers know each other. A stock peer neither sends nor minds it. */
final class JdistHeader {
    static final String NAME = "Jdist-Protocol";
    static final String VERSION = "1";

    private JdistHeader() {}
}
