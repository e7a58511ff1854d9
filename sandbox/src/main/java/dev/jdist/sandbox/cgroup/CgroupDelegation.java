package dev.jdist.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a cgroup of version 2 one that may have limited children. Such a cgroup must not have members itself, so this
 * process moves into a child. It works where the cgroup is this process's alone, as with {@code Delegate=yes} in a systemd
 * unit, and changes nothing elsewhere.
 */
public final class CgroupDelegation {
    private static final Logger log = LoggerFactory.getLogger(CgroupDelegation.class);
    private static final List<String> CONTROLLERS = List.of("memory", "pids");

    private CgroupDelegation() {}

    /**
     * Tells whether memory and processes of children can be limited now.
     *
     * @param own the directory of this process's cgroup
     * @param child for this process to move to, if it has to
     */
    static boolean take(Path own, String child, long pid) {
        try {
            if (!words(own.resolve("cgroup.controllers")).containsAll(CONTROLLERS)) {
                return false;
            }
            if (!words(own.resolve("cgroup.subtree_control")).containsAll(CONTROLLERS)) {
                moveAndEnable(own, own.resolve(child), pid);
            }
            return true;
        } catch (IOException e) {
            log.debug("cannot make cgroups for jobs below {}: {}", own, e.toString());
            return false;
        }
    }

    private static void moveAndEnable(Path own, Path child, long pid) throws IOException {
        Files.createDirectories(child);
        try {
            Files.writeString(child.resolve("cgroup.procs"), Long.toString(pid));
            enable(own);
        } catch (IOException e) {
            Files.writeString(own.resolve("cgroup.procs"), Long.toString(pid));
            Files.deleteIfExists(child);
            throw e;
        }
    }

    /** Processors too, if they can be had: without them there are still limits. */
    private static void enable(Path own) throws IOException {
        Path control = own.resolve("cgroup.subtree_control");
        if (words(own.resolve("cgroup.controllers")).contains("cpu")) {
            try {
                Files.writeString(control, "+memory +pids +cpu");
                return;
            } catch (IOException e) {
                log.debug("cannot set CPU shares of jobs below {}: {}", own, e.toString());
            }
        }
        Files.writeString(control, "+memory +pids");
    }

    /** Tells whether the processors are shared out among the children of a cgroup. */
    static boolean sharesProcessors(Path own) {
        try {
            return words(own.resolve("cgroup.subtree_control")).contains("cpu");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file).strip().split(" "));
    }
}
