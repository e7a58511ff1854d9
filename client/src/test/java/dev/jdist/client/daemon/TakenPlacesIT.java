package dev.jdist.client.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jdist.client.testing.CacheDaemon;
import dev.jdist.client.testing.CacheDaemon.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where another user of the machine was first: at the socket, its directory, and what is beside it. */
@Timeout(120)
class TakenPlacesIT {
    private static final String NOBODY = "65534";

    @TempDir
    private Path own;

    /** As /tmp. */
    @TempDir
    private Path shared;

    private Path socket;

    @BeforeEach
    void open() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "skipped: only root can be two users");
        Files.setAttribute(shared, "unix:mode", 01777);
        socket = shared.resolve("s");
        Files.writeString(own.resolve("a.c"), "int a;\n");
        Files.writeString(own.resolve("client.conf"), "");
    }

    @AfterEach
    void stop() throws Exception {
        run(Map.of(), CacheDaemon.jdist().toString(), "--stop-server");
    }

    private Output run(Map<String, String> more, String... words) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(own.toFile())
                .redirectOutput(own.resolve("stdout").toFile())
                .redirectError(own.resolve("stderr").toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("SCCACHE_") || name.equals("XDG_RUNTIME_DIR"));
        environment.put("SCCACHE_SERVER_UDS", socket.toString());
        environment.put("SCCACHE_CONF", own.resolve("client.conf").toString());
        environment.put("SCCACHE_DIR", own.resolve("compiles").toString());
        environment.put("SCCACHE_ERROR_LOG", own.resolve("client.log").toString());
        environment.putAll(more);
        int code = builder.start().waitFor();
        return new Output(code, Files.readString(own.resolve("stdout")), Files.readString(own.resolve("stderr")));
    }

    private Output compile(Map<String, String> more) throws Exception {
        Files.deleteIfExists(own.resolve("a.o"));
        Output compiled = run(more, CacheDaemon.jdist().toString(), "gcc", "-c", "a.c");
        assertTrue(Files.exists(own.resolve("a.o")), compiled.stderr());
        return compiled.assertSuccess();
    }

    private void asNobody(String script) throws Exception {
        run(
                        Map.of(),
                        "setpriv",
                        "--reuid",
                        NOBODY,
                        "--regid",
                        NOBODY,
                        "--clear-groups",
                        "sh",
                        "-c",
                        "cd " + shared + " && " + script)
                .assertSuccess();
    }

    private int requests() throws Exception {
        String statistics = run(Map.of(), CacheDaemon.jdist().toString(), "--show-stats")
                .assertSuccess()
                .stdout();
        return Integer.parseInt(statistics.lines().findFirst().orElseThrow().replaceAll("\\D", ""));
    }

    @Test
    void scratchDirectoryOfAnother_isNotTaken() throws Exception {
        asNobody("mkdir -m 777 s.d && mkdir -m 777 s.d-1");

        assertEquals("", compile(Map.of()).stderr());

        assertEquals(1, requests());
        try (var theirs = Files.list(shared.resolve("s.d"))) {
            assertEquals(0, theirs.count());
        }
        try (var all = Files.newDirectoryStream(shared, "s.d-??*")) {
            for (Path ours : all) {
                assertEquals(PosixFilePermissions.fromString("rwx------"), Files.getPosixFilePermissions(ours));
                assertEquals(0, Files.getAttribute(ours, "unix:uid", LinkOption.NOFOLLOW_LINKS));
            }
        }
        stop();
        try (var left = Files.newDirectoryStream(shared, "s.d-??*")) {
            assertFalse(left.iterator().hasNext());
        }
    }

    /** Whoever holds it locked would have each launcher wait. */
    @Test
    void lockOfAnother_isNotWaitedFor() throws Exception {
        asNobody("umask 0; : > s.lock");

        assertTrue(
                compile(Map.of()).stderr().matches("(?s)jdist: cannot write .*/s.lock: .*; compiling without jdist\n"));
    }

    /** It would have launchers think, for as long as its owner likes, that no daemon can be started. */
    @Test
    void noteOfAnother_isNotBelieved() throws Exception {
        asNobody("umask 0; : > s.failed");

        compile(Map.of());

        assertEquals(1, requests());
    }

    /** Root may remove it; whoever may not is told that the daemon cannot listen there. */
    @Test
    void socketOfAnother_isNotTalkedTo() throws Exception {
        asNobody("perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0); bind($s, pack_sockaddr_un(\"s\")) or die'");

        compile(Map.of());

        assertEquals(1, requests());
        assertEquals(0, Files.getAttribute(socket, "unix:uid"));
    }

    @Test
    void directoryOfTheSocketOfAnother_isSaidWithItsOwner() throws Exception {
        int user = 54_000 + (int) (ProcessHandle.current().pid() % 1000);
        Path place = Path.of("/tmp/jdist-" + user);
        asNobody("mkdir " + place);
        try {
            Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.copy(CacheDaemon.jdist(), own.resolve("jdist"));
            String id = Integer.toString(user);
            Output compiled = run(
                    Map.of("SCCACHE_SERVER_UDS", "", "HOME", own.toString()),
                    "setpriv",
                    "--reuid",
                    id,
                    "--regid",
                    id,
                    "--clear-groups",
                    own.resolve("jdist").toString(),
                    "gcc",
                    "-c",
                    "a.c");

            assertEquals(
                    "jdist: " + place + " belongs to user 65534, not to you; remove it, or set XDG_RUNTIME_DIR to a"
                            + " directory of yours, or SCCACHE_SERVER_UDS to a socket in one; compiling without jdist\n",
                    compiled.assertSuccess().stderr());
            assertTrue(Files.exists(own.resolve("a.o")));
        } finally {
            Files.delete(place);
        }
    }
}
