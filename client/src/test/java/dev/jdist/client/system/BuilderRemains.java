package dev.jdist.client.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.Farm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What jobs may have left on this machine: processes, mounts, files, cgroups. */
public final class BuilderRemains {
    private static final long TIMEOUT_SECONDS = 240;
    private static final Path PROC = Path.of("/proc");
    /** What the directories of sandboxes that wait are called, before the number of their cgroups. */
    private static final String WAITING = "waiting-";

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private BuilderRemains() {}

    interface Search {
        List<String> find() throws IOException;
    }

    /** Waits for what is on its way out, and fails if something stays. */
    static void assertNone(String what, Search search) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        List<String> left = search.find();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
            left = search.find();
        }
        assertEquals(List.of(), left, what + " are left");
    }

    /** @param text what the command lines of the processes have in them */
    public static void assertNoProcess(String text) throws IOException, InterruptedException {
        assertNone("processes", () -> processes(text));
    }

    public static List<String> processes(String text) throws IOException {
        try (Stream<Path> all = Files.list(PROC)) {
            return all.filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .filter(path -> commandLine(path).contains(text))
                    .map(path -> path.getFileName() + " " + commandLine(path).replace('\0', ' '))
                    .toList();
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException | UncheckedIOException e) {
            return ""; // it has just ended
        }
    }

    /**
     * What a running builder has beside its toolchains: nothing but the memory that its jobs are to live in, and sandboxes
     * that wait for jobs.
     */
    public static void assertNoJob(Farm farm, int builder) throws IOException, InterruptedException {
        long pid = farm.pid("builder-" + builder);
        String place = farm.buildDirectory(builder).toString();
        // Root's builders have mounts of their own, which only root can look at.
        Path root = Farm.isRoot() ? PROC.resolve(pid + "/root") : Path.of("/");
        Path builds = root.resolve(place.substring(1)).resolve("builds");
        assertNone(
                "files of jobs",
                () -> list(builds).stream()
                        .filter(path -> !path.matches(".*/" + WAITING + "[0-9]+"))
                        .toList());
        assertNone(
                "mounts of jobs",
                () -> mounts(PROC.resolve(pid + "/mountinfo"), place).stream()
                        .filter(line -> !line.contains("jdist-scratch"))
                        .toList());
        assertNoMount(place);
        assertNone(
                "cgroups of jobs",
                () -> cgroups(pid).stream()
                        .filter(path ->
                                Files.notExists(builds.resolve(WAITING + path.substring(path.lastIndexOf('-') + 1))))
                        .toList());
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString).toList();
        }
    }

    /** What a builder that has ended, or was killed, must not leave of the place in which it let jobs run. */
    static void assertNoProcessAndNoMount(Path buildDirectory) throws IOException, InterruptedException {
        String place = buildDirectory.toString();
        assertNoProcess(place);
        assertNone("mounts", () -> {
            List<String> found = new ArrayList<>();
            try (Stream<Path> processes = Files.list(PROC)) {
                for (Path process : processes.toList()) {
                    found.addAll(mountsOrNone(process.resolve("mountinfo"), place));
                }
            }
            return found;
        });
    }

    static void assertNoFileOfAJob(Path buildDirectory) throws IOException, InterruptedException {
        assertNone("files of jobs", () -> list(buildDirectory.resolve("builds")));
    }

    /** Waits until there is a process of a job. */
    static void awaitJob(Path buildDirectory) throws IOException, InterruptedException {
        String place = buildDirectory.resolve("builds").toString();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (processes(place).isEmpty()) {
            assertTrue(System.nanoTime() < deadline, "no job has come");
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** None that this process sees: a builder's are its own. */
    public static void assertNoMount(String place) throws IOException, InterruptedException {
        assertNone("mounts", () -> mounts(Path.of("/proc/self/mountinfo"), place));
    }

    private static List<String> mounts(Path table, String place) throws IOException {
        return Files.readString(table)
                .lines()
                .filter(line -> line.contains(place))
                .toList();
    }

    private static List<String> mountsOrNone(Path table, String place) {
        try {
            return mounts(table, place);
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // no process, or one that has just ended
        }
    }

    /** @param pid of the builder, whose jobs have cgroups with that number in their names */
    public static void assertNoCgroup(long pid) throws IOException, InterruptedException {
        assertNone("cgroups", () -> cgroups(pid));
    }

    private static List<String> cgroups(long pid) throws IOException {
        List<String> found = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            String[] fields = line.split(":", 3);
            for (String hierarchy : List.of(fields[1], "unified", ".")) {
                Path place = CGROUPS.resolve(hierarchy).resolve(fields[2].substring(1));
                if (!hierarchy.isEmpty() && Files.isDirectory(place)) {
                    list(place).stream()
                            .filter(path -> path.matches(".*/jdist-" + pid + "-[0-9]+-[0-9]+"))
                            .forEach(found::add);
                }
            }
        }
        return found;
    }
}
