"""jdist's daemon on this machine, one of its own for each build: the one of the person who measures is left alone."""

import contextlib
import json
import os
import subprocess
from pathlib import Path

from lab.accounting import cpu_of_tree, processes
from lab.client import SOCKET, Client
from lab.conditions import Failure
from lab.daemon import STOP_SECONDS
from lab.machine import HERE

# Of the person's settings, only where a login's token is. Others would change what is measured.
KEPT = "SCCACHE_CACHED_CONF"
DROPPED = ("SCCACHE_", "CMAKE_C_COMPILER_LAUNCHER", "CMAKE_CXX_COMPILER_LAUNCHER", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def plain_environment():
    return {name: value for name, value in os.environ.items() if name == KEPT or not name.startswith(DROPPED)}


class MeasuredClient(Client):
    """
    A client with these settings, an object of its settings file. After the `with` block, `used` tells its daemon's (user,
    system) seconds since `begin_count`, and `started` those before.
    """

    def __init__(self, jdist, settings, cache, work, log, machine=HERE):
        self.settings = Path(work, "client.json")
        cached = {"dir": str(cache)} | {
            key: value
            for key, value in settings.get("cache", {}).get("disk", {}).items()
            if key in ("size", "preprocessor_cache_mode")
        }
        self.text = json.dumps(settings | {"cache": {"disk": cached}})
        self.started = self.used = (0.0, 0.0)
        environment = plain_environment() | {"SCCACHE_CONF": str(self.settings)}
        super().__init__(jdist, work, environment, log=log, machine=machine, SCCACHE_IDLE_TIMEOUT="0")

    def __enter__(self):
        self.settings.unlink(missing_ok=True)
        with open(os.open(self.settings, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(self.text)
        self.log.unlink(missing_ok=True)
        super().__enter__()
        self.begin_count()
        return self

    def __exit__(self, *_):
        """Lets it end by itself, so that what it still writes into the cache counts."""
        with contextlib.suppress(Failure, OSError, subprocess.TimeoutExpired):
            self.ask("--stop-server")
            self.daemon.ends_within(STOP_SECONDS)
        self.daemon.stop()
        self.used = tuple(used - started for used, started in zip(self.daemon.used, self.started, strict=True))

    def begin_count(self):
        self.started = cpu_of_tree(self.daemon.pid)


def others(work):
    """Daemons with a socket in this directory that launchers may have started because another one was gone."""
    wanted = f"SCCACHE_SERVER_UDS={Path(work, SOCKET)}".encode()
    for process, *_ in processes():
        with contextlib.suppress(OSError):
            if process != os.getpid() and wanted in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
                yield process
