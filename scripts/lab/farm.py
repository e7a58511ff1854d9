"""Schedulers, builders and clients of either kind, on this machine or on others. Each ends with its `with` block."""

import contextlib
import http.client
import itertools
import json
import secrets
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab.client import Client
from lab.conditions import check, until
from lab.daemon import Daemon, clean_environment
from lab.machine import HERE
from lab.ports import free_address

STOCK = "stock"
JDIST = "jdist"
KINDS = (STOCK, JDIST)

BWRAP = shutil.which("bwrap") or "/usr/bin/bwrap"
# What a builder's log says once its scheduler has refused a heartbeat.
REFUSED = {STOCK: "Failed to send heartbeat to server: Error 401", JDIST: "refuses this builder"}
# On machines of their own; on this one, ports are whatever is free.
SCHEDULER_PORT = 10600
BUILDER_PORT = 10501


@dataclass(frozen=True)
class Programs:
    """What to type for each part of each kind."""

    sccache: Path
    jdist: Path

    def client(self, kind):
        return str(self.sccache / "sccache" if kind == STOCK else self.jdist / "jdist")

    def farm(self, kind):
        """The program with the subcommands scheduler, server and auth."""
        return str(self.sccache / "sccache-dist" if kind == STOCK else self.jdist / "jdist")

    def version(self):
        """Of the real program: (0, 19), so that versions compare."""
        return tuple(int(part) for part in self.release().split()[-1].split(".")[:2])

    def release(self):
        """The real program's name and release, as it tells them."""
        return subprocess.run(
            [self.client(STOCK), "--version"], check=True, capture_output=True, text=True
        ).stdout.strip()


@dataclass(frozen=True)
class Tokens:
    """The shared secrets of a farm."""

    client: str
    server: str

    @staticmethod
    def random():
        return Tokens(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def toml(text):
    """A TOML string."""
    return json.dumps(str(text))


@dataclass(frozen=True)
class Farm:
    """A scheduler, and builders by address with their kinds; and the programs of both."""

    url: str
    tokens: Tokens
    builders: dict
    daemons: list = field(default_factory=list)


class Lab:
    """A directory with the programs at hand: starts parts of farms in it. Logs go there too, or to `logs` by machine."""

    def __init__(self, programs, directory, logs=None):
        self.programs = programs
        self.directory = Path(directory)
        self.logs = logs
        self.numbers = itertools.count(1)

    def new_directory(self, name):
        directory = self.directory / f"{next(self.numbers)}-{name}"
        directory.mkdir(parents=True)
        return directory

    def run(self, *command, **environment):
        """What a command of either program does: (exit code, standard output, standard error)."""
        done = subprocess.run(
            command,
            env=clean_environment(self.directory / "home", **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextlib.contextmanager
    def scheduler(self, kind, tokens, address=None, server_auth=None, own="", machine=HERE, daemons=None):
        """Yields its address, once it listens; `own` are settings that only one kind has."""
        directory = self.new_directory(f"scheduler-{kind}")
        address = address or _address(machine, SCHEDULER_PORT)
        settings = scheduler_settings(address, tokens, server_auth) + own
        with self._part(kind, "scheduler", settings, directory, address, machine, SCCACHE_NO_DAEMON="1") as daemon:
            if daemons is not None:
                daemons.append(daemon)
            yield address

    @contextlib.contextmanager
    def builder(self, kind, scheduler_url, tokens, address=None, auth=None, directory=None, machine=HERE, daemons=None):
        """Yields its address, once it listens. In the directory of another it is that one, started again."""
        directory = directory or self.new_directory(f"builder-{kind}")
        address = address or _address(machine, BUILDER_PORT)
        settings = builder_settings(directory, address, scheduler_url, tokens, auth)
        with self._part(kind, "server", settings, directory, address, machine) as daemon:
            if daemons is not None:
                daemons.append(daemon)
            yield address

    @contextlib.contextmanager
    def _part(self, kind, role, settings, directory, address, machine, **more):
        config = directory / f"{role}.conf"
        config.write_text(settings)
        log = directory / "log"
        if self.logs:
            log = self.logs / f"{machine.name}-{'builder' if role == 'server' else role}.log"
        environment = clean_environment(directory / "home", SCCACHE_LOG="info", **more)
        with Daemon([self.programs.farm(kind), role, "--config", str(config)], environment, log, machine) as daemon:
            daemon.await_listener(address)
            yield daemon

    def check_refused(self, kind, url, tokens, message, **more):
        """A builder whose scheduler has answered its heartbeat with a refusal, and which did not join all the same."""
        directory = self.new_directory(f"builder-{kind}")
        before = status(url)["num_servers"]
        with self.builder(kind, url, tokens, directory=directory, **more):
            until(
                lambda: REFUSED[kind] in (directory / "log").read_text() or status(url)["num_servers"] != before,
                f"a {kind} builder to be refused",
            )
            check(status(url)["num_servers"] == before, message)

    @contextlib.contextmanager
    def farm(self, scheduler_kind, builder_kinds, machines=None):
        """
        Yields a farm, once all builders have registered: all on this machine, or one builder on each of the machines, and
        the scheduler on the first.
        """
        tokens = Tokens.random()
        machines = machines or [HERE] * len(builder_kinds)
        daemons = []
        with contextlib.ExitStack() as stack:
            scheduler = self.scheduler(scheduler_kind, tokens, machine=machines[0], daemons=daemons)
            url = "http://" + stack.enter_context(scheduler)
            builders = [
                stack.enter_context(self.builder(kind, url, tokens, machine=machine, daemons=daemons))
                for kind, machine in zip(builder_kinds, machines, strict=True)
            ]

            def complete():
                for daemon in daemons:
                    daemon.check_runs()
                return status(url, machines[0])["num_servers"] == len(builders)

            until(complete, f"{len(builders)} builders")
            yield Farm(url, tokens, dict(zip(builders, builder_kinds, strict=True)), daemons)

    @contextlib.contextmanager
    def client(self, kind, scheduler_url, token, toolchains="", packed=None, machine=HERE, **variables):
        """
        Yields a client that has compiled nothing yet, with a directory of its own. If the directory `packed` is given, it
        has packed the compilers there. Variables are for its daemon and its command lines.
        """
        directory = self.new_directory(f"client-{kind}")
        config = directory / "config"
        config.write_text(client_settings(packed or directory / "packed", scheduler_url, token) + toolchains)
        environment = clean_environment(
            directory / "home", SCCACHE_CONF=str(config), SCCACHE_DIR=str(directory / "cache"), **variables
        )
        with Client(self.programs.client(kind), directory, environment, kind, machine=machine) as client:
            yield client


def scheduler_settings(address, tokens, server_auth=None):
    return (
        f"public_addr = {toml(address)}\n"
        f'[client_auth]\ntype = "token"\ntoken = {toml(tokens.client)}\n'
        + (server_auth or f'[server_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n')
    )


def builder_settings(directory, address, scheduler_url, tokens, auth=None, own=""):
    """Of a builder with all its files in a directory; `own` are settings of the top level that only one kind has."""
    return (
        f"cache_dir = {toml(directory / 'toolchains')}\n"
        f"public_addr = {toml(address)}\n"
        f"scheduler_url = {toml(scheduler_url)}\n"
        + own
        + f'[builder]\ntype = "overlay"\nbuild_dir = {toml(directory / "build")}\nbwrap_path = {toml(BWRAP)}\n'
        + (auth or f'[scheduler_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n')
    )


def client_settings(packed, scheduler_url, token):
    return (
        (f"[dist]\nscheduler_url = {toml(scheduler_url)}\n" if scheduler_url else "[dist]\n")
        + f"cache_dir = {toml(packed)}\n"
        + (f'[dist.auth]\ntype = "token"\ntoken = {toml(token)}\n' if token else "")
    )


def _address(machine, port):
    return f"{machine.ip}:{port}" if machine.namespace else free_address(machine.ip)


def status(url, machine=HERE):
    """What the scheduler itself says of its farm, asked from a machine."""
    address = url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.sock = machine.connect(address, 10)
    try:
        connection.request("GET", "/api/v1/scheduler/status", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        check(answer.status == 200, f"{url} answered {answer.status} to a question for its status")
        return json.loads(body)
    finally:
        connection.close()
