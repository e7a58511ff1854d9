"""Each of client, scheduler and builder of either kind: every unit distributed, no error, the objects of a plain build."""

import contextlib
import hashlib
import itertools
import os
import shutil
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import check
from lab.daemon import clean_environment
from lab.farm import JDIST, KINDS, STOCK
from pieces import side_by_side
from report import say, show, table

PROJECT = "mbedtls"
TARGETS = ("mbedtls", "mbedx509", "mbedcrypto", "mbedtls_test", "mbedtls_test_helpers")
# What of it is compiled where less has to do.
FEW = ("library/CMakeFiles/mbedx509.dir/", "library/CMakeFiles/mbedtls.dir/", "CMakeFiles/mbedtls_test.dir/")
COMPILERS = ("gcc", "clang")
# What a stock scheduler lets one builder of this machine do at once; it refuses the next job.
JOBS = os.cpu_count() + 1 + os.cpu_count() // 8
# Two parts may want the same project, which neither has yet.
fetching = threading.Lock()


@dataclass(frozen=True)
class Build:
    """One build of the project: its objects, and what it cost the client's side."""

    objects: dict
    cpu: float
    wall: float

    def per_unit(self):
        """Milliseconds of CPU and of wall time."""
        return 1000 * self.cpu / len(self.objects), 1000 * self.wall / len(self.objects)


class Project:
    """The project, set up once for each compiler, in copies for each launcher."""

    # Stands for the launcher where CMake wrote it down.
    LAUNCHER = "THE-LAUNCHER"

    def __init__(self, lab, sources, short):
        self.short = short
        self.source = sources / PROJECT
        self.lab = lab
        self.directory = lab.new_directory("project")
        with fetching:
            if not self.source.is_dir():
                sources.mkdir(parents=True, exist_ok=True)
                fetch = Path(__file__).resolve().parent.parent / "fetch-source"
                subprocess.run([fetch, PROJECT, sources], check=True)

    def configure(self, compiler):
        command = ["cmake", "-S", self.source, "-B", self.directory / compiler, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None"]
        # A stock client shows clang preprocessed text, which warns where the source itself does not: no reason to fail here.
        command += ["-DMBEDTLS_FATAL_WARNINGS=OFF", "-DCMAKE_C_FLAGS=-O1"]
        command += [f"-DCMAKE_C_COMPILER={compiler}", f"-DCMAKE_C_COMPILER_LAUNCHER={self.LAUNCHER}"]
        code, _, err = self.lab.run(*map(str, command))
        check(code == 0, f"cmake: {err.decode()}")

    def copy(self, compiler, launcher=""):
        """A directory of its own to build in, with that in front of the compiler."""
        build = self.lab.new_directory(f"build-{compiler}")
        shutil.copytree(self.directory / compiler, build, dirs_exist_ok=True)
        rules = build / "CMakeFiles/rules.ninja"
        text = rules.read_text()
        check(self.LAUNCHER in text, f"{rules} does not say where a launcher belongs")
        rules.write_text(text.replace(self.LAUNCHER, launcher))
        return build

    def targets(self, directory):
        """What ninja is told to make; in short, the objects of three libraries."""
        if not self.short:
            return TARGETS
        known = subprocess.run(
            ["ninja", "-C", directory, "-t", "targets", "all"], check=True, capture_output=True, text=True
        ).stdout
        outputs = [line.partition(":")[0] for line in known.splitlines()]
        return [output for output in outputs if output.startswith(FEW) and output.endswith(".o")]

    def build(self, directory, environment):
        """Compiles all units. The time is that of everything below ninja."""
        log = directory / "ninja.log"
        with open(log, "wb") as out:
            started = time.monotonic()
            ninja = subprocess.Popen(
                ["ninja", "-C", directory, "-j", str(JOBS), *self.targets(directory)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            _, result, usage = os.wait4(ninja.pid, 0)
            wall = time.monotonic() - started
            ninja.returncode = os.waitstatus_to_exitcode(result)
        check(ninja.returncode == 0, f"ninja failed: {log.read_text(errors='replace')[-3000:]}")
        objects = {
            str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in directory.rglob("*.o")
        }
        return Build(objects, usage.ru_utime + usage.ru_stime, wall)


def warm_up(client, compiler):
    """Has the compiler packed and sent, which is not part of what a unit costs."""
    unit = client.directory / f"warm-up-{compiler}.c"
    unit.write_text("int warm_up(void) { return 0; }\n")
    for attempt in range(2 * len(KINDS)):
        code, _, err = client.run(
            compiler, "-O1", "-c", unit.name, "-o", f"{unit.stem}-{attempt}.o", directory=client.directory
        )
        check(code == 0, f"{client.kind} client, {compiler}: {err.decode()}")


def farmed(project, client, compiler, plain):
    """One build through a client; what it must have done is checked. Gives the build, and the units by builder."""
    client.run("--zero-stats")
    directory = project.copy(compiler, client.program)
    before = client.daemon.cpu_seconds()
    build = project.build(directory, client.environment)
    build = Build(build.objects, build.cpu + client.daemon.cpu_seconds() - before, build.wall)

    stats = client.stats()
    name = f"{client.kind} client, {compiler}"
    check(
        sum(stats["dist_compiles"].values()) == len(plain.objects) and stats["dist_errors"] == 0,
        f"{name}: of {len(plain.objects)} units these were distributed: {stats['dist_compiles']}, with"
        f" {stats['dist_errors']} errors; the client's log ends so:\n{client.daemon.tail()}",
    )
    differing = [unit for unit, digest in plain.objects.items() if build.objects.get(unit) != digest]
    check(not differing, f"{name}: these objects are not those of a plain build: {differing}")
    return build, stats["dist_compiles"]


def compilers(scheduler, builders, client, short):
    """In short, one or the other, in such turns that each client has used each of them with each kind of builder."""
    if not short:
        return COMPILERS
    return (COMPILERS[(KINDS.index(scheduler) + KINDS.index(builders[0]) + KINDS.index(client)) % 2],)


def cells(costs, *key):
    return tuple(cell for compiler in COMPILERS for cell in costs.get((*key, compiler), ("", "")))


def run(lab, sources, short=False):
    project = Project(lab, sources, short)
    say(f"{PROJECT}, by the compilers alone")

    def alone(compiler):
        project.configure(compiler)
        build = project.build(project.copy(compiler), clean_environment(lab.directory / "home"))
        check(len(build.objects) > (30 if short else 100), "the project has become too small to show anything")
        return build

    farms = [(scheduler, (builder,)) for scheduler, builder in itertools.product(KINDS, KINDS)]
    farms += [(scheduler, (STOCK, JDIST)) for scheduler in KINDS]
    packed = {kind: lab.new_directory(f"packed-{kind}") for kind in KINDS}
    # One client at a time packs a compiler for all of its kind.
    packing = {kind: threading.Lock() for kind in KINDS}
    rows, costs = {}, {}

    def distributed(each):
        scheduler, builders = each
        pairs = [(kind, compiler) for kind in KINDS for compiler in compilers(scheduler, builders, kind, short)]
        with lab.farm(scheduler, builders) as farm:
            for kind, compiler in pairs:
                with contextlib.ExitStack() as stack:
                    with packing[kind]:
                        client = stack.enter_context(
                            lab.client(kind, farm.url, farm.tokens.client, packed=packed[kind])
                        )
                        warm_up(client, compiler)
                    build, used = farmed(project, client, compiler, plain[compiler])
                by_kind = Counter()
                for address, units in used.items():
                    by_kind[farm.builders[address]] += units
                check(set(by_kind) == set(builders), f"only {set(by_kind)} was used of {builders}")
                split = ", ".join(f"{builder} {by_kind[builder]}" for builder in builders)
                row = (kind, scheduler, split, compiler, len(build.objects), 0, "the same")
                rows[kind, scheduler, builders, compiler] = row
                costs[kind, scheduler, builders, compiler] = build.per_unit()

    # What the whole matrix measures would be disturbed by another farm. In short, that is no matter; but with more than two,
    # the archive of a compiler could take the 30 s to arrive after which a stock client gives up that waits behind it.
    farms_at_once = 2 if short else 1
    plain = dict(zip(COMPILERS, side_by_side(alone, COMPILERS, farms_at_once)))
    say(f"{PROJECT}, by each client in each farm")
    side_by_side(distributed, farms, farms_at_once)

    say("Every unit distributed, no error, every object the bytes of a plain build")
    table(("client", "scheduler", "units by builder", "compiler", "units", "errors", "objects"), [rows[key] for key in sorted(rows)])
    say("What one unit costs: CPU time of the client's side (daemon, wrapper, preprocessor), and wall time, in ms")
    beside = " with the other farms, so that the wall time says little" if short else ""
    show(f"{JOBS} jobs at once; all parts of the farm share the {os.cpu_count()} cores of this machine{beside}.\n")
    table(
        ("client", "scheduler", "builder", "gcc CPU", "gcc wall", "clang CPU", "clang wall"),
        [("(compiler alone)", "", "", *plain["gcc"].per_unit(), *plain["clang"].per_unit())]
        + [
            (client, scheduler, " + ".join(builders), *cells(costs, client, scheduler, builders))
            for scheduler, builders in farms
            for client in KINDS
        ],
    )
