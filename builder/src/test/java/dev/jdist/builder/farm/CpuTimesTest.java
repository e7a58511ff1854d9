package dev.jdist.builder.farm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The CPUs' time as proc(5) describes it. */
@Timeout(60)
class CpuTimesTest {
    @TempDir
    private Path proc;

    private void process(long pid, String name, int user, int system, int childrensUser, int childrensSystem)
            throws IOException {
        Path directory = Files.createDirectories(proc.resolve("" + pid));
        Files.writeString(
                directory.resolve("stat"),
                pid + " (" + name + ") S 1 7 7 0 -1 4194304 100 200 0 0 " + user + " " + system + " " + childrensUser
                        + " " + childrensSystem + " 30 10 1 0 12345 1000 10 18446744073709551615\n");
    }

    private void machine(String line) throws IOException {
        Files.writeString(proc.resolve("stat"), line + "\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n");
    }

    @Test
    void read_machineAndProcesses_areAddedUp() throws IOException {
        machine("cpu  100 20 30 4000 500 6 7 80 90 10");
        process(10, "java", 1, 2, 3, 4);
        process(11, "a) R 9 9 (b", 10, 20, 30, 40);

        CpuTimes times = CpuTimes.read(proc, LongStream.of(10, 11, 12));

        assertEquals(new CpuTimes(4743, 100 + 20 + 30 + 6 + 7, 110), times);
    }

    @Test
    void read_otherwiseWritten_isRefused() throws IOException {
        machine("cpu0 1 1 1 1 1 1 1 1 1 1");
        assertThrows(IOException.class, () -> CpuTimes.read(proc, LongStream.empty()));
        machine("cpu  1 1 1 1");
        assertThrows(IOException.class, () -> CpuTimes.read(proc, LongStream.empty()));
    }

    @Test
    void othersPercentSince_ofTwoReadings_isWhatTheBuilderDidNotDo() {
        CpuTimes earlier = new CpuTimes(1000, 600, 300);

        assertEquals(25.0, new CpuTimes(1200, 700, 350).othersPercentSince(earlier));
        assertEquals(0.0, new CpuTimes(1200, 700, 400).othersPercentSince(earlier));
        // Ticks are counted at different moments.
        assertEquals(0.0, new CpuTimes(1200, 700, 420).othersPercentSince(earlier));
        assertEquals(50.0, new CpuTimes(1200, 700, 290).othersPercentSince(earlier));
        assertEquals(0.0, earlier.othersPercentSince(earlier));
    }

    /** What a child does is the builder's own while it runs, and after it has ended. */
    @Test
    void ofThisMachine_childThatWorks_isOwn() throws Exception {
        CpuTimes before = CpuTimes.ofThisMachine();
        Process child = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            CpuTimes during = before;
            while (during.own() - before.own() < 20) {
                during = CpuTimes.ofThisMachine();
            }
            child.destroyForcibly().waitFor();
            CpuTimes after = CpuTimes.ofThisMachine();

            assertTrue(after.own() >= before.own() + 20, before + " " + during + " " + after);
            assertTrue(after.busy() > before.busy() && after.all() > before.all());
        } finally {
            child.destroyForcibly();
        }
    }
}
