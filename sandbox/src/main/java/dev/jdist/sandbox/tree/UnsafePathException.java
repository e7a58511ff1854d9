package dev.jdist.sandbox.tree;

import java.io.IOException;

/** A path, link or file from outside would reach out of its root, or is of a kind that has no business there. */
public final class UnsafePathException extends IOException {
    private static final long serialVersionUID = 1;

    public UnsafePathException(String message) {
        super(message);
    }
}
