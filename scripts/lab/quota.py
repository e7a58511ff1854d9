"""Processor time that the processes of a machine have together: limited, or counted, by a cgroup of the kernel's."""

import contextlib
import os
import secrets
import signal
import time
from pathlib import Path

from lab.conditions import Failure, check, until

PREFIX = "jdist-lab."
# Short, so that a machine of 0.4 cores is slow all the time and not fast for 40 ms and dead for 60.
PERIOD = 20_000
# In microseconds; the kernel takes no less.
LEAST_QUOTA = 1_000
# As many times as a process of another cgroup weighs that competes for a processor.
WEIGHT = 50
USUAL_SHARES = 1024
USUAL_WEIGHT = 100
END_SECONDS = 10
# A group that is so old and has no process belongs to a script that was killed.
ABANDONED_SECONDS = 60
CGROUPS = Path("/sys/fs/cgroup")


class Group:
    """
    A cgroup of version 1 or 2, a child of `parent`. Processes are to join by `command`. When it is closed, whatever is still
    in it is killed.
    """

    def __init__(self, parent, files, purpose):
        self.directory = parent / f"{PREFIX}{secrets.token_hex(4)}"
        try:
            self.directory.mkdir()
            for name, text in files.items():
                (self.directory / name).write_text(text)
        except OSError as problem:
            _remove(self.directory)
            raise Failure(f"{self.directory} cannot be made a cgroup {purpose}: {problem.strerror}") from None

    @property
    def door(self):
        """The file into which a process writes 0 to join."""
        return self.directory / "cgroup.procs"

    def command(self, words):
        """The same command, but its process and all that it starts are in this cgroup. Its process is the one started."""
        join = 'echo 0 >"$1" && shift && exec "$@"'
        return ["sh", "-c", join, "sh", str(self.door), *words]

    def members(self):
        """Processes in this cgroup and in those that they made in it."""
        for file in self.directory.glob("**/cgroup.procs"):
            with contextlib.suppress(OSError):
                # Those of other process namespaces are shown as 0.
                yield from (process for process in map(int, file.read_text().split()) if process)

    def close(self):
        def empty():
            for process in self.members():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            return _remove(self.directory)

        until(empty, f"{self.directory} to have no processes", END_SECONDS, while_ending=True)


class CpuQuota(Group):
    """
    A cgroup whose processes get so many cores' time: 0.4 is 40 % of one core. Other work on this machine gives way to them,
    so that they get that much, too.
    """

    def __init__(self, cores, cgroups=CGROUPS):
        parent, files = _controller(cgroups, cores)
        remove_abandoned(cgroups)
        super().__init__(parent, files, f"of {cores} cores")


class CpuAccount(Group):
    """A cgroup that limits nothing, and knows how much processor time its processes have used, also those that are gone."""

    def __init__(self, cgroups=CGROUPS):
        parent = _accounts(cgroups)
        remove_abandoned(cgroups)
        super().__init__(parent, {}, "that counts processor time")

    def seconds(self):
        """Of all processes that are or were in it, and in cgroups in it, for as long as they were."""
        with contextlib.suppress(FileNotFoundError):
            return int((self.directory / "cpuacct.usage").read_text()) / 1e9
        words = (self.directory / "cpu.stat").read_text().split()
        return int(words[words.index("usage_usec") + 1]) / 1e6


def check_can_limit(cores, cgroups=CGROUPS):
    _controller(cgroups, cores)


def _controller(cgroups, cores):
    """(parent of cgroups, what is written into which of their files)"""
    quota = int(cores * PERIOD)
    check(quota >= LEAST_QUOTA, f"{cores} cores are too few; the least is {LEAST_QUOTA / PERIOD}")
    if (cgroups / "cpu/cpu.cfs_quota_us").exists():
        limit = {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(quota)}
        return cgroups / "cpu", limit | {"cpu.shares": str(WEIGHT * USUAL_SHARES)}
    with contextlib.suppress(OSError):
        if "cpu" in (cgroups / "cgroup.subtree_control").read_text().split():
            return cgroups, {"cpu.max": f"{quota} {PERIOD}", "cpu.weight": str(WEIGHT * USUAL_WEIGHT)}
    raise Failure(f"{cgroups} has no cpu controller, so processor time cannot be limited here")


def _accounts(cgroups):
    """The parent of cgroups that count. In those of version 2, the kernel does so without a controller."""
    for parent, sign in ("cpuacct", "cpuacct.usage"), (".", "cgroup.controllers"), ("unified", "cgroup.controllers"):
        if (cgroups / parent / sign).exists():
            return cgroups / parent
    raise Failure(f"{cgroups} has no cgroups that count processor time")


def abandoned(cgroups=CGROUPS, seconds=ABANDONED_SECONDS):
    """Groups without a process that are so old: those that scripts left when they were killed."""
    parents = [cgroups / "cpu", cgroups / "cpuacct", cgroups / "unified", cgroups]
    # Of version 1, the first two may be two names of one.
    for group in {group.resolve() for parent in parents for group in parent.glob(f"{PREFIX}*")}:
        with contextlib.suppress(OSError):
            old = time.time() - group.stat().st_mtime >= seconds
            if old and not any(file.read_text().strip() for file in group.glob("**/cgroup.procs")):
                yield group


def remove_abandoned(cgroups=CGROUPS, seconds=ABANDONED_SECONDS):
    for group in abandoned(cgroups, seconds):
        _remove(group)


def _remove(directory):
    """Whether the group is gone, with those in it."""
    try:
        for inner in directory.iterdir():
            if inner.is_dir():
                _remove(inner)
        directory.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
