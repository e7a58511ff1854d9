package dev.jdist.sandbox.cgroup;

import dev.jdist.sandbox.JobLimit;
import dev.jdist.sandbox.JobLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cgroups for jobs, below the one in which this process was started: one per job, as far as it is allowed to make them.
 * They are called {@code jdist-PID-START-NUMBER} after this process, START being the ticks of the kernel's clock at which
 * it began. What a builder that was killed left behind is removed by the next one.
 */
public final class JobCgroups {
    private static final Logger log = LoggerFactory.getLogger(JobCgroups.class);
    private static final Pattern NAME = Pattern.compile("(jdist-([0-9]+)-[0-9]+)-(?:[0-9]+|builder)");
    /** Fields of {@code /proc/PID/stat} behind the name, which ends in the last parenthesis: the 22nd of all. */
    private static final int START_BEHIND_NAME = 20;

    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(20);
    /** The last member of a cgroup counts for a moment longer than it lives. */
    private static final int REMOVAL_ATTEMPTS = 100;

    private static final long REMOVAL_PAUSE_MILLIS = 5;

    /** Of this process: whoever else makes cgroups in it makes others. */
    private static final AtomicLong SEQUENCE = new AtomicLong();

    private final List<CgroupController> controllers;
    private final Optional<CgroupWeight> weight;
    private final String prefix;

    /** @param prefix of the names of the cgroups that are made */
    public JobCgroups(List<CgroupController> controllers, Optional<CgroupWeight> weight, String prefix) {
        this.controllers = List.copyOf(controllers);
        this.weight = weight;
        this.prefix = prefix;
    }

    /** Finds out what this process may do. @param helper the program {@code jdist-sandbox} */
    public static JobCgroups open(Path helper) throws IOException, InterruptedException {
        CgroupMounts mounts = CgroupMounts.ofThisProcess();
        long pid = ProcessHandle.current().pid();
        String prefix = prefix(pid).orElseThrow(() -> new IOException("cannot read /proc/" + pid + "/stat"));
        List<CgroupController> usable = new ArrayList<>();
        for (CgroupController candidate : candidates(mounts, pid, prefix)) {
            removeStale(candidate.parent());
            if (new JobCgroups(List.of(candidate), Optional.empty(), prefix).work(helper)) {
                usable.add(candidate);
            }
        }
        // After the others, which may have enabled it for children of version 2.
        Optional<CgroupWeight> weight = weight(mounts);
        weight.ifPresent(each -> removeStale(each.parent()));
        if (weight.isPresent() && !new JobCgroups(List.of(), weight, prefix).work(helper)) {
            weight = Optional.empty();
        }
        log.info(
                "kept by cgroups: {}; all other limits are checked by the builder",
                usable.isEmpty()
                        ? "no limit"
                        : usable.stream().map(each -> "" + each.limit()).collect(Collectors.joining(", ")));
        return new JobCgroups(usable, weight, prefix);
    }

    public boolean keeps(JobLimit limit) {
        return controllers.stream().anyMatch(controller -> controller.limit() == limit);
    }

    private static List<CgroupController> candidates(CgroupMounts mounts, long pid, String prefix) {
        List<CgroupController> candidates = new ArrayList<>();
        mounts.v1("memory").map(CgroupController::memoryV1).ifPresent(candidates::add);
        mounts.v1("pids").map(CgroupController::processes).ifPresent(candidates::add);
        if (candidates.isEmpty()) {
            Optional<Path> own = mounts.v2();
            if (own.isPresent() && CgroupDelegation.take(own.get(), prefix + "-builder", pid)) {
                candidates.add(CgroupController.memoryV2(own.get()));
                candidates.add(CgroupController.processes(own.get()));
            }
        }
        return candidates;
    }

    private static Optional<CgroupWeight> weight(CgroupMounts mounts) {
        return mounts.v1("cpu")
                .map(own -> new CgroupWeight(own, false))
                .or(() ->
                        mounts.v2().filter(CgroupDelegation::sharesProcessors).map(own -> new CgroupWeight(own, true)));
    }

    /** What the names of a process's cgroups begin with; nothing if there is no such process. */
    public static Optional<String> prefix(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).split(" ");
            return Optional.of("jdist-" + pid + "-" + fields[START_BEHIND_NAME]);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Removes the cgroups of builders that are no more. */
    static void removeStale(Path parent) {
        try (var entries = Files.list(parent)) {
            for (Path entry : entries.toList()) {
                Matcher name = NAME.matcher(entry.getFileName().toString());
                if (name.matches() && !prefix(Long.parseLong(name.group(2))).equals(Optional.of(name.group(1)))) {
                    removeIfEmpty(entry);
                }
            }
        } catch (IOException e) {
            log.debug("cannot look for old cgroups below {}: {}", parent, e.toString());
        }
    }

    private static void removeIfEmpty(Path cgroup) {
        try {
            Files.deleteIfExists(cgroup);
        } catch (IOException e) {
            log.debug("cannot remove the old cgroup {}: {}", cgroup, e.toString());
        }
    }

    /** Tries them out, with a process that does nothing. */
    private boolean work(Path helper) throws InterruptedException {
        JobLimits harmless = new JobLimits(PROBE_TIMEOUT, 1 << 28, 64, 1 << 20, 1 << 20, 0);
        try (Group group = create(nextNumber(), harmless)) {
            List<String> line = new ArrayList<>(List.of(helper.toString(), "confine"));
            line.addAll(group.options());
            line.addAll(List.of("--", helper.toString(), "true"));
            Process probe = new ProcessBuilder(line).redirectErrorStream(true).start();
            boolean ended = probe.waitFor(PROBE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            probe.destroyForcibly().waitFor();
            return ended && probe.exitValue() == 0;
        } catch (IOException e) {
            log.debug("no cgroups below {}: {}", parents(), e.toString());
            return false;
        }
    }

    private Set<Path> parents() {
        return Stream.concat(
                        controllers.stream().map(CgroupController::parent),
                        weight.stream().map(CgroupWeight::parent))
                .collect(Collectors.toSet());
    }

    /** One that no cgroup of this process has. */
    public static long nextNumber() {
        return SEQUENCE.incrementAndGet();
    }

    /** Makes the cgroup of one job. */
    public Group create(long number, JobLimits limits) throws IOException {
        Group group = new Group(prefix + "-" + number);
        try {
            for (CgroupController controller : controllers) {
                Files.createDirectories(controller.parent().resolve(group.name));
                controller.set(
                        group.name, controller.limit() == JobLimit.MEMORY ? limits.memoryBytes() : limits.processes());
            }
            if (weight.isPresent()) {
                Files.createDirectories(weight.get().parent().resolve(group.name));
                weight.get().set(group.name, limits.nice());
            }
            return group;
        } catch (IOException e) {
            group.close();
            throw e;
        }
    }

    /** The cgroup of one job: as many directories as there are hierarchies. */
    public final class Group implements AutoCloseable {
        private final String name;

        private Group(String name) {
            this.name = name;
        }

        /** What {@code jdist-sandbox confine} has to be told. */
        public List<String> options() {
            return directories().stream()
                    .flatMap(directory -> List.of("--cgroup", directory.toString()).stream())
                    .toList();
        }

        private Set<Path> directories() {
            return parents().stream().map(parent -> parent.resolve(name)).collect(Collectors.toSet());
        }

        /** Whether the kernel keeps this limit, so that nobody else has to. */
        public boolean keeps(JobLimit limit) {
            return controllers.stream().anyMatch(controller -> controller.limit() == limit);
        }

        /** The limit that was reached, if one was. */
        public Optional<JobLimit> reached() throws IOException {
            for (CgroupController controller : controllers) {
                if (controller.isReached(name)) {
                    return Optional.of(controller.limit());
                }
            }
            return Optional.empty();
        }

        /** Removes it. All its members must have ended. */
        @Override
        public void close() {
            directories().forEach(this::remove);
        }

        private void remove(Path directory) {
            for (int attempt = 1; ; attempt++) {
                try {
                    Files.deleteIfExists(directory);
                    return;
                } catch (IOException e) {
                    if (attempt == REMOVAL_ATTEMPTS) {
                        log.warn("cannot remove {}; the next start of a builder will: {}", directory, e.toString());
                        return;
                    }
                }
                try {
                    TimeUnit.MILLISECONDS.sleep(REMOVAL_PAUSE_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
