package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.CacheDaemon.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Limits of callers hold for these callers, as with the compiler alone, and for nobody else. */
@Timeout(240)
class CallerLimitsIT {
    @TempDir
    private Path directory;

    private CacheDaemon daemon;

    @BeforeEach
    void start() throws Exception {
        daemon = new CacheDaemon(CacheDaemon.jdist(), directory);
        Files.writeString(directory.resolve("a.c"), "int a;\n");
    }

    @AfterEach
    void stop() throws Exception {
        daemon.close();
    }

    private Output shell(String script) throws IOException, InterruptedException {
        return daemon.run(
                directory,
                List.of("bash", "-c", script),
                Map.of("JDIST", daemon.program().toString()));
    }

    @Test
    void compilerThatFailsForTheFirstCaller_isACompilerForTheNext() throws Exception {
        assertFalse(shell("ulimit -v 20000; $JDIST gcc -c a.c").code() == 0);
        shell("$JDIST gcc -c a.c").assertSuccess();

        assertEquals(1, daemon.statistics().get("requests_unsupported_compiler").asInt());
        assertEquals(1, daemon.statistics().get("requests_executed").asInt());
    }

    @Test
    void callerWithALimitOnFiles_isLeftToTheCompilerAndCounted() throws Exception {
        Files.writeString(directory.resolve("large.c"), "char large[100000] = {1};\n");
        shell("$JDIST gcc -c large.c").assertSuccess();

        for (String limited : List.of("gcc -c large.c", "gcc -c a.c")) {
            Output alone = shell("ulimit -f 8; " + limited);
            Output behind = shell("ulimit -f 8; $JDIST " + limited);
            assertEquals(alone.code(), behind.code(), behind.stderr());
            assertEquals(
                    alone.stderr().replaceAll("/tmp/cc\\w+", "/tmp/cc"),
                    behind.stderr().replaceAll("/tmp/cc\\w+", "/tmp/cc"));
        }
        assertEquals(
                2,
                daemon.statistics()
                        .get("not_cached")
                        .path("caller has a limit on the size of files")
                        .asInt());
    }

    private static String line(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow()
                .substring(name.length())
                .strip();
    }

    @Test
    void daemonThatALimitedCallerStarts_hasNoneOfItsLimits() throws Exception {
        daemon.stop();
        // What may be taken back of a higher nice value differs from machine to machine.
        String nice = shell("nice -n 7 sh -c 'renice -n 0 -p $$ >/dev/null 2>&1; cut -d\" \" -f19 /proc/$$/stat'")
                .assertSuccess()
                .stdout()
                .strip();
        shell("ulimit -Sv 8000000; ulimit -Sf 2000; ulimit -St 1000; ulimit -Sn 200; umask 0; trap '' HUP CHLD;"
                        + " echo 500 >/proc/self/oom_score_adj; nice -n 7 $JDIST --start-server")
                .assertSuccess();
        long pid = ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains("--daemon " + daemon.socket()))
                        .isPresent())
                .findFirst()
                .orElseThrow()
                .pid();
        Path process = Path.of("/proc", Long.toString(pid));

        assertEquals(List.of(), InheritedLimits.of(process));
        assertTrue(Integer.parseInt(
                        line(process.resolve("limits"), "Max open files").split(" +")[0])
                > 200);
        assertEquals(
                nice,
                Files.readString(process.resolve("stat"))
                        .replaceAll("^.*\\) ", "")
                        .split(" ")[16],
                "nice");
        assertEquals("0", Files.readString(process.resolve("oom_score_adj")).strip());
        assertEquals("0002", line(process.resolve("status"), "Umask:"));
        long ignored = Long.parseUnsignedLong(line(process.resolve("status"), "SigIgn:"), 16);
        assertEquals(0, ignored & (1L << 16), "SIGCHLD, without which Java hears of no child");
    }

    /** It fails at once, for want of memory: others need not wait before they try. */
    @Test
    void daemonThatCannotStartForWantOfMemory_isStartedByTheNext() throws Exception {
        daemon.stop();
        assertTrue(shell("ulimit -v 100000; setpriv --bounding-set=-all --inh-caps=-all $JDIST gcc -c a.c")
                        .stderr()
                        .contains("compiling without jdist")
                || "root".equals(System.getProperty("user.name")));
        shell("$JDIST gcc -c a.c").assertSuccess();

        assertTrue(daemon.statistics().get("compile_requests").asInt() >= 1);
    }
}
