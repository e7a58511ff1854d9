package dev.jdist.sandbox.bubblewrap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a complaint of jdist-sandbox, of bubblewrap or of a file system means for the person who starts a builder. */
public final class SandboxAdvice {
    private static final String CONTAINER =
            "In a container, start it with" + " --security-opt seccomp=unconfined --security-opt apparmor=unconfined";

    private final Path sysctls;

    /** @param sysctls {@code /proc/sys} */
    SandboxAdvice(Path sysctls) {
        this.sysctls = sysctls;
    }

    /** What to change, or an empty text. */
    String remedy(SandboxStrategy strategy, String complaint) {
        if (complaint.contains("execvp") && complaint.contains("Permission denied")) {
            return "If the file system of build_dir is mounted noexec, choose another build_dir";
        }
        if (complaint.contains("Can't mount proc")) {
            return "The container hides parts of /proc, which forbids it: start it with"
                    + " --security-opt systempaths=unconfined";
        }
        if (complaint.contains("an overlay") || complaint.contains("Can't make overlay mount")) {
            return overlayRemedy(strategy, complaint);
        }
        boolean refused = complaint.contains("Operation not permitted") || complaint.contains("Permission denied");
        if (strategy == SandboxStrategy.ROOT_OVERLAY && complaint.contains("cannot make") && refused) {
            return rootRemedy();
        }
        boolean namespaces = complaint.contains("namespace") || complaint.contains("uid map");
        return namespaces || refused || complaint.contains("No space left on device") ? namespaceRemedy() : "";
    }

    /** Whether it is about the filter of system calls, in the words of jdist-sandbox or of bubblewrap. */
    static boolean isOfFilter(String complaint) {
        return complaint.contains("SECCOMP") || complaint.contains("system call");
    }

    /** What to change where {@link #isOfFilter}. */
    static String filterRemedy(String complaint) {
        if (complaint.contains("filter system calls with") && complaint.contains("not implemented")) {
            return "There is a filter for x86_64 and aarch64, and for Linux 3.17 or later";
        }
        return "It needs a kernel with CONFIG_SECCOMP_FILTER; in a container, allow prctl(PR_SET_SECCOMP):"
                + " start it with --security-opt seccomp=unconfined";
    }

    /** What to change where jobs cannot have a user of their own; empty if nobody knows. */
    static String userRemedy(String complaint) {
        if (complaint.contains("userns") && complaint.contains("nknown option")) {
            return "It takes bubblewrap 0.4.0 or later";
        }
        if (complaint.contains("map the user of jobs") || complaint.contains("Invalid argument")) {
            return "The container has no such user: set [jdist] job_uid to one that it has and nobody uses, or to 0";
        }
        return "Only root can give files to another user. If jobs are to run as the builder's, set [jdist] job_uid to 0";
    }

    /** What to change where commands cannot run under a view; empty if nobody knows. */
    String viewRemedy(String complaint) {
        if (complaint.contains("cannot listen to the system calls") && complaint.contains("busy")) {
            return "Whoever runs this container listens to its system calls already, and the kernel allows one listener:"
                    + " run the builder outside of it, or in a container without a seccomp listener";
        }
        if (complaint.contains("memory of a process")) {
            return "2".equals(sysctl("kernel/yama/ptrace_scope")) || "3".equals(sysctl("kernel/yama/ptrace_scope"))
                    ? "Let a process read the memory of those that it started: sysctl kernel.yama.ptrace_scope=1"
                    : "";
        }
        if (complaint.contains("cannot let a call") || complaint.contains("cannot listen to the system calls")) {
            return "It takes Linux 5.5 or later; in a container, allow seccomp(SECCOMP_SET_MODE_FILTER):"
                    + " start it with --security-opt seccomp=unconfined";
        }
        if (complaint.contains("show views out of")) {
            return "The user of the builder must be able to enter that directory";
        }
        return "";
    }

    private String overlayRemedy(SandboxStrategy strategy, String complaint) {
        if (complaint.contains("No such device")) {
            return "The kernel has no overlayfs: try modprobe overlay";
        }
        if (complaint.contains("Permission denied")) {
            return strategy == SandboxStrategy.ROOT_OVERLAY ? rootRemedy() : namespaceRemedy();
        }
        if (complaint.contains("Operation not permitted")) {
            return strategy == SandboxStrategy.ROOT_OVERLAY ? rootRemedy() : "It needs Linux 5.11 or later";
        }
        return "The file system of build_dir does not support overlays (it is another overlay, or NFS):"
                + " set build_dir to a directory on a local disk or a volume";
    }

    private static String rootRemedy() {
        return "It needs root (sudo jdist server …), in a container with --cap-add SYS_ADMIN"
                + " --security-opt apparmor=unconfined";
    }

    /** Why user namespaces are not to be had, or give no rights: the kernel has three switches for that. */
    private String namespaceRemedy() {
        if (sysctl("kernel/unprivileged_userns_clone").equals("0")) {
            return "Allow user namespaces: sysctl kernel.unprivileged_userns_clone=1";
        }
        if (sysctl("user/max_user_namespaces").equals("0")) {
            return "Allow user namespaces: sysctl user.max_user_namespaces=15000";
        }
        if (sysctl("kernel/apparmor_restrict_unprivileged_userns").equals("1")) {
            return "AppArmor restricts user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0,"
                    + " or give lib/jdist-sandbox and bwrap a profile that allows userns";
        }
        return CONTAINER;
    }

    private String sysctl(String name) {
        try {
            return Files.readString(sysctls.resolve(name)).strip();
        } catch (IOException e) {
            return ""; // most kernels do not have all of them
        }
    }
}
