package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
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
                        BWRAP, List.of("--bind", "/scratch/target", "/"), Path.of("/lib/jdist-sandbox")));
    }
}
