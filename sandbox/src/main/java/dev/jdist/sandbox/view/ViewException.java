package dev.jdist.sandbox.view;

import java.io.IOException;
import java.util.Objects;

/**
 * A view could not be shown to a command, which was ended: it did something that cannot be answered exactly, or what the view
 * says cannot be put in place. The same command may work without a view.
 */
public final class ViewException extends IOException {
    private static final long serialVersionUID = 1;

    public ViewException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
