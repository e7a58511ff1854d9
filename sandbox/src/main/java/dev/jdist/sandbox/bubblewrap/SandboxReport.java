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
 * @param asBuilder why jobs run as the builder's user, if they were to have one of their own
 * @param unviewed why jobs cannot run under a view, if they were to
 */
public record SandboxReport(
        SandboxStrategy chosen,
        boolean inMemory,
        List<Rejection> rejected,
        Optional<Lack> unfiltered,
        Optional<Lack> asBuilder,
        Optional<Lack> unviewed) {
    public SandboxReport {
        rejected = List.copyOf(rejected);
    }

    /** Of a way in which all is as it should be. */
    SandboxReport(SandboxStrategy chosen, boolean inMemory, List<Rejection> rejected) {
        this(chosen, inMemory, rejected, Optional.empty(), Optional.empty(), Optional.empty());
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
     * What jobs have to do without on this machine.
     *
     * @param complaint what the self-test said
     * @param remedy what to change, or empty if nobody knows
     */
    public record Lack(String complaint, String remedy) {
        @Override
        public String toString() {
            return remedy.isEmpty() ? complaint : complaint + ". " + remedy;
        }
    }

    SandboxReport withoutFilter(Lack filter) {
        return new SandboxReport(chosen, inMemory, rejected, Optional.of(filter), asBuilder, unviewed);
    }

    SandboxReport withoutUser(Lack user) {
        return new SandboxReport(chosen, inMemory, rejected, unfiltered, Optional.of(user), unviewed);
    }

    SandboxReport withoutViews(Lack views) {
        return new SandboxReport(chosen, inMemory, rejected, unfiltered, asBuilder, Optional.of(views));
    }

    /** For people: what was chosen, a line for each strategy that would have been better, and one if there are no views. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("jobs run in sandboxes of the kind " + chosen + ", scratch space "
                + (inMemory ? "in memory" : "on disk"));
        for (Rejection rejection : rejected) {
            lines.add("not of the better kind " + rejection.strategy() + ": " + rejection);
        }
        unviewed.ifPresent(why -> lines.add("jobs cannot run under a view of the client's files: " + why));
        return lines;
    }

    /** For people: what jobs have to do without, and what to change. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        unfiltered.ifPresent(why -> warnings.add("system calls of jobs are not filtered: " + why));
        asBuilder.ifPresent(why -> warnings.add("jobs run as the builder's own user: " + why));
        return warnings;
    }
}
