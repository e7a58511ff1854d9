package dev.jdist.builder.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A content cannot be kept: it is larger than the store may be, or the disk is full and nothing can be evicted. */
public final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1;

    public NoRoomException(String message, @Nullable IOException cause) {
        super(message, cause);
    }
}
