"""
Two machines, each with a builder and a user who builds on it. One is upgraded in mid-build from the real sccache to jdist, the
other from jdist to the real sccache, and their scheduler too: no build fails, and every object is that of a plain build.
"""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lab.client import Client
from lab.conditions import START_SECONDS, check, until
from lab.daemon import Daemon, clean_environment
from lab.farm import BUILDER_PORT, JDIST, KINDS, SCHEDULER_PORT, STOCK, Tokens, client_settings, status
from lab.project import objects
from lab.switch import Switch
from matrix import Project, warm_up
from pieces import side_by_side
from report import say, table

COMPILER = "gcc"
OTHER = {STOCK: JDIST, JDIST: STOCK}
# What each build makes between two steps of the upgrade, and at most during one: it is to last longer than they do.
UNITS_BETWEEN = 3
UNITS_MEANWHILE = 10
JOBS = 3
PACE_SECONDS = 0.05
BUILD_SECONDS = 300
LEFT_SECONDS = 15
SCHEDULER, BUILDERS, CLIENTS = "scheduler", "builders", "clients"


@dataclass(frozen=True)
class Plan:
    """What is replaced in which order; a scheduler knows no builder until it has heard of it, so those are replaced later."""

    scheduler: str
    steps: tuple

    def title(self):
        return ", ".join(self.steps)


PLANS = (
    Plan(STOCK, (SCHEDULER, BUILDERS, CLIENTS)),
    Plan(JDIST, (CLIENTS, SCHEDULER, BUILDERS)),
)


class Part:
    """A scheduler or builder. It is replaced by one of the other kind at the same address, with the same files."""

    def __init__(self, stack, kind, start):
        self.kind = kind
        self.start = start
        self.running = stack.enter_context(contextlib.ExitStack())
        self.running.enter_context(start(kind))

    def replace(self):
        self.running.close()
        self.kind = OTHER[self.kind]
        self.running.enter_context(self.start(self.kind))


class InPlace(Client):
    """A client as users have it: its daemon runs in the background, where it is by default, and the first compile starts it."""

    def __init__(self, program, directory, environment, kind, machine):
        super().__init__(program, directory, environment, kind, machine=machine)
        self.environment = environment

    def processes(self):
        """Of this program, daemon and launchers."""
        program = os.path.realpath(self.program)
        found = []
        for process in self.machine.namespace.members():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{process}/exe") == program:
                    found.append(process)
        return found


class User:
    """Somebody who builds on a machine. The build knows the launcher by one name, which is a link to either program."""

    def __init__(self, lab, machine, kind, url, token):
        self.machine = machine
        self.kind = kind
        self.directory = lab.new_directory(f"user-{machine.name}")
        config = self.directory / "config"
        # A launcher of sccache fails if its daemon takes longer than 10 s to start.
        timeout = f"server_startup_timeout_ms = {1000 * START_SECONDS}\n"
        config.write_text(timeout + client_settings(self.directory / "packed", url, token))
        runtime = self.directory / "run"
        runtime.mkdir(mode=0o700)
        self.log = self.directory / "log"
        environment = clean_environment(
            self.directory / "home",
            SCCACHE_CONF=str(config),
            SCCACHE_DIR=str(self.directory / "cache"),
            SCCACHE_LOG="info",
            SCCACHE_ERROR_LOG=str(self.log),
            XDG_RUNTIME_DIR=str(runtime),
        )
        self.clients = {
            each: InPlace(lab.programs.client(each), self.directory, environment, each, machine) for each in KINDS
        }
        # jdist goes by this name too.
        self.launcher = self.directory / "sccache"
        self.link()

    @property
    def client(self):
        return self.clients[self.kind]

    def link(self):
        """Puts the launcher in place, in one step: a build that runs finds the one or the other."""
        fresh = self.directory / "fresh"
        fresh.symlink_to(self.client.program)
        fresh.rename(self.launcher)

    def replace(self):
        """The launcher first: a daemon that is stopped before would be started again by the next compile."""
        old = self.client
        self.kind = OTHER[self.kind]
        self.link()
        if old.kind == STOCK:
            # A launcher of sccache fails if the daemon ends while it connects.
            until(lambda: len(old.processes()) <= 1, "the launchers of sccache to end", BUILD_SECONDS)
        old.ask("--stop-server")

    def leave(self):
        for client in self.clients.values():
            client.run("--stop-server")

    def log_tail(self):
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def distributed(self):
        """Units by builder, as this user's daemon has counted them."""
        return self.client.stats()["dist_compiles"]


class Site:
    """A scheduler on a machine of its own, and machines with a builder and a user each, the first of them stock."""

    def __init__(self, lab, stack, hub, machines, scheduler):
        tokens = Tokens.random()
        address = f"{hub.ip}:{SCHEDULER_PORT}"
        url = f"http://{address}"

        def builder(machine):
            directory = lab.new_directory(f"builder-{machine.name}")
            return lambda kind: lab.builder(kind, url, tokens, directory=directory, machine=machine)

        self.scheduler = Part(stack, scheduler, lambda kind: lab.scheduler(kind, tokens, address, machine=hub))
        self.builders = [Part(stack, kind, builder(machine)) for kind, machine in zip(KINDS, machines)]
        until(lambda: status(url, hub)["num_servers"] == len(machines), "the builders")
        self.users = [User(lab, machine, kind, url, tokens.client) for kind, machine in zip(KINDS, machines)]
        for user in self.users:
            stack.callback(user.leave)
            warm_up(user.client, COMPILER)

    def addresses(self):
        """Of the builders."""
        return [f"{user.machine.ip}:{BUILDER_PORT}" for user in self.users]

    def steps(self, plan):
        parts = {SCHEDULER: [self.scheduler], BUILDERS: self.builders, CLIENTS: self.users}
        return [part.replace for name in plan.steps for part in parts[name]]


class PacedBuild:
    """A user's build of the project, which runs within the `with` block. It pauses when it has made as many units as it may."""

    def __init__(self, project, user):
        self.user = user
        self.directory = project.copy(COMPILER, str(user.launcher))
        self.command = ["ninja", "-C", self.directory, "-j", JOBS, *project.targets(self.directory)]
        self.most = UNITS_BETWEEN
        self.over = threading.Event()
        self.pacer = threading.Thread(target=self.pace)

    def __enter__(self):
        self.started = time.monotonic()
        log = self.directory / "ninja.log"
        self.ninja = Daemon(self.command, self.user.client.environment, log, self.user.machine)
        self.pacer.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.pacer.join()
        self.ninja.send(signal.SIGCONT)
        self.ninja.stop()

    def pace(self):
        # A paused ninja waits for the compiles that it has begun.
        while not self.over.wait(PACE_SECONDS):
            self.ninja.send(signal.SIGCONT if self.units() < self.most else signal.SIGSTOP)

    def units(self):
        return len(list(self.directory.rglob("*.o")))

    def allow(self, units):
        """Lets it make so many more."""
        self.most = self.units() + units

    def await_units(self):
        """Waits until it has made what it may."""

        def made():
            check(self.ninja.exit_code() in (None, 0), self.failure())
            check(self.ninja.exit_code() is None, f"the build on {self.user.machine.name} ended before the upgrade")
            return self.units() >= self.most

        until(made, f"{self.most} units on {self.user.machine.name}", BUILD_SECONDS)

    def end(self):
        """Waits until it has ended, which has to be well."""
        until(lambda: self.ninja.exit_code() is not None, f"the build on {self.user.machine.name}", BUILD_SECONDS)
        check(self.ninja.exit_code() == 0, self.failure())
        self.seconds = time.monotonic() - self.started

    def failure(self):
        return (
            f"the build on {self.user.machine.name} failed:\n{self.ninja.tail()}\n"
            f"the log of its clients ends so:\n{self.user.log_tail()}"
        )


def run(lab, sources, short=False):
    project = Project(lab, sources, short=False)
    say(f"{project.source.name}, by the compiler alone")
    project.configure(COMPILER)
    plain = project.build(project.copy(COMPILER), clean_environment(lab.directory / "home")).objects

    say(f"{project.source.name} on two machines, each upgraded in mid-build from one program to the other")
    rows = side_by_side(lambda plan: upgraded(lab, project, plan, plain), PLANS[:1] if short else PLANS)
    table(
        ("replaced in this order", "machine", "units", "objects", "distributed since", "s"),
        [row for each in rows for row in each],
    )
    say("No build failed, every object is that of a plain build, and nothing is left")


def upgraded(lab, project, plan, plain):
    """Two builds; rows for the table."""
    with Switch() as switch:
        hub, *machines = [switch.add(name) for name in ("hub", "one", "two")]
        with contextlib.ExitStack() as stack:
            site = Site(lab, stack, hub, machines, plan.scheduler)
            builds = [stack.enter_context(PacedBuild(project, user)) for user in site.users]
            for step in site.steps(plan):
                for build in builds:
                    build.await_units()
                for build in builds:
                    build.allow(UNITS_MEANWHILE)
                step()
                for build in builds:
                    build.allow(UNITS_BETWEEN)
            before = [user.distributed() for user in site.users]
            for build in builds:
                build.allow(len(plain))
            since = [finish(build, counted, plain) for build, counted in zip(builds, before)]
            rows = [row(plan, build, units) for build, units in zip(builds, since)]
            unused = set(site.addresses()) - {address for units in since for address in units}
            check(not unused, f"after the upgrade, nothing was distributed to {unused}")
        for machine in (hub, *machines):
            check_nothing_left(machine)
    check_no_mounts(lab.directory)
    return rows


def finish(build, before, plain):
    """The units by builder since then, once a build has ended with the objects of a plain one."""
    build.end()
    on = f"on {build.user.machine.name}"
    made = objects(build.directory)
    differing = [unit for unit, digest in plain.items() if made.get(unit) != digest]
    check(not differing, f"{on}, these objects are not those of a plain build: {differing}")
    since = Counter(build.user.distributed()) - Counter(before)
    check(since, f"{on}, nothing was distributed after the upgrade; the log of its clients ends so:\n{build.user.log_tail()}")
    return since


def row(plan, build, since):
    user = build.user
    split = ", ".join(f"{units} to {address}" for address, units in sorted(since.items()))
    return plan.title(), f"{OTHER[user.kind]} to {user.kind}", build.units(), "the same", split, build.seconds


def check_nothing_left(machine):
    def ended():
        return all(process == machine.namespace.pid for process in machine.namespace.members())

    until(ended, f"the last process on {machine.name} to end", LEFT_SECONDS)


def check_no_mounts(directory):
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    left = [mount for mount in mounts if mount.startswith(str(directory))]
    check(not left, f"these are still mounted: {left}")
