package dev.jdist.client.compile;

import dev.jdist.client.outcome.Outcome;

/**
 * What became of a unit, and what is left to do.
 *
 * @param afterwards runs once the caller has its answer, which never waits for anything to be stored; must be run
 */
public record StepResult(Outcome outcome, Runnable afterwards) {
    private static final Runnable NOTHING = () -> {};

    /** Whether nothing is left to do. */
    boolean isDone() {
        return afterwards == NOTHING;
    }

    public static StepResult of(Outcome outcome) {
        return new StepResult(outcome, NOTHING);
    }
}
