package dev.jdist.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a builder must not leave behind, looked for by the place in which it lets jobs run. */
final class Leftovers {
    private static final long PATIENCE_SECONDS = 60;

    private Leftovers() {}

    /** Waits for the end of all processes of jobs; then nothing of this directory may be mounted anywhere. */
    static void assertNoProcessAndNoMount(Path buildDirectory) throws IOException, InterruptedException {
        awaitProcess(buildDirectory, false);
        String place = buildDirectory.toString();
        try (var processes = Files.list(Path.of("/proc"))) {
            for (Path mounts :
                    processes.map(process -> process.resolve("mountinfo")).toList()) {
                assertTrue(content(mounts).lines().noneMatch(line -> line.contains(place)), mounts + " has it mounted");
            }
        }
    }

    static void assertNoFile(Path buildDirectory) throws IOException {
        try (var left = Files.list(buildDirectory.resolve("builds"))) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** Waits until there is, or is no longer, a process of a job. */
    static void awaitProcess(Path buildDirectory, boolean wanted) throws InterruptedException {
        String place = buildDirectory.resolve("builds").toString();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (ProcessHandle.allProcesses()
                        .anyMatch(process ->
                                process.info().commandLine().orElse("").contains(place))
                != wanted) {
            assertTrue(System.nanoTime() < deadline, "a process of a job is " + (wanted ? "not there" : "left"));
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // no process, or one that has just ended
        }
    }
}
