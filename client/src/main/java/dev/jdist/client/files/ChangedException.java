package dev.jdist.client.files;

/** What a compile read need not be what is there now. */
public final class ChangedException extends Exception {
    private static final long serialVersionUID = 1;

    public ChangedException(String message) {
        super(message);
    }
}
