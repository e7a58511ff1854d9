"""
Looks for a compile that is not what the compiler alone would have made of it: random units with random options, those of the
tests for warnings, and units with precompiled headers, modules, profiles, or of real projects, while random things happen to
their sources, between compiles and during them. Each is compiled by the compiler alone, by jdist
with its cache, and by jdist on farms with builders of either kind. Exit code, both streams, and all files with their modes
have to be equal.

    scripts/check differential [SECONDS] [SEED]      default: 60 seconds, and a random seed
        --farms jdist,stock   the kinds of builders to use; stock needs --sccache
        --sccache DIRECTORY   where the real sccache and sccache-dist are (scripts/fetch-sccache)
        --jdist DIRECTORY     another build than target/jdist/bin
        --compilers NAMES     default: those of gcc g++ clang clang++ clang-19 clang++-19 that are installed
        --worlds N            how many trees are compiled in at the same time (default 2)
        --keep                do not stop at the first ten differences
        --steps N             ends each world after that many steps, instead of after a time
        --packed DIRECTORY    where packed compilers are kept, so that the next run need not pack them
        --projects NAMES      real projects whose sources are compiled, too: zlib, mbedtls, ninja-build, which it fetches

It prints each difference with what led to it, and ends with 1 if there is one. The same seed makes the same worlds; what
happens during a compile happens at another moment each time.
"""

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from differential import catalogue, modules, precompiled, profiles, real  # noqa: E402: its directory first
from differential.commands import Commands, Taken, drawn_options, installed  # noqa: E402
from differential.events import EVENTS  # noqa: E402
from differential.machine import Machine  # noqa: E402
from differential.result import CACHE  # noqa: E402
from differential.tree import Tree  # noqa: E402
from differential.units import Supply, Unit  # noqa: E402
from differential.world import World  # noqa: E402
from lab.conditions import check, ending  # noqa: E402
from lab.daemon import clean_environment  # noqa: E402
from lab.farm import JDIST, KINDS, STOCK, Lab, Programs  # noqa: E402
from lab.interruption import run_script  # noqa: E402

COMPILERS = ("gcc", "g++", "clang", "clang++", "clang-19", "clang++-19")
MOST_DIFFERENCES = 10
# A compiler of some hundred MiB is packed, sent and unpacked, beside whatever else the machine does.
PACKING_SECONDS = 900


class Search:
    """All worlds, until the time is over or enough is found."""

    def __init__(self, worlds, seconds, steps, most):
        self.worlds = worlds
        self.end = time.monotonic() + seconds
        self.steps = steps
        self.most = most
        self.differences = 0
        self.failure = None
        self.lock = threading.Lock()

    def run(self):
        threads = [threading.Thread(target=self._work, args=(world,)) for world in self.worlds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failure:
            raise self.failure

    def _goes_on(self, world):
        if self.failure or self.differences >= self.most or ending.is_set():
            return False
        return world.steps < self.steps if self.steps else time.monotonic() < self.end

    def _work(self, world):
        try:
            while self._goes_on(world):
                for difference in world.step():
                    with self.lock:
                        self.differences += 1
                        print(f"\nDIFFERENCE {self.differences}, world {world.number}, {difference}", flush=True)
        except BaseException as failure:
            self.failure = failure


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=60)
    parser.add_argument("seed", nargs="?", default=str(random.SystemRandom().randrange(10**6)))
    parser.add_argument("--farms", default=JDIST)
    parser.add_argument("--sccache", type=Path)
    parser.add_argument("--jdist", type=Path, default=ROOT / "target/jdist/bin")
    parser.add_argument("--compilers", default=",".join(COMPILERS))
    parser.add_argument("--worlds", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--packed", type=Path)
    parser.add_argument("--projects", default="")
    told = parser.parse_args()
    farms = [kind for kind in told.farms.split(",") if kind]
    check(set(farms) <= set(KINDS), f"--farms {told.farms}: kinds of builders are {', '.join(KINDS)}")
    check(STOCK not in farms or told.sccache, "--farms stock needs --sccache DIRECTORY (scripts/fetch-sccache)")
    check((told.jdist / "jdist").is_file(), f"there is no {told.jdist / 'jdist'}; mvn package makes it")
    projects = [name for name in told.projects.split(",") if name]
    check(set(projects) <= set(real.KNOWN), f"--projects {told.projects}: known are {', '.join(real.KNOWN)}")
    print(f"differential: {told.seconds:g} s with seed {told.seed}", flush=True)
    with contextlib.ExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="jdist-differential."))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        real.fetch(projects, directory / "sources", ROOT)
        here = list(worlds(stack, directory, told, farms, projects))
        print(f"differential: {len(here)} worlds are there", flush=True)
        search = Search(here, told.seconds, told.steps, 10**9 if told.keep else MOST_DIFFERENCES)
        search.run()
        summary(search)
    if search.differences:
        sys.exit(1)


def worlds(stack, directory, told, farms, projects):
    compilers = installed(told.compilers.split(","))
    check(compilers, f"none of the compilers {told.compilers} is installed")
    lab = Lab(Programs(told.sccache or told.jdist, told.jdist), directory / "lab")
    # A farm that packs a compiler takes its time, which is not what is looked at.
    packed = told.packed or directory / "packed"
    running = {kind: stack.enter_context(lab.farm(JDIST, [kind])) for kind in farms}
    taken = None
    for number in range(1, told.worlds + 1):
        clients = {CACHE: stack.enter_context(lab.client(JDIST, None, None))}
        for kind, farm in running.items():
            clients[f"farm of {kind}"] = stack.enter_context(
                lab.client(JDIST, farm.url, farm.tokens.client, packed=packed)
            )
        here = directory / f"world{number}"
        here.mkdir()
        warm(clients.values(), compilers, here)
        chance = random.Random(f"{told.seed}/{number}")
        tree = Tree(here / "tree", chance)
        tree.add_wrappers(compilers)
        # What the first tree has, the others have, too. Each asks at any time, so that none of the trees is the place for it.
        taken = taken or Taken(drawn_options(ROOT), shutil.copytree(tree.root, directory / "asked", symlinks=True))
        yield World(
            number,
            chance,
            tree,
            supplies(tree, chance, compilers, projects, directory / "sources"),
            Commands(tree, chance, compilers, taken),
            Machine(tree, clients, clean_environment(here / "home")),
        )


def supplies(tree, chance, compilers, projects, sources):
    """All that is compiled in a tree."""
    found = [
        Supply("random units", 6, tuple(tree.units), EVENTS),
        Supply("crashes", 0.1, (Unit("crash.c", False, ways=(("-fno-crash-diagnostics",),), varied=0),)),
        catalogue.supply(tree, chance, compilers, ROOT),
        precompiled.supply(tree, chance, compilers),
        modules.supply(tree, chance, compilers),
        profiles.supply(tree, chance, compilers),
        real.supply(tree, chance, projects, sources) if projects else None,
    ]
    return [supply for supply in found if supply]


def warm(clients, compilers, directory):
    """Has each client know each compiler, and each farm have it."""
    for compiler in compilers:
        source = directory / ("warm.cpp" if "++" in compiler else "warm.c")
        source.write_text("int warm;\n")
        for client in clients:
            words = [compiler, "-c", source, "-o", directory / "warm.o"]
            code, _, err = client.run(*words, directory=directory, seconds=PACKING_SECONDS)
            check(code == 0, f"{compiler} cannot compile: {err.decode(errors='replace').strip()}")


def summary(search):
    counts = sum((world.counts for world in search.worlds), Counter())
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    for mode in search.worlds[0].modes:
        counted, reasons = Counter(), Counter()
        for world in search.worlds:
            numbers, not_cached = world.machine.stats(mode)
            counted += numbers
            reasons += not_cached
        print(f"  {mode}: " + ", ".join(f"{number} {what}" for what, number in counted.items()))
        print("    not cached: " + ", ".join(f"{reason} ({number})" for reason, number in reasons.most_common()))
        check(counted["hits"], f"{mode}: nothing was found in the cache, so this shows nothing")
        check(mode == CACHE or counted["distributed"], f"{mode}: nothing was distributed, so this shows nothing")
    print(f"differential: {told}: {search.differences} differences")


if __name__ == "__main__":
    run_script("differential", main)
