package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jdist.client.testing.CacheDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is beside the socket while daemons are started, and afterwards. */
class SocketFilesIT {
    private static final Set<String> RUNNING = Set.of("daemon.sock", "daemon.sock.d");

    @TempDir
    Path directory;

    private Set<String> besideTheSocket() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("daemon.sock"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void startsThatFailAndSucceed_leaveNothingBesideTheSocket() throws Exception {
        try (CacheDaemon daemon = new CacheDaemon(CacheDaemon.jdist(), directory)) {
            List<String> call = List.of(daemon.program().toString(), "gcc", "--version");
            assertEquals(RUNNING, besideTheSocket());
            daemon.stop();
            assertEquals(Set.of(), besideTheSocket());
            Files.writeString(directory.resolve("client.conf"), "unknown = 1\n");
            daemon.run(directory, call, Map.of()).assertSuccess();
            assertEquals(Set.of("daemon.sock.failed"), besideTheSocket());
            Files.writeString(directory.resolve("client.conf"), "");
            daemon.start();
            assertEquals(RUNNING, besideTheSocket());
        }
        assertEquals(Set.of(), besideTheSocket());
    }

    /** Each of them removes the lock, behind which the others wait. */
    @Test
    void launchersThatStartTheDaemonAtOnce_startOne() throws Exception {
        try (CacheDaemon daemon = new CacheDaemon(CacheDaemon.jdist(), directory)) {
            daemon.stop();
            Files.writeString(directory.resolve("a.c"), "int a;\n");
            String script = "for i in 1 2 3 4 5 6 7 8; do \"$JDIST\" gcc -c a.c -o $i.o & all=\"$all $!\"; done;"
                    + " for one in $all; do wait $one || exit 1; done";
            daemon.run(
                            directory,
                            List.of("sh", "-c", script),
                            Map.of("JDIST", daemon.program().toString()))
                    .assertSuccess();
            assertEquals(8, daemon.statistics().get("compile_requests").asInt());
            assertEquals(RUNNING, besideTheSocket());
        }
    }
}
