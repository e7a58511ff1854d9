"""Runs commands and tells what they took, by the kernel's own books: the same that /usr/bin/time reads."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
END_SECONDS = 10


@dataclass(frozen=True)
class Cost:
    """Seconds: by the clock, and of CPU in programs and in the kernel on their behalf."""

    wall: float
    user: float
    system: float

    @property
    def cpu(self):
        return self.user + self.system


def run(command, environment, log):
    """(exit code, cost) of a command with all its children. Whatever ends this early ends them too."""
    with open(log, "wb") as out:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
    except BaseException:
        end_session(process.pid)
        raise
    # Popen need not wait any more.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        end_session(process.pid)
    return process.returncode, Cost(wall, usage.ru_utime, usage.ru_stime)


def processes():
    """(process, parent, session, seconds in programs, seconds in the kernel) of all; the seconds with ended children."""
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (directory / "stat").read_text(errors="replace").rpartition(")")[2].split()
            ticks = [int(field) / TICK for field in fields[11:15]]
            yield int(directory.name), int(fields[1]), int(fields[3]), ticks[0] + ticks[2], ticks[1] + ticks[3]


def cpu_of_tree(root):
    """(user, system) seconds that a process and its descendants have used so far."""
    books = {process: rest for process, *rest in processes()}
    tree, found = {root}, True
    while found:
        found = {process for process, (parent, *_) in books.items() if parent in tree} - tree
        tree |= found
    used = [books[process] for process in tree if process in books]
    return sum(user for _, _, user, _ in used), sum(system for *_, system in used)


def end_session(leader):
    """
    Ends a session: kindly, so that build tools remove what is half done, then for good. A process group would not do, as
    each job of Ninja is one of its own.
    """

    def members():
        return [process for process, _, session, *_ in processes() if session == leader and not is_zombie(process)]

    def send(number):
        for process in members():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    send(signal.SIGTERM)
    end = time.monotonic() + END_SECONDS
    while members() and time.monotonic() < end:
        time.sleep(0.05)
    while members():
        send(signal.SIGKILL)
        time.sleep(0.05)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(leader, 0)


def is_zombie(process):
    try:
        return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
