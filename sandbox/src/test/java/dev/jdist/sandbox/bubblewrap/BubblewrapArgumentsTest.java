package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BubblewrapArgumentsTest {
    private static final Path BWRAP = Path.of("/usr/bin/bwrap");

    /** The whole line, in its order: each word of it closes a hole. */
    @Test
    void of_anyRoot_isThisLine() {
        assertEquals(
                List.of(
                        "/usr/bin/bwrap",
                        "--die-with-parent",
                        "--cap-drop",
                        "ALL",
                        "--unshare-user",
                        "--unshare-cgroup",
                        "--unshare-ipc",
                        "--unshare-pid",
                        "--unshare-net",
                        "--unshare-uts",
                        "--hostname",
                        "jdist",
                        "--bind",
                        "/scratch/target",
                        "/",
                        "--proc",
                        "/proc",
                        "--remount-ro",
                        "/proc",
                        "--dev",
                        "/dev",
                        "--ro-bind",
                        "/lib/jdist-sandbox",
                        "/dev/jdist-sandbox",
                        "--remount-ro",
                        "/dev",
                        "--chdir",
                        "/",
                        "--clearenv",
                        "--as-pid-1",
                        "--",
                        "/dev/jdist-sandbox",
                        "await"),
                BubblewrapArguments.of(
                        BWRAP,
                        List.of("--bind", "/scratch/target", "/"),
                        Optional.empty(),
                        Path.of("/lib/jdist-sandbox"),
                        false));
    }

    /** Bubblewrap makes no namespace of users, as it is given one, and the first process gets what it takes to become the user. */
    @Test
    void of_jobsWithAUser_differsInThis() {
        List<String> line = new ArrayList<>(
                BubblewrapArguments.of(BWRAP, List.of(), Optional.of(1234), Path.of("/lib/jdist-sandbox"), false));
        List<String> without =
                BubblewrapArguments.of(BWRAP, List.of(), Optional.empty(), Path.of("/lib/jdist-sandbox"), false);

        assertEquals(
                List.of("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"),
                line.subList(4, 10));
        assertEquals("1234", line.remove(line.size() - 1));
        line.subList(4, 10).clear();
        line.add(4, "--unshare-user");
        assertEquals(without, line);
    }
}
