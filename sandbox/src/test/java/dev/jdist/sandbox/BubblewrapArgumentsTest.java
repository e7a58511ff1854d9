package dev.jdist.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BubblewrapArgumentsTest {
    private static final Path BWRAP = Path.of("/usr/bin/bwrap");

    private static final List<String> ROOT = List.of("--bind", "/t", "/");

    /** The whole line, in its order: each word of it closes a hole. */
    @Test
    void of_anyCommand_isThisLine() {
        SandboxCommand command = new SandboxCommand(
                "/usr/bin/gcc", List.of("-c", "a b.c", "--", ""), Map.of("PATH", "/bin", "LC_ALL", "C"), "/home/me");

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
                        "--remount-ro",
                        "/dev",
                        "--chdir",
                        "/home/me",
                        "--clearenv",
                        "--setenv",
                        "LC_ALL",
                        "C",
                        "--setenv",
                        "PATH",
                        "/bin",
                        "--",
                        "/usr/bin/gcc",
                        "-c",
                        "a b.c",
                        "--",
                        ""),
                BubblewrapArguments.of(BWRAP, List.of("--bind", "/scratch/target", "/"), command));
    }

    /** What a client sends stands behind the options, or as the value of one, and is never taken for an option. */
    @Test
    void of_commandThatLooksLikeOptions_staysAnArgument() {
        SandboxCommand command =
                new SandboxCommand("--bind", List.of("/", "/host"), Map.of("--share-net", "--bind"), "--dev-bind");

        List<String> line = BubblewrapArguments.of(BWRAP, ROOT, command);

        assertEquals(
                List.of(
                        "--chdir",
                        "--dev-bind",
                        "--clearenv",
                        "--setenv",
                        "--share-net",
                        "--bind",
                        "--",
                        "--bind",
                        "/",
                        "/host"),
                line.subList(line.indexOf("--chdir"), line.size()));
    }

    @Test
    void of_sameCommand_isTheSameLineWhateverTheMapsOrder() {
        SandboxCommand command = new SandboxCommand(
                "/bin/cc", List.of(), Map.of("A", "1", "B", "2", "C", "3", "D", "4", "E", "5", "F", "6"), "/");

        List<String> line = BubblewrapArguments.of(BWRAP, ROOT, command);

        assertEquals(
                List.of("A", "B", "C", "D", "E", "F"),
                line.stream().filter(word -> word.matches("[A-F]")).toList());
    }
}
