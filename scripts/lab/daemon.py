"""Programs that run until they are stopped."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from lab.conditions import START_SECONDS, Failure, check, ending, until
from lab.isolation import ends_with_this
from lab.machine import HERE

STOP_SECONDS = 15
TAIL_LINES = 20
# For whoever ends this program.
running = set()


class Daemon:
    """
    A program in a session of its own on a machine, its output in a file. It ends with the `with` block, and also if this
    process is killed, or if the thread ends that started it.
    """

    def __init__(self, command, environment, log, machine=HERE):
        self.words = [str(word) for word in command]
        self.machine = machine
        self.log = Path(log)
        # (user, system) seconds of it and of its children, once it has ended.
        self.used = (0.0, 0.0)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                machine.command(ends_with_this(self.words, "TERM")),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running.add(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def exit_code(self):
        """None while it runs."""
        if self.process.returncode is None:
            # Popen would not tell what the process has used.
            ended, status, usage = os.wait4(self.pid, os.WNOHANG)
            if ended:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.used = (usage.ru_utime, usage.ru_stime)
        return self.process.returncode

    def check_runs(self):
        code = self.exit_code()
        check(code is None, f"{' '.join(self.words)} ended with {code}:\n{self.tail()}")

    def await_listener(self, endpoint, seconds=START_SECONDS):
        """Waits until it accepts connections at "IP:PORT", or at the Unix socket at a Path."""

        def listens():
            self.check_runs()
            return self.machine.listens(endpoint)

        try:
            until(listens, f"a listener at {endpoint}", seconds)
        except Failure as failure:
            raise Failure(f"{failure}; the log of {' '.join(self.words)} ends so:\n{self.tail()}") from None

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def cpu_seconds(self):
        """Of the process and of those of its children that have ended."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        running.discard(self)
        self.send(signal.SIGTERM)
        if not self.ends_within(STOP_SECONDS):
            self.send(signal.SIGKILL)
            self.ends_within(STOP_SECONDS)
        # What the group still holds are jobs of a builder that is gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def send(self, number):
        # Popen would wait for the process first, and forget what it has used.
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def ends_within(self, seconds):
        end = time.monotonic() + seconds
        while self.exit_code() is None and time.monotonic() < end:
            time.sleep(0.02)
        return self.process.returncode is not None


def end_all():
    """Has every daemon end, so that nothing in this program still waits for one."""
    ending.set()
    for daemon in tuple(running):
        daemon.send(signal.SIGTERM)


def clean_environment(home, **more):
    """Nothing of the caller's settings, and nothing that could land in the caller's home directory."""
    Path(home).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "JDIST_JAVA", "TMPDIR") if name in os.environ}
    return kept | {"HOME": str(home), "LC_ALL": "C.UTF-8"} | more
