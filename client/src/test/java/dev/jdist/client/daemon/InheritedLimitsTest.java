package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritedLimitsTest {
    @TempDir
    private Path process;

    @Test
    void of_limitsThatOthersDoNotHave_tellsThem() throws IOException {
        Files.writeString(process.resolve("limits"), """
                Limit                     Soft Limit           Hard Limit           Units
                Max cpu time              unlimited            unlimited            seconds
                Max file size             1048576              1048576              bytes
                Max data size             unlimited            unlimited            bytes
                Max stack size            8388608              unlimited            bytes
                Max core file size        0                    unlimited            bytes
                Max processes             60241                60241                processes
                Max open files            1024                 1048576              files
                Max address space         4096000000           unlimited            bytes
                """);

        assertEquals(
                List.of(told("Max file size 1048576 bytes"), told("Max address space 4096000000 bytes")),
                InheritedLimits.of(process));
    }

    private static String told(String limit) {
        return "this daemon has a limit of whoever started it, which it cannot raise: " + limit
                + "; jdist --stop-server ends it, and a shell without the limit starts one without";
    }

    @Test
    void of_theseTests_findsNoneAndNoFault() {
        assertEquals(List.of(), InheritedLimits.of(Path.of("/proc/self")));
    }

    @Test
    void standing_ofAProcess_isInOneLine() throws IOException {
        Files.writeString(process.resolve("stat"), "42 (a) b) S 1 42 42 0 -1 4194560 9 9 0 0 1 2 0 0 27 7 5 0 9 9 9\n");
        Files.writeString(process.resolve("oom_score_adj"), "500\n");
        Files.writeString(process.resolve("cgroup"), "1:cpu:/x\n0::/user.slice/session\n");

        assertEquals(
                "nice value 7, OOM score adjustment 500, control group 1:cpu:/x 0::/user.slice/session",
                InheritedLimits.standing(process));
    }

    @Test
    void standing_noProc_isUnknown() {
        assertEquals(
                "nice value unknown, OOM score adjustment unknown, control group unknown",
                InheritedLimits.standing(process));
    }

    @Test
    void of_noProc_isSilent() {
        assertEquals(List.of(), InheritedLimits.of(process));
    }
}
