package dev.jdist.sandbox.cgroup;

import dev.jdist.sandbox.JobLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * One limit that the kernel keeps for a cgroup.
 *
 * @param parent the directory of this process's own cgroup, below which those of jobs are made
 * @param limitFiles files that take the limit, the first of which must be there
 * @param eventsFile has lines {@code NAME COUNT}
 * @param event of which a count other than 0 tells that the limit was reached
 */
public record CgroupController(JobLimit limit, Path parent, List<String> limitFiles, String eventsFile, String event) {
    static CgroupController memoryV1(Path parent) {
        // With swap, where it is accounted for; its limit must not be below the other, so it is set second.
        return new CgroupController(
                JobLimit.MEMORY,
                parent,
                List.of("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
                "memory.oom_control",
                "oom_kill");
    }

    static CgroupController memoryV2(Path parent) {
        return new CgroupController(
                JobLimit.MEMORY, parent, List.of("memory.max", "memory.swap.max"), "memory.events", "oom_kill");
    }

    /** The same in both versions. */
    static CgroupController processes(Path parent) {
        return new CgroupController(JobLimit.PROCESSES, parent, List.of("pids.max"), "pids.events", "max");
    }

    /** Limits the members of the cgroup {@code parent/name}. */
    void set(String name, long most) throws IOException {
        Path directory = parent.resolve(name);
        Files.writeString(directory.resolve(limitFiles.get(0)), Long.toString(most));
        for (String file : limitFiles.subList(1, limitFiles.size())) {
            if (Files.exists(directory.resolve(file))) {
                Files.writeString(directory.resolve(file), file.contains("swap") ? "0" : Long.toString(most));
            }
        }
    }

    /** Whether the cgroup {@code parent/name} ran into its limit. */
    boolean isReached(String name) throws IOException {
        try {
            return Files.readAllLines(parent.resolve(name).resolve(eventsFile)).stream()
                    .filter(line -> line.startsWith(event + " "))
                    .anyMatch(line -> !line.equals(event + " 0"));
        } catch (NoSuchFileException e) {
            return false; // an older kernel, which tells nobody
        }
    }
}
