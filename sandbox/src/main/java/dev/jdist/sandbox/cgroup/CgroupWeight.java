package dev.jdist.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the members of a job's cgroup get of the processors, beside the other members and children of this process's own.
 * Niceness counts for nothing beyond a cgroup of this kind.
 *
 * @param parent the directory of this process's own cgroup, below which those of jobs are made
 */
public record CgroupWeight(Path parent, boolean isVersion2) {
    /** Of a cgroup that nobody gave another weight. */
    private static final int USUAL_SHARES = 1024;
    /** By which two neighbouring nicenesses differ, to the kernel. */
    private static final double STEP = 1.25;

    /** Has the members of the cgroup {@code parent/name} weigh what a process of this niceness weighs, 0 to 19. */
    void set(String name, int nice) throws IOException {
        Path directory = parent.resolve(name);
        if (isVersion2) {
            Files.writeString(directory.resolve("cpu.weight.nice"), Integer.toString(nice));
        } else {
            Files.writeString(
                    directory.resolve("cpu.shares"), Long.toString(Math.round(USUAL_SHARES / Math.pow(STEP, nice))));
        }
    }
}
