package dev.jdist.client.inputs;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.unit.CompileTask;
import java.io.IOException;
import java.util.Optional;

/**
 * A form in which the inputs of units are made, such as preprocessed source. All that is particular to a form is behind this
 * interface and {@link UnitInputs}: the steps of a compile do not know which one they work with.
 */
@FunctionalInterface
public interface InputForm {
    /**
     * Makes the inputs of a unit. They take up space until they are closed.
     *
     * @param searched where its compiler looks for included files, if that is known
     */
    UnitInputs of(CompileTask task, Optional<SearchPath> searched)
            throws UnavailableException, IOException, CallerGoneException, InterruptedException;

    /** The unit's inputs cannot be made, so that only the compiler itself can tell what is wrong. */
    final class UnavailableException extends Exception {
        private static final long serialVersionUID = 1;

        private final String reason;

        /**
         * @param message for the log
         * @param reason as statistics name it
         */
        UnavailableException(String message, String reason) {
            super(message);
            this.reason = reason;
        }

        /** As statistics name it. */
        public String reason() {
            return reason;
        }
    }
}
