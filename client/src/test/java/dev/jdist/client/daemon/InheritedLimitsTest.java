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
    void of_noProc_isSilent() {
        assertEquals(List.of(), InheritedLimits.of(process));
    }
}
