"""
Two machines, each with a builder and a user who builds on it. One is upgraded in mid-build from the real sccache to jdist, the
other from jdist to the real sccache, and their scheduler too: no build fails, and every object is that of a plain build.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lab.client import Client
from lab.conditions import check, until
from lab.daemon import Daemon, clean_environment
from lab.farm import JDIST, KINDS, SCHEDULER_PORT, STOCK, Tokens, client_settings, status
from lab.project import objects
from lab.switch import Switch
from matrix import JOBS, Project, warm_up
from pieces import side_by_side
from report import say, table

COMPILER = "gcc"
OTHER = {STOCK: JDIST, JDIST: STOCK}
# What each build makes between two steps of the upgrade.
UNITS_BETWEEN = 5
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
        config.write_text(client_settings(self.directory / "packed", url, token))
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

    def steps(self, plan):
        parts = {SCHEDULER: [self.scheduler], BUILDERS: self.builders, CLIENTS: self.users}
        return [part.replace for name in plan.steps for part in parts[name]]


class Build:
    """A build of the whole project by a user."""

    def __init__(self, project, user):
        self.user = user
        self.directory = project.copy(COMPILER, str(user.launcher))
        self.log = self.directory / "ninja.log"
        self.started = time.monotonic()
        command = ["ninja", "-C", self.directory, "-j", JOBS, *project.targets(self.directory)]
        self.ninja = Daemon(command, user.client.environment, self.log, user.machine)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ninja.stop()

    def units(self):
        return len(list(self.directory.rglob("*.o")))

    def await_units(self, number):
        def made():
            check(self.ninja.exit_code() in (None, 0), self.failure())
            check(self.ninja.exit_code() is None, f"the build on {self.user.machine.name} ended before the upgrade")
            return self.units() >= number

        until(made, f"{number} units on {self.user.machine.name}", BUILD_SECONDS)

    def end(self):
        """Waits until it has ended well; gives the seconds that it took."""
        until(lambda: self.ninja.exit_code() is not None, f"the build on {self.user.machine.name}", BUILD_SECONDS)
        check(self.ninja.exit_code() == 0, self.failure())
        return time.monotonic() - self.started

    def failure(self):
        return (
            f"the build on {self.user.machine.name} failed:\n{self.ninja.tail()}\n"
            f"the log of its clients ends so:\n{self.user.log_tail()}"
        )


def run(lab, sources):
    project = Project(lab, sources, short=False)
    say(f"{project.source.name}, by the compiler alone")
    project.configure(COMPILER)
    plain = project.build(project.copy(COMPILER), clean_environment(lab.directory / "home")).objects

    say(f"{project.source.name} on two machines, each upgraded in mid-build from one program to the other")
    rows = side_by_side(lambda plan: upgraded(lab, project, plan, plain), PLANS)
    table(
        ("replaced in this order", "machine", "upgrade", "units", "objects", "distributed since, by builder", "s"),
        [row for each in rows for row in each],
    )
    say("No build failed, every object is that of a plain build, and nothing is left")


def upgraded(lab, project, plan, plain):
    """Two builds; rows for the table."""
    with Switch() as switch:
        hub, *machines = [switch.add(name) for name in ("hub", "one", "two")]
        with contextlib.ExitStack() as stack:
            site = Site(lab, stack, hub, machines, plan.scheduler)
            builds = [stack.enter_context(Build(project, user)) for user in site.users]
            made = [0 for _ in builds]
            for step in site.steps(plan):
                for build, units in zip(builds, made):
                    build.await_units(units + UNITS_BETWEEN)
                step()
                made = [build.units() for build in builds]
            before = [user.distributed() for user in site.users]
            rows = [result(plan, build, counted, plain) for build, counted in zip(builds, before)]
        for machine in (hub, *machines):
            check_nothing_left(machine)
    check_no_mounts(lab.directory)
    return rows


def result(plan, build, before, plain):
    """What a build came to, once it has ended: a row for the table."""
    user = build.user
    seconds = build.end()
    made = objects(build.directory)
    differing = [unit for unit, digest in plain.items() if made.get(unit) != digest]
    check(not differing, f"on {user.machine.name}, these objects are not those of a plain build: {differing}")
    after = user.distributed()
    since = {builder: units - before.get(builder, 0) for builder, units in after.items()}
    check(
        sum(since.values()) > 0,
        f"on {user.machine.name}, no unit was distributed after the upgrade; the log of its clients ends so:\n{user.log_tail()}",
    )
    split = ", ".join(str(units) for _, units in sorted(since.items()))
    return (plan.title(), user.machine.name, f"{OTHER[user.kind]} to {user.kind}", len(made), "the same", split, seconds)


def check_nothing_left(machine):
    def left():
        return [process for process in machine.namespace.members() if process != machine.namespace.pid]

    def words():
        return [Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode() for process in left()]

    end = time.monotonic() + LEFT_SECONDS
    while left() and time.monotonic() < end:
        time.sleep(0.1)
    check(not left(), f"these still run on {machine.name}: {words()}")


def check_no_mounts(directory):
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    left = [mount for mount in mounts if mount.startswith(str(directory))]
    check(not left, f"these are still mounted: {left}")
