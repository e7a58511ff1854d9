package dev.jdist.client.toolchain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProcessEndTest {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private static Process shell(String script) throws IOException {
        return new ProcessBuilder("sh", "-c", script).start();
    }

    /** As a compiler on a slow machine: it is waited for much longer than it may do nothing. */
    @Test
    void programThatWorks_isWaitedFor() throws Exception {
        String work = "end=$(($(date +%s) + 4)); while [ $(date +%s) -lt $end ]; do :; done";
        Process itself = shell(work + "; exit 3");
        Process child = shell("sh -c '" + work + "'; exit 4");
        assertTrue(ProcessEnd.await(itself, IDLE));
        assertTrue(ProcessEnd.await(child, IDLE));
        assertEquals(3, itself.exitValue());
        assertEquals(4, child.exitValue());
    }

    @Test
    void programThatHangs_isNot() throws Exception {
        Process process = shell("sleep 600; :");
        try {
            assertFalse(ProcessEnd.await(process, IDLE));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
