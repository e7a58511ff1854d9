"""The farm to which things happen: a scheduler, three builders and a client, each on a machine of its own."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
from pathlib import Path

from chaos.proxy import Proxy
from lab.conditions import Failure, check, until
from lab.client import FOREGROUND, SOCKET
from lab.daemon import Daemon, clean_environment
from lab.farm import (
    BUILDER_PORT,
    SCHEDULER_PORT,
    Tokens,
    builder_settings,
    client_settings,
    scheduler_settings,
    status,
    toml,
)
from lab.switch import Switch

BUILDERS = 3
WRITER = r"""
#include <stdio.h>
#include <string.h>
int main(int count, char **words)
{
    for (int i = 1; i < count - 1; i++)
        if (strcmp(words[i], "-o") == 0) {
            FILE *object = fopen(words[i + 1], "w");
            return object == NULL || fputs("TEXT", object) < 0 || fclose(object) != 0;
        }
    return 0;
}
"""
INNER_PORT = BUILDER_PORT + 1
# What a farm of this size needs, and little more: large enough for one toolchain, packed and unpacked.
DISK_MEGABYTES = 400
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"
# Programs that end with 0, and make something else than an assembler does, or nothing.
LIARS = {
    "none": "int main(void) { return 0; }",
    "empty": WRITER.replace("TEXT", ""),
    "text": WRITER.replace("TEXT", "no object"),
}


class Part:
    """A daemon that can be stopped, killed and started again, with a disk of its own."""

    def __init__(self, name, machine, command, environment, directory, endpoint):
        self.name = name
        self.machine = machine
        self.command = command
        self.environment = environment
        self.directory = directory
        self.endpoint = endpoint
        self.daemon = None
        # By how much its clock is off, as faketime has it.
        self.clock = None

    def start(self):
        environment = self.environment | (
            {"LD_PRELOAD": FAKETIME, "FAKETIME": self.clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}
            if self.clock
            else {}
        )
        self.daemon = Daemon(self.command, environment, self.directory / "log", self.machine)
        self.daemon.await_listener(self.endpoint)

    def kill(self):
        self.daemon.send(signal.SIGKILL)
        self.daemon.stop()

    def stop(self):
        self.daemon.stop()

    def pause(self):
        self.daemon.send(signal.SIGSTOP)

    def resume(self):
        self.daemon.send(signal.SIGCONT)

    @property
    def disk(self):
        return self.directory / "disk"


class ClientPart(Part):
    """The client's daemon. While there is none, a launcher may have started one of its own: that has to make way."""

    def start(self):
        until(self._takes_the_socket, f"the client's daemon to be the one at {self.endpoint}")

    def _takes_the_socket(self):
        subprocess.run(
            self.machine.command([*self.command, "--stop-server"]),
            env=self.launcher_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        try:
            super().start()
        except Failure:
            if self.daemon.exit_code() is None:
                raise
        until(lambda: self.daemon.exit_code() is not None or self._has_the_socket(), "an answer of the daemon")
        return self.daemon.exit_code() is None

    def launcher_environment(self):
        return {name: value for name, value in self.environment.items() if name not in FOREGROUND}

    def _has_the_socket(self):
        with socket.socket(socket.AF_UNIX) as caller, contextlib.suppress(OSError):
            caller.connect(str(self.endpoint))
            owner, _, _ = struct.unpack("3i", caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            return owner == self.daemon.pid
        return False


class Site:
    """All parts. To be used in a mount namespace of one's own."""

    def __init__(self, stack, programs, kind, directory):
        self.stack = stack
        self.launcher = programs.client(kind)
        self.farm_program = programs.farm(kind)
        self.directory = directory
        self.tokens = Tokens.random()
        self.switch = stack.enter_context(Switch())
        self.url = None
        self.liars = {lie: self._liar(lie, source) for lie, source in LIARS.items()}
        self.scheduler = self._scheduler()
        self.builders = [self._builder(number) for number in range(1, BUILDERS + 1)]
        self.client = self._client()
        for part in (self.scheduler, *self.builders, self.client):
            part.start()
            stack.callback(part.stop)
        self.await_builders()

    def _liar(self, lie, source):
        self.directory.mkdir(exist_ok=True)
        program = self.directory / f"as-{lie}"
        # Static: no toolchain has the libraries of this machine.
        command = ["gcc", "-static", "-x", "c", "-", "-o", str(program)]
        subprocess.run(command, input=source, text=True, check=True)
        return program

    def await_builders(self):
        until(
            lambda: status(self.url, self.scheduler.machine)["num_servers"] == len(self.builders),
            f"{len(self.builders)} builders",
        )

    def _part(self, name, words, settings, endpoint, machine, kind=Part, **more):
        """`words` are what a part of the farm is started by; a client has none."""
        directory = self.directory / name
        (directory / "disk").mkdir(parents=True)
        size = f"size={DISK_MEGABYTES}m,mode=755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", directory / "disk"], check=True)
        (directory / "settings").write_text(settings(directory / "disk"))
        (directory / "settings").chmod(0o600)
        environment = clean_environment(directory / "home", **({"SCCACHE_LOG": "info"} | more))
        command = (
            [self.farm_program, *words, "--config", str(directory / "settings")] if words else [self.launcher]
        )
        return kind(name, machine, command, environment, directory, endpoint)

    def _scheduler(self):
        machine = self.switch.add("scheduler")
        address = f"{machine.ip}:{SCHEDULER_PORT}"
        self.url = f"http://{address}"
        return self._part(
            "scheduler",
            ["scheduler"],
            lambda disk: scheduler_settings(address, self.tokens),
            address,
            machine,
            SCCACHE_NO_DAEMON="1",
        )

    def _builder(self, number):
        machine = self.switch.add(f"builder{number}")
        address = f"{machine.ip}:{BUILDER_PORT}"
        # The last one is behind a proxy.
        proxied = number == BUILDERS
        bound = f"{machine.ip}:{INNER_PORT}" if proxied else address
        part = self._part(
            machine.name,
            ["server"],
            lambda disk: builder_settings(
                disk, address, self.url, self.tokens, own=f"bind_address = {toml(bound)}\n"
            ),
            bound,
            machine,
        )
        if proxied:
            self.proxy = Proxy(machine, BUILDER_PORT, INNER_PORT)
            self.stack.callback(self.proxy.close)
        return part

    def _client(self):
        machine = self.switch.add("client")
        directory = self.directory / "client"
        part = self._part(
            "client",
            [],
            lambda disk: client_settings(disk / "packed", self.url, self.tokens.client),
            directory / SOCKET,
            machine,
            ClientPart,
            SCCACHE_CONF=str(directory / "settings"),
            SCCACHE_DIR=str(directory / "disk/cache"),
            SCCACHE_SERVER_UDS=str(directory / SOCKET),
        )
        part.environment |= FOREGROUND
        return part

    def launcher_environment(self):
        return self.client.launcher_environment() | {
            # Each build is compiled, whatever the builds before have left in the cache.
            "SCCACHE_RECACHE": "1",
        }

    def replace_scheduler(self, token):
        """Another scheduler at the same address, which knows nothing of the first one's jobs."""
        self.scheduler.kill()
        tokens = Tokens(token, self.tokens.server)
        (self.scheduler.directory / "settings").write_text(scheduler_settings(self.scheduler.endpoint, tokens))
        self.scheduler.start()

    def compilers_of_jobs(self):
        """The processes of compilers that run on builders."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "comm").read_text().strip() == "cc1" and self._is_job(process):
                    yield int(process.name)

    def _is_job(self, process):
        return os.readlink(process / "ns/pid") != os.readlink("/proc/self/ns/pid")

    def check_all_run(self):
        for part in (self.scheduler, *self.builders, self.client):
            part.daemon.check_runs()

    def check_nothing_left(self):
        """Once all is quiet, no job and none of its files may be there."""
        until(lambda: status(self.url, self.scheduler.machine)["in_progress"] == 0, "no job to be under way", 120)
        check(not list(self.compilers_of_jobs()), "compilers of jobs still run")
        for builder in self.builders:
            left = [path for path in (builder.disk / "toolchains/outputs").glob("*") if path.is_file()]
            check(not left, f"{builder.name} has outputs that nobody takes: {left}")
