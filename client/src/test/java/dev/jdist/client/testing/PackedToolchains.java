package dev.jdist.client.testing;

import java.nio.file.Path;

/**
 * Where the farms of a run of tests keep the compilers that they packed: that takes seconds each time, and is the same each
 * time. Maven empties it before the run. A test of packing itself has a directory of its own.
 */
public final class PackedToolchains {
    private PackedToolchains() {}

    /** A value for {@code XDG_CACHE_HOME}. All classes of a run share it, also those that run in other JVMs. */
    public static Path directory() {
        return Path.of(System.getProperty("jdist.packed"));
    }
}
