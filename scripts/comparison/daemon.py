"""jdist's daemon on this machine, one of its own for each build: the one of the person who measures is left alone."""

import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path

from farm import STOP_SECONDS, Process, check, until
from measure import cpu_of_tree, processes

# Of the person's settings, only where a login's token is. Others would change what is measured.
KEPT = "SCCACHE_CACHED_CONF"
DROPPED = ("SCCACHE_", "CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
SOCKET = "daemon.sock"
# On a machine that does much else, a JVM takes its time.
PATIENCE_SECONDS = 180


def plain_environment():
    return {name: value for name, value in os.environ.items() if name == KEPT or not name.startswith(DROPPED)}


class Daemon:
    """
    Runs from `with` to its end, with these settings, an object of the client's file. Then `used` tells its (user, system)
    seconds since `begin_count`, and `started` those before.
    """

    def __init__(self, jdist, settings, cache, work, log):
        self.jdist = str(jdist)
        self.log = Path(log)
        self.settings = Path(work, "client.json")
        cached = {"dir": str(cache)} | {
            key: value
            for key, value in settings.get("cache", {}).get("disk", {}).items()
            if key in ("size", "preprocessor_cache_mode")
        }
        self.text = json.dumps(settings | {"cache": {"disk": cached}})
        self.socket = Path(work, SOCKET)
        self.environment = plain_environment() | {
            "SCCACHE_CONF": str(self.settings),
            "SCCACHE_SERVER_UDS": str(self.socket),
        }
        self.started = self.used = (0.0, 0.0)

    def __enter__(self):
        self.settings.unlink(missing_ok=True)
        with open(os.open(self.settings, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(self.text)
        self.log.unlink(missing_ok=True)
        foreground = {
            "SCCACHE_START_SERVER": "1",
            "SCCACHE_NO_DAEMON": "1",
            "SCCACHE_IDLE_TIMEOUT": "0",
            "SCCACHE_LOG": "info",
        }
        # If this program is killed, its daemon is to go too.
        command = ["setpriv", "--pdeathsig", "TERM", self.jdist]
        self.process = Process(command, self.environment | foreground, self.log)
        try:
            until(self._listens, "jdist's daemon", PATIENCE_SECONDS)
        except BaseException:
            self._stop()
            raise
        self.begin_count()
        return self

    def __exit__(self, *_):
        self._stop()

    def _listens(self):
        self.process.check_runs()
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.socket))
            return True
        return False

    def begin_count(self):
        self.started = cpu_of_tree(self.process.pid)

    def _ask(self, option, *more):
        return subprocess.run(
            [self.jdist, option, *more],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def ask(self, option, *more):
        answer = self._ask(option, *more)
        check(answer.returncode == 0, f"jdist {option} failed: {answer.stderr.strip()}")
        return answer.stdout

    def stats(self):
        return json.loads(self.ask("--show-stats", "--stats-format", "json"))["stats"]

    def farm_status(self):
        return json.loads(self.ask("--dist-status"))

    def _stop(self):
        """Lets it end by itself, so that what it still writes into the cache counts."""
        process = self.process.process
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._ask("--stop-server")
        end = time.monotonic() + STOP_SECONDS
        while process.returncode is None and time.monotonic() < end:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                self.used = (usage.ru_utime - self.started[0], usage.ru_stime - self.started[1])
            else:
                time.sleep(0.02)
        if process.returncode is None:
            self.process.stop()


def others(work):
    """Daemons with a socket in this directory that launchers may have started because another one was gone."""
    wanted = f"SCCACHE_SERVER_UDS={Path(work, SOCKET)}".encode()
    for process, *_ in processes():
        with contextlib.suppress(OSError):
            if process != os.getpid() and wanted in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
                yield process
