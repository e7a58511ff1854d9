package dev.jdist.client.compile;

import dev.jdist.client.caller.CallerGoneException;
import java.io.IOException;

/**
 * One step on the way of a translation unit to its outcome. A step either settles the unit or hands it to the next one, and may
 * look at what comes back. {@link CompilePipeline} composes them.
 */
@FunctionalInterface
interface CompileStep {
    /** @throws IOException if jdist fails over the unit; {@link FallbackStep} has the local compiler do it then */
    StepResult compile(UnitContext unit) throws IOException, CallerGoneException, InterruptedException;
}
