package dev.jdist.sandbox.bubblewrap;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How a job gets a root that shows its toolchain and takes what it writes, best first. */
public enum SandboxStrategy {
    /** The builder is root, and mounts an overlay for each job. */
    ROOT_OVERLAY("root-overlay"),
    /** Anybody mounts one in a user namespace: Linux 5.11 or later. */
    ROOTLESS_OVERLAY("rootless-overlay"),
    /** Bubblewrap mounts one by itself: 0.11 or later. It may be allowed what other programs are not. */
    BWRAP_OVERLAY("bwrap-overlay"),
    /** No overlay at all: see {@link LowerBinds}. A job cannot write where its toolchain has a directory. */
    DIRECTORY("directory");

    /** All of them. */
    public static final List<SandboxStrategy> BEST_FIRST = List.of(values());

    private final String label;

    SandboxStrategy(String label) {
        this.label = label;
    }

    /** What it is called in settings and logs. */
    public String label() {
        return label;
    }

    public static Optional<SandboxStrategy> labelled(String label) {
        return Arrays.stream(values())
                .filter(strategy -> strategy.label.equals(label))
                .findFirst();
    }

    @Override
    public String toString() {
        return label;
    }
}
