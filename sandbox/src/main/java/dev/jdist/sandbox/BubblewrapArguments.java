package dev.jdist.sandbox;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Bubblewrap's command line, as a pure function of what to run. */
final class BubblewrapArguments {
    private BubblewrapArguments() {}

    /** @param root the options that make {@code /} */
    static List<String> of(Path bubblewrap, List<String> root, SandboxCommand command) {
        List<String> arguments = new ArrayList<>();
        arguments.add(bubblewrap.toString());
        // The job ends with the builder, and has no capability even as root: run by uid 0, bubblewrap would otherwise
        // keep them. It has no terminal to inject into: the helper makes a session for it, and none is made here, so
        // that it is the one that stands back behind others.
        arguments.addAll(List.of("--die-with-parent", "--cap-drop", "ALL"));
        // Not --unshare-all, which goes on without a user or cgroup namespace where there are none to be had.
        arguments.addAll(List.of(
                "--unshare-user",
                "--unshare-cgroup",
                "--unshare-ipc",
                "--unshare-pid",
                "--unshare-net",
                "--unshare-uts",
                "--hostname",
                "jdist"));
        // The root comes first: /proc and /dev are laid over it. /proc must be read-only: to the files of /proc/sys,
        // which are the machine's, uid 0 of the job is root, and their permissions ask for no capability. What is
        // written
        // to /dev/shm, or anywhere else below /dev, would be outside of the root and its limit.
        arguments.addAll(root);
        arguments.addAll(List.of("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev", "--remount-ro", "/dev"));
        arguments.addAll(List.of("--chdir", command.workingDirectory()));
        arguments.add("--clearenv");
        new TreeMap<>(command.environment())
                .forEach((name, value) -> arguments.addAll(List.of("--setenv", name, value)));
        arguments.add("--");
        arguments.add(command.executable());
        arguments.addAll(command.arguments());
        return arguments;
    }
}
