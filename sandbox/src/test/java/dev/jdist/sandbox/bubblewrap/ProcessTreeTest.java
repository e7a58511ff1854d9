package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTreeTest {
    @TempDir
    private Path proc;

    private void process(int pid, int threads, int anonymous, int shared, String... childrenOfThreads)
            throws IOException {
        Path process = Files.createDirectory(proc.resolve("" + pid));
        Files.writeString(
                process.resolve("status"),
                "Name:\tcc1\nRssAnon:\t  " + anonymous + " kB\nRssFile:\t 999999 kB\nRssShmem:\t  " + shared
                        + " kB\nThreads:\t" + threads + "\n");
        for (int i = 0; i < childrenOfThreads.length; i++) {
            Path thread = Files.createDirectories(process.resolve("task/" + (pid + i)));
            Files.writeString(thread.resolve("children"), childrenOfThreads[i]);
        }
    }

    @Test
    void below_treeOfProcesses_addsAllOfThemUp() throws IOException {
        process(1, 1, 100, 0, "10 ");
        process(10, 2, 200, 5, "20 21 ", "22 ");
        process(20, 1, 1, 0, "");
        process(21, 1, 1, 0, "");
        process(22, 7, 1, 0, "");
        process(99, 1, 5000, 0, "");

        assertEquals(new ProcessTree(12, 308 * 1024), ProcessTree.below(proc, 1));
    }

    @Test
    void below_processThatHasJustEnded_isPassedOver() throws IOException {
        process(1, 1, 100, 0, "10 11 ");
        process(11, 1, 50, 0, "");

        assertEquals(new ProcessTree(2, 150 * 1024), ProcessTree.below(proc, 1));
        assertEquals(new ProcessTree(0, 0), ProcessTree.below(proc, 12345));
    }

    @Test
    void below_thisProcess_isSomething() {
        ProcessTree tree =
                ProcessTree.below(Path.of("/proc"), ProcessHandle.current().pid());

        assertTrue(tree.tasks() > 1 && tree.memoryBytes() > 1 << 20, tree.toString());
    }
}
