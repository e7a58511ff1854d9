package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import java.io.IOException;

/** Gets units compiled, somewhere. */
@FunctionalInterface
interface UnitExecutor {
    /**
     * Compiles a unit; its outputs are in their places afterwards.
     *
     * @param recorded whether the result is wanted for the cache
     */
    Execution execute(UnitContext unit, boolean recorded) throws IOException, CallerGoneException, InterruptedException;
}
