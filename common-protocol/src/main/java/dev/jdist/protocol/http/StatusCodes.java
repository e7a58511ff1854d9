package dev.jdist.protocol.http;

/** Statuses with a meaning between jdist peers that HTTP does not give them. */
public final class StatusCodes {
    /**
     * The status of a job that was ended because it took more than it may: no other builder need be tried. To stock it is a
     * failure of the builder's, after which it compiles locally.
     */
    public static final int OVER_LIMIT = 507;

    /** The status of a job whose sources a builder cannot show its compiler exactly: it is to be sent in another form. */
    public static final int NO_VIEW = 422;

    private StatusCodes() {}
}
