package dev.jdist.protocol.config;

import java.nio.file.Path;

/**
 * What a builder's file need not say: where to write, and where bubblewrap is.
 *
 * @param cacheDir {@code cache_dir}
 * @param buildDir {@code [builder] build_dir}
 * @param bwrapPath {@code [builder] bwrap_path}
 */
public record BuilderDefaults(Path cacheDir, Path buildDir, Path bwrapPath) {
    private static final Path USUAL_BWRAP = Path.of("/usr/bin/bwrap");

    /** The system's directories for root, and those in the home directory for everybody else. */
    public static BuilderDefaults of(boolean isRoot, Environment environment) {
        Path bwrap = environment.onPath("bwrap").orElse(USUAL_BWRAP);
        if (isRoot) {
            return new BuilderDefaults(Path.of("/var/cache/jdist/toolchains"), Path.of("/var/lib/jdist/build"), bwrap);
        }
        Path home = environment.cacheHome().resolve("jdist");
        return new BuilderDefaults(home.resolve("toolchains"), home.resolve("build"), bwrap);
    }
}
