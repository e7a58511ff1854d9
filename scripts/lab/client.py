"""Clients of a farm."""

import json
import subprocess
from pathlib import Path

from lab.conditions import START_SECONDS, Failure, check
from lab.daemon import Daemon
from lab.machine import HERE

SOCKET = "daemon.sock"
FOREGROUND = {"SCCACHE_START_SERVER": "1", "SCCACHE_NO_DAEMON": "1", "SCCACHE_LOG": "info"}


class Client:
    """
    A client of either kind. Its daemon runs in the foreground within the `with` block, so that its cost can be measured.

    The environment says where its settings are; `more` is for the daemon alone.
    """

    def __init__(self, program, directory, environment, kind=None, log=None, machine=HERE, **more):
        self.program = str(program)
        self.directory = Path(directory)
        self.socket = self.directory / SOCKET
        self.environment = environment | {"SCCACHE_SERVER_UDS": str(self.socket)}
        self.kind = kind
        self.log = Path(log or self.directory / "log")
        self.machine = machine
        self.more = FOREGROUND | more

    def __enter__(self):
        self.daemon = Daemon([self.program], self.environment | self.more, self.log, self.machine)
        try:
            self.daemon.await_listener(self.socket)
        except BaseException:
            self.daemon.stop()
            raise
        return self

    def __exit__(self, *_):
        self.daemon.stop()

    def run(self, *arguments, directory=None, environment=None, seconds=START_SECONDS):
        """(exit code, standard output, standard error) of the client's command line: an option, or a compiler's."""
        try:
            done = subprocess.run(
                self.machine.command([self.program, *arguments]),
                env=self.environment | (environment or {}),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            called = " ".join(map(str, arguments))
            raise Failure(f"waited {seconds} s for {self.program} {called}; its log is {self.log}") from None
        return done.returncode, done.stdout, done.stderr

    def ask(self, *arguments):
        code, out, err = self.run(*arguments)
        check(code == 0, f"{self.program} {' '.join(arguments)}: {err.decode(errors='replace').strip()}")
        return out.decode()

    def stats(self):
        return json.loads(self.ask("--show-stats", "--stats-format", "json"))["stats"]

    def farm_status(self):
        return json.loads(self.ask("--dist-status"))
