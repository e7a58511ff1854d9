package dev.jdist.sandbox.bubblewrap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found out about a machine's ways to run jobs.
 *
 * @param inMemory whether scratch space is a tmpfs
 * @param rejected what was tried before, best first
 * @param unfiltered why system calls of jobs are not filtered, if they are not
 */
public record SandboxReport(
        SandboxStrategy chosen, boolean inMemory, List<Rejection> rejected, Optional<Unfiltered> unfiltered) {
    public SandboxReport {
        rejected = List.copyOf(rejected);
    }

    /**
     * A strategy that does not work here.
     *
     * @param complaint what the self-test said
     * @param remedy what to change, or empty if nobody knows
     */
    public record Rejection(SandboxStrategy strategy, String complaint, String remedy) {
        @Override
        public String toString() {
            return remedy.isEmpty() ? complaint : complaint + ". " + remedy;
        }
    }

    /**
     * A machine that does not let system calls be filtered.
     *
     * @param complaint what the self-test said
     * @param remedy what to change
     */
    public record Unfiltered(String complaint, String remedy) {
        @Override
        public String toString() {
            return complaint + ". " + remedy;
        }
    }

    SandboxReport without(Unfiltered filter) {
        return new SandboxReport(chosen, inMemory, rejected, Optional.of(filter));
    }

    /** For people: first what was chosen, then a line for each strategy that would have been better. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("jobs run in sandboxes of the kind " + chosen + ", scratch space "
                + (inMemory ? "in memory" : "on disk"));
        for (Rejection rejection : rejected) {
            lines.add("not of the better kind " + rejection.strategy() + ": " + rejection);
        }
        return lines;
    }

    /** For people: what jobs have to do without, and what to change. */
    public List<String> warnings() {
        return unfiltered
                .map(why -> List.of("system calls of jobs are not filtered: " + why))
                .orElse(List.of());
    }
}
