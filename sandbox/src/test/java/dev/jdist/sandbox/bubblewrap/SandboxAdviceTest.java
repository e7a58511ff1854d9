package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads when a machine cannot run jobs in some way: it says what to change. */
class SandboxAdviceTest {
    @TempDir
    private Path sysctls;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ROOT_OVERLAY|jdist-sandbox: cannot make a mount namespace: Operation not permitted|sudo jdist server",
                "ROOT_OVERLAY|jdist-sandbox: cannot make mounts private: Permission denied|--cap-add SYS_ADMIN",
                "ROOT_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: Operation not permitted|sudo jdist server",
                "ROOT_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: Permission denied|apparmor=unconfined",
                "ROOT_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: Invalid argument|on a local disk",
                "ROOT_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: No such device|modprobe overlay",
                "ROOTLESS_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: Operation not permitted|Linux 5.11",
                "ROOTLESS_OVERLAY|jdist-sandbox: cannot mount an overlay on /x: Invalid argument|on a local disk",
                "ROOTLESS_OVERLAY|jdist-sandbox: cannot make a user namespace: Operation not permitted|seccomp",
                "BWRAP_OVERLAY|bwrap: Can't make overlay mount on /newroot/: Invalid argument|on a local disk",
                "BWRAP_OVERLAY|bwrap: Can't make overlay mount on /newroot/: No such device|modprobe overlay",
                "DIRECTORY|bwrap: Creating new namespace failed: Operation not permitted|seccomp=unconfined",
                "DIRECTORY|bwrap: No permissions to create new namespace, likely because|seccomp=unconfined",
                "DIRECTORY|bwrap: Can't mount proc on /newroot/proc: Operation not permitted|systempaths=unconfined",
                "DIRECTORY|bwrap: execvp /lower/true: Permission denied|noexec"
            })
    void remedy_ofAKnownComplaint_saysWhatToDo(SandboxStrategy strategy, String complaint, String wanted) {
        String remedy = new SandboxAdvice(sysctls).remedy(strategy, complaint);

        assertTrue(remedy.contains(wanted), remedy);
    }

    /** One of the kernel's switches is set, so it is that one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kernel/unprivileged_userns_clone|0|kernel.unprivileged_userns_clone=1",
                "user/max_user_namespaces|0|user.max_user_namespaces=15000",
                "kernel/apparmor_restrict_unprivileged_userns|1|kernel.apparmor_restrict_unprivileged_userns=0",
                "kernel/unprivileged_userns_clone|1|seccomp=unconfined",
                "user/max_user_namespaces|96364|seccomp=unconfined",
                "kernel/apparmor_restrict_unprivileged_userns|0|seccomp=unconfined"
            })
    void remedy_ofRefusedNamespaces_namesTheSwitchThatIsToBlame(String sysctl, String value, String wanted)
            throws IOException {
        Path file = sysctls.resolve(sysctl);
        Files.createDirectories(file.getParent());
        Files.writeString(file, value + "\n");
        SandboxAdvice advice = new SandboxAdvice(sysctls);

        for (String complaint : new String[] {
            "jdist-sandbox: cannot make a user namespace: Operation not permitted",
            "jdist-sandbox: cannot make a user namespace: No space left on device",
            "jdist-sandbox: cannot write /proc/self/uid_map: Operation not permitted",
            "jdist-sandbox: cannot make mounts private: Permission denied",
            "bwrap: setting up uid map: Permission denied",
            "bwrap: Creating new namespace failed: No space left on device",
            "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted"
        }) {
            String remedy = advice.remedy(SandboxStrategy.ROOTLESS_OVERLAY, complaint);
            assertTrue(remedy.contains(wanted), complaint + " -> " + remedy);
        }
    }

    @Test
    void remedy_ofAnythingElse_isNone() {
        SandboxAdvice advice = new SandboxAdvice(sysctls);

        assertEquals("", advice.remedy(SandboxStrategy.DIRECTORY, "something new"));
    }
}
