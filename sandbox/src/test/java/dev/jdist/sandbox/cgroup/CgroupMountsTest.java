package dev.jdist.sandbox.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {
    private static final List<String> HYBRID_MOUNTS = List.of(
            "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct",
            "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
            "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids",
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw");

    @Test
    void v1_hybridMachine_isThePathBelowTheMountOfTheController() {
        CgroupMounts mounts = new CgroupMounts(
                List.of("8:pids:/", "4:memory:/system.slice/a:b", "2:cpu,cpuacct:/x", "1:name=systemd:/", "0::/y"),
                HYBRID_MOUNTS);

        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/memory/system.slice/a:b")), mounts.v1("memory"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/pids")), mounts.v1("pids"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/cpu,cpuacct/x")), mounts.v1("cpuacct"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/unified/y")), mounts.v2());
        assertEquals(Optional.empty(), mounts.v1("freezer"));
    }

    @Test
    void v2_unifiedMachine_isThePathBelowTheMount() {
        CgroupMounts mounts = new CgroupMounts(
                List.of("0::/system.slice/jdist.service"),
                List.of("30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec - cgroup2 cgroup2 rw,nsdelegate"));

        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/system.slice/jdist.service")), mounts.v2());
        assertEquals(Optional.empty(), mounts.v1("memory"));
    }

    /** A container that sees but a part of the hierarchy, under the names of the whole. */
    @Test
    void v1_mountOfAPart_isRelativeToIt() {
        CgroupMounts mounts = new CgroupMounts(
                List.of("4:memory:/docker/abc/inner", "5:pids:/elsewhere"),
                List.of(
                        "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
                        "36 31 0:32 /docker/abc /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids"));

        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/memory/inner")), mounts.v1("memory"));
        assertEquals(Optional.empty(), mounts.v1("pids"));
    }

    @Test
    void anyVersion_machineWithoutCgroups_isNothing() {
        CgroupMounts mounts = new CgroupMounts(List.of(""), List.of("1 1 0:1 / / rw - ext4 /dev/sda rw", "junk"));

        assertEquals(Optional.empty(), mounts.v1("memory"));
        assertEquals(Optional.empty(), mounts.v2());
    }
}
