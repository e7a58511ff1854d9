package dev.jdist.sandbox.bubblewrap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Bubblewrap's command line, as a pure function of what the root is. */
public final class BubblewrapArguments {
    private static final String HELPER_INSIDE = "/dev/jdist-sandbox";

    private BubblewrapArguments() {}

    /**
     * @param root the options that make {@code /}
     * @param user who the first process becomes; it is given a user namespace then that has this user
     * @param helper the program {@code jdist-sandbox}, which is the first process and waits for a command
     * @param hasView whether the command may be one under a view
     */
    static List<String> of(Path bubblewrap, List<String> root, Optional<Integer> user, Path helper, boolean hasView) {
        List<String> arguments = new ArrayList<>();
        arguments.add(bubblewrap.toString());
        // The job ends with the builder, and has no capability even as root: run by uid 0, bubblewrap would otherwise
        // keep them. It has no terminal to inject into: the helper makes a session for it, and none is made here, so
        // that it is the one that stands back behind others.
        arguments.addAll(List.of("--die-with-parent", "--cap-drop", "ALL"));
        // Not --unshare-all, which goes on without a user or cgroup namespace where there are none to be had.
        arguments.addAll(
                user.isPresent()
                        ? List.of("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
                        : List.of("--unshare-user"));
        arguments.addAll(List.of(
                "--unshare-cgroup",
                "--unshare-ipc",
                "--unshare-pid",
                "--unshare-net",
                "--unshare-uts",
                "--hostname",
                "jdist"));
        // The root comes first: /proc and /dev are laid over it. /proc must be read-only: to the files of /proc/sys,
        // which are the machine's, uid 0 of the job is root, and their permissions ask for no capability. What is
        // written to /dev/shm, or anywhere else below /dev, would be outside of the root and its limit. The helper is
        // read-only too: as the first process, it is /proc/1/exe, and root's job its owner.
        arguments.addAll(root);
        arguments.addAll(List.of("--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"));
        arguments.addAll(List.of("--ro-bind", helper.toString(), HELPER_INSIDE, "--remount-ro", "/dev"));
        arguments.addAll(List.of("--chdir", "/", "--clearenv", "--as-pid-1", "--", HELPER_INSIDE, "await"));
        if (hasView) {
            arguments.add("view");
        }
        user.ifPresent(number -> arguments.add(Integer.toString(number)));
        return arguments;
    }
}
