package dev.jdist.protocol.daemon;

/** What a jdist program ends with. */
public final class ExitCode {
    public static final int OK = 0;
    /** It was asked properly and could not do it: no daemon to talk to, an answer that says no. */
    public static final int FAILURE = 1;
    /** It was asked wrongly, or its settings or its machine do not let it start. sccache-dist uses 2 as well. */
    public static final int CANNOT_START = 2;

    private ExitCode() {}
}
