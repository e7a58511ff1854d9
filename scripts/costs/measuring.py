"""Runs commands on machines whose processor time and traffic are counted."""

import contextlib
import os
import select
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import check
from lab.isolation import ends_with_this

TICK = os.sysconf("SC_CLK_TCK")
TAIL_LINES = 15
# No unit takes that long, but one that waits for something that does not come.
MOST_SECONDS = 300
# What follows an answer, such as storing it, is part of the cost. It has ended when so little is used in such a time.
QUIET_SECONDS = 0.1
QUIET_USE = 0.002
MOST_SECONDS_UNTIL_QUIET = 10


class Caller:
    """
    Who calls the compiler on a counted machine: a shell that is on its network and not in its count. Its children are the
    commands, which join the count as the last they do before they are themselves: what starts them takes as much as a good
    launcher does.
    """

    def __init__(self, machine, environment, log):
        self.machine = machine
        self.log = log
        self.shell = subprocess.Popen(
            ends_with_this(machine.namespace.command(["sh"]), "KILL"),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shell.kill()
        self.shell.communicate()

    def run(self, words, directory):
        """Seconds that a command takes by the clock. `words` begin with a path."""
        place, log, door = (shlex.quote(str(path)) for path in (directory, self.log, self.machine.group.door))
        line = f"(cd {place} && echo 0 >{door} && exec {shlex.join(words)}) >{log} 2>&1 </dev/null; echo $?\n"
        started = time.perf_counter()
        self.shell.stdin.write(line)
        answers, _, _ = select.select([self.shell.stdout], [], [], MOST_SECONDS)
        check(answers, f"{shlex.join(words)} in {directory} has not ended after {MOST_SECONDS} s")
        code = self.shell.stdout.readline().strip()
        taken = time.perf_counter() - started
        check(code == "0", f"{shlex.join(words)} in {directory} ended with {code or 'its shell'}:\n{tail(self.log)}")
        return taken


def tail(log):
    return "\n".join(Path(log).read_text(errors="replace").splitlines()[-TAIL_LINES:])


def await_quiet(machines):
    end = time.monotonic() + MOST_SECONDS_UNTIL_QUIET
    used = sum(machine.group.seconds() for machine in machines)
    while time.monotonic() < end:
        time.sleep(QUIET_SECONDS)
        before, used = used, sum(machine.group.seconds() for machine in machines)
        if used - before < QUIET_USE:
            return


@dataclass(frozen=True)
class Cost:
    """What one unit took: seconds and bytes. Of a way without a builder, what is the builder's is None."""

    client: float
    sent: int
    received: int
    wall: float
    host: float | None
    job: float | None


@dataclass(frozen=True)
class Reading:
    """Of the counts of a client, and of its builder's machine if there is one, at one moment."""

    client: float
    received: int
    sent: int
    host: float | None
    processes: dict

    @staticmethod
    def of(client, host):
        machines = [client, host] if host else [client]
        await_quiet(machines)
        received, sent = client.traffic()
        processes = {process: _own_seconds(process) for process in host.group.members()} if host else {}
        return Reading(client.group.seconds(), received, sent, host.group.seconds() if host else None, processes)

    def cost_since(self, before, wall, units):
        """
        Of one of so many units. A job is all that has ended: daemons are there before and after, and what they have used is
        the difference between the builder's machine and the jobs.
        """
        host = job = None
        if self.host is not None:
            host = self.host - before.host
            stayed = self.processes.keys() & before.processes.keys()
            daemons = sum(self.processes[process] - before.processes[process] for process in stayed)
            job = max(0.0, host - daemons) / units
            host /= units
        return Cost(
            (self.client - before.client) / units,
            (self.sent - before.sent) / units,
            (self.received - before.received) / units,
            wall / units,
            host,
            job,
        )


def _own_seconds(process):
    """Of one process without its children."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    return 0.0
