"""
Builds a small real project again and again on a farm of three builders to which things happen, see faults.py.

    scripts/check chaos [BUILDS [SEED]]       default: 200 builds, and a random seed
        --jdist DIRECTORY    another build than target/jdist/bin
        --sccache DIRECTORY  the same with the real sccache and sccache-dist, to compare: expect problems
        --source DIRECTORY   another project than zlib: all its C sources must compile by themselves
        --jobs N             units at once (default 10)
        --only TEXT          only faults with this in their names
        --keep               keep all logs

Each unit has to end with 0, say nothing, and make the object that the compiler makes by itself. None may be later than 3.5
seconds and its own compile after a fault is over, or after a peer has fallen silent. What its own compile takes beside those of
other units is measured in between, with and without the farm. In the end, nothing may be left of any job. The same seed brings
the same faults, at about the same moments.
"""

import argparse
import contextlib
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from chaos.build import Build, units  # noqa: E402: its directory first
from chaos.faults import FAULTS  # noqa: E402
from chaos.site import Site  # noqa: E402
from lab import project  # noqa: E402
from lab.conditions import check  # noqa: E402
from lab.farm import JDIST, STOCK, Programs  # noqa: E402
from lab.interruption import run_script  # noqa: E402
from lab.isolation import run_isolated, settle_in  # noqa: E402

INSIDE = "--inside"
ELSEWHERE_SECONDS = 3.5
# Beyond the longest unit of a build to which nothing happens: no two builds are the same.
NOISE = 1.5
CALM_EVERY = 20
CROWD = 500
CROWD_EVERY = 50
SHORTEST, LONGEST = 1.0, 12.0


class Chaos:
    """The builds so far, and what was wrong with them."""

    def __init__(self, site, sources, known, directory, jobs):
        self.site = site
        self.sources = sources
        self.known = known
        self.directory = directory
        self.jobs = jobs
        self.builds = 0
        self.units = 0
        self.problems = []
        # The longest unit of each calm build.
        self.calm = []
        # By fault: how much later than the fault units were.
        self.late = {}

    def build(self, tasks=None, jobs=None):
        self.builds += 1
        directory = self.directory / str(self.builds)
        return Build(self.site, self.sources, directory, tasks or self.known, jobs or self.jobs)

    def finish(self, build, what):
        ended = build.wait()
        self.units += len(ended)
        for unit in ended:
            if unit.problem:
                self._complain(f"{unit.unit} {unit.problem}", what)
        left = build.left_behind()
        if left:
            self._complain(f"{', '.join(left)} left behind", what)
        shutil.rmtree(build.directory)
        return ended

    def _complain(self, problem, what):
        self.problems.append(f"build {self.builds}, in which {what}: {problem}")
        print(f"\nPROBLEM {self.problems[-1]}", flush=True)

    def measure_calm(self):
        """How long units take to which nothing happens, on the farm and without it."""
        for what, before, after in (
            ("nothing happens", lambda: None, lambda: None),
            ("there is no scheduler", self.site.scheduler.kill, self._restart_scheduler),
        ):
            before()
            ended = self.finish(self.build(), what)
            after()
            self.calm.append(max(unit.ended - unit.began for unit in ended))

    def _restart_scheduler(self):
        self.site.scheduler.start()
        self.site.await_builders()

    def crowd(self):
        """Very many launchers at once."""
        smallest = min(self.known, key=lambda unit: (self.sources / unit.source).stat().st_size)
        self.finish(self.build([smallest] * CROWD, CROWD), f"{CROWD} launchers come at once")

    def suffer(self, fault, chance):
        target = fault.target(self.site, chance)
        what = fault.name + (f" ({target.name})" if target else "")
        build = self.build()
        time.sleep(chance.uniform(0, 1.5))
        fault.begin(self.site, target)
        began = time.monotonic()
        end = began + chance.uniform(SHORTEST, LONGEST)
        while build.is_running() and time.monotonic() < end:
            time.sleep(0.05)
        fault.end(self.site, target)
        over = time.monotonic()
        ended = self.finish(build, what)
        since = began + fault.grace if fault.silent else over
        late = max([unit.ended - max(unit.began, since) for unit in ended if unit.ended > since] or [0.0])
        self.late.setdefault(fault.name, []).append(late)
        limit = ELSEWHERE_SECONDS + NOISE * max(self.calm)
        if late > limit:
            self._complain(f"a unit took {late:.1f} s after that, where {limit:.1f} s are allowed", what)
        self.site.check_all_run()
        self.site.await_builders()

    def report(self):
        print(f"\nchaos: {self.builds} builds, {self.units} units, {len(self.problems)} problems")
        print(f"  longest unit of a calm build: median {statistics.median(self.calm):.1f} s, most {max(self.calm):.1f} s")
        print("  the longest that a unit took after a peer fell silent, or after a fault was over, in seconds:")
        for name, late in sorted(self.late.items()):
            print(f"    {name:48} {len(late):3} times, median {statistics.median(late):5.1f}, most {max(late):5.1f}")


def main(told):
    settle_in()
    directory = told.inside
    print(f"chaos: {told.builds} builds with seed {told.seed}; logs are in {directory}/farm meanwhile", flush=True)
    known = units(told.source, directory / "bare")
    with contextlib.ExitStack() as stack:
        kind = STOCK if told.sccache else JDIST
        site = Site(stack, Programs(told.sccache, told.jdist), kind, directory / "farm")
        (directory / "builds").mkdir()
        chaos = Chaos(site, told.source, known, directory / "builds", told.jobs)
        # The first one has the compiler packed and sent.
        chaos.finish(chaos.build(), "the toolchain is sent")
        _run(chaos, told)
        chaos.report()
        site.check_nothing_left()
    check(not chaos.problems, f"{len(chaos.problems)} problems, the first: {(chaos.problems or [''])[0]}")


def _run(chaos, told):
    chance = random.Random(told.seed)
    faults = [fault for fault in FAULTS if told.only in fault.name]
    check(faults, f"no fault is called {told.only}")
    number = 0
    while chaos.builds < told.builds:
        if number % CALM_EVERY == 0:
            chaos.measure_calm()
        if number % CROWD_EVERY == CROWD_EVERY - 1 and not told.only:
            chaos.crowd()
        fault = chance.choices(faults, [fault.weight for fault in faults])[0]
        chaos.suffer(fault, chance)
        number += 1
        print(".", end="", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", type=int, nargs="?", default=200)
    parser.add_argument("given", metavar="seed", nargs="?", default=str(random.SystemRandom().randrange(10**6)))
    parser.add_argument("--seed", help=argparse.SUPPRESS)
    parser.add_argument("--jdist", type=Path, default=ROOT / "target/jdist/bin")
    parser.add_argument("--sccache", type=Path)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--jobs", type=int, default=10)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument(INSIDE, type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    told.seed = told.seed or told.given
    check((told.jdist / "jdist").is_file(), f"there is no {told.jdist / 'jdist'}; mvn package makes it")
    return told


def start():
    told = parse()
    if told.inside:
        main(told)
        return
    directory = Path(tempfile.mkdtemp(prefix="jdist-chaos."))
    with contextlib.ExitStack() as stack:
        if not told.keep:
            stack.callback(shutil.rmtree, directory, ignore_errors=True)
        source = told.source
        if not source:
            # From outside: in there, no network has a way out.
            project.fetch("zlib", directory / "sources", ROOT)
            source = directory / "sources/zlib"
        # With it, all that it mounted and started is gone.
        words = ["--seed", told.seed, "--source", str(source), INSIDE, str(directory)]
        code = run_isolated([sys.executable, "-B", str(Path(__file__).parent), *sys.argv[1:], *words])
    sys.exit(code)


if __name__ == "__main__":
    run_script("chaos", start)
