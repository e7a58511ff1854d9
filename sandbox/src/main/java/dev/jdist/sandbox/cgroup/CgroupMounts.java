package dev.jdist.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the cgroups of this process are in the file system.
 *
 * @param membership the lines of {@code /proc/self/cgroup}
 * @param mounts the lines of {@code /proc/self/mountinfo}
 */
public record CgroupMounts(List<String> membership, List<String> mounts) {
    public static CgroupMounts ofThisProcess() throws IOException {
        Path membership = Path.of("/proc/self/cgroup");
        boolean kernelHasNone = Files.notExists(membership);
        return new CgroupMounts(
                kernelHasNone ? List.of() : Files.readAllLines(membership),
                Files.readAllLines(Path.of("/proc/self/mountinfo")));
    }

    /** The directory of this process's cgroup of a controller of version 1. */
    public Optional<Path> v1(String controller) {
        return path(fields -> List.of(fields[1].split(",")).contains(controller))
                .flatMap(path -> directory(path, "cgroup", controller));
    }

    /** The directory of this process's cgroup of version 2. */
    public Optional<Path> v2() {
        return path(fields -> fields[0].equals("0") && fields[1].isEmpty())
                .flatMap(path -> directory(path, "cgroup2", ""));
    }

    private interface Wanted {
        boolean test(String[] fields);
    }

    /** A line is {@code NUMBER:CONTROLLER,…:PATH}. */
    private Optional<Path> path(Wanted wanted) {
        return membership.stream()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3 && wanted.test(fields))
                .map(fields -> Path.of(fields[2]))
                .findFirst();
    }

    /** A line is {@code ID PARENT DEVICE ROOT MOUNT_POINT OPTIONS … - TYPE SOURCE SUPER_OPTIONS}. */
    private Optional<Path> directory(Path path, String type, String option) {
        for (String line : mounts) {
            String[] halves = line.split(" - ", 2);
            String[] mount = halves[0].split(" ");
            String[] what = halves.length == 2 ? halves[1].split(" ") : new String[0];
            boolean fits = mount.length > 4
                    && what.length > 2
                    && what[0].equals(type)
                    && (option.isEmpty() || List.of(what[2].split(",")).contains(option))
                    && path.startsWith(mount[3]);
            if (fits) {
                return Optional.of(Path.of(mount[4])
                        .resolve(Path.of(mount[3]).relativize(path))
                        .normalize());
            }
        }
        return Optional.empty();
    }
}
