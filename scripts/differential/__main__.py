"""
Looks for a compile that is not what the compiler alone would have made of it: random units with random options, while
random things happen to their sources, between compiles and during them. Each is compiled by the compiler alone, by jdist
with its cache, and by jdist on farms with builders of either kind. Exit code, both streams, and all files with their modes
have to be equal.

    scripts/check differential [SECONDS] [SEED]      default: 60 seconds, and a random seed
        --farms jdist,stock   the kinds of builders to use; stock needs --sccache
        --sccache DIRECTORY   where the real sccache and sccache-dist are (scripts/fetch-sccache)
        --jdist DIRECTORY     another build than target/jdist/bin
        --compilers NAMES     default: those of gcc g++ clang clang++ clang-19 clang++-19 that are installed
        --worlds N            how many trees are compiled in at the same time (default 2)
        --keep                do not stop at the first ten differences

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

from differential.commands import Commands, drawn_options, installed  # noqa: E402: its directory first
from differential.events import random_event  # noqa: E402
from differential.machine import BARE, CACHE, Machine, differences  # noqa: E402
from differential.tree import Tree  # noqa: E402
from lab.conditions import Failure, check, ending  # noqa: E402
from lab.daemon import clean_environment  # noqa: E402
from lab.farm import JDIST, KINDS, STOCK, Lab, Programs  # noqa: E402
from lab.interruption import run_script  # noqa: E402

COMPILERS = ("gcc", "g++", "clang", "clang++", "clang-19", "clang++-19")
MOST_DIFFERENCES = 10
REMEMBERED_EVENTS = 6


class World:
    """A tree with a client of each kind, and what happens there. It is run by one thread."""

    def __init__(self, number, seed, directory, clients, environment, compilers, options):
        self.number = number
        self.random = random.Random(f"{seed}/{number}")
        self.tree = Tree(directory / "tree", self.random)
        self.tree.add_wrappers(compilers)
        self.commands = Commands(self.tree, self.random, compilers, options)
        self.machine = Machine(self.tree, clients, environment)
        self.modes = list(clients)
        self.recent = []
        self.told = []
        self.reported = []
        self.counts = Counter()

    def step(self):
        """Yields what differs."""
        dice = self.random.random()
        if dice < 0.1:
            yield from self._during()
            return
        if dice < 0.55:
            self._happens(random_event(self.tree, self.random))
        yield from self._compare(self._command())

    def _command(self):
        if self.recent and self.random.random() < 0.6:
            return self.random.choice(self.recent)
        self.recent = [*self.recent[-7:], self.commands.any()]
        return self.recent[-1]

    def _happens(self, event):
        event.apply()
        self.told.append(event.name)
        self.counts["events"] += 1

    def _during(self):
        """An event while a client compiles; then the state after it, and that before it, are compiled once more."""
        command = self.commands.slow()
        yield from self._compare(command, [])
        event = random_event(self.tree, self.random)
        mode = self.random.choice(self.modes)
        edited = self._edit_slow(command)
        try:
            self.machine.compile_during(mode, command, event.apply, self.random.choice((0.02, 0.1, 0.3, 0.6)))
            self.told.append(f"while {mode} compiles: {event.name}")
            self.counts["events during a compile"] += 1
            yield from self._compare(command, [mode])
            event.undo()
            self.told.append(f"undone: {event.name}")
            yield from self._compare(command, [mode])
        finally:
            edited()

    def _edit_slow(self, command):
        """So that the unit is compiled, and not found."""
        unit = self.tree.root / command.arguments[command.arguments.index("-c") + 1]
        before = unit.read_bytes()
        unit.write_bytes(before + f"int version_{self.counts['events during a compile']};\n".encode())
        return lambda: unit.write_bytes(before)

    def _compare(self, command, modes=None):
        self.tree.note_sources()
        wanted = self.machine.compile(BARE, command)
        for mode in self.modes if modes is None else modes:
            found = differences(mode, command, wanted, self.machine.compile(mode, command))
            self.counts["compiles"] += 1
            # What the compiler alone makes anew each time, such as a time of day, says nothing.
            if found and not differences(mode, command, wanted, self.machine.compile(BARE, command)):
                if (mode, command) not in self.reported:
                    yield self._report(mode, command, found)
                self.reported.append((mode, command))
        self.told = self.told[-REMEMBERED_EVENTS:]
        self.told.append(f"compiled {command}")

    def _report(self, mode, command, found):
        before = "\n".join(f"    {line}" for line in self.told[-REMEMBERED_EVENTS:])
        return f"by {mode}: {command}\n  before it:\n{before}\n  " + "\n  ".join(found)


class Search:
    """All worlds, until the time is over or enough is found."""

    def __init__(self, worlds, seconds, most):
        self.worlds = worlds
        self.end = time.monotonic() + seconds
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

    def _goes_on(self):
        enough = self.failure or self.differences >= self.most
        return not enough and not ending.is_set() and time.monotonic() < self.end

    def _work(self, world):
        try:
            while self._goes_on():
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
    told = parser.parse_args()
    farms = [kind for kind in told.farms.split(",") if kind]
    check(set(farms) <= set(KINDS), f"--farms {told.farms}: kinds of builders are {', '.join(KINDS)}")
    check(STOCK not in farms or told.sccache, "--farms stock needs --sccache DIRECTORY (scripts/fetch-sccache)")
    check((told.jdist / "jdist").is_file(), f"there is no {told.jdist / 'jdist'}; mvn package makes it")
    print(f"differential: {told.seconds:g} s with seed {told.seed}", flush=True)
    with contextlib.ExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="jdist-differential."))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        here = list(worlds(stack, directory, told, farms))
        print(f"differential: {len(here)} worlds are there", flush=True)
        search = Search(here, told.seconds, 10**9 if told.keep else MOST_DIFFERENCES)
        search.run()
        summary(search)
    if search.differences:
        sys.exit(1)


def worlds(stack, directory, told, farms):
    compilers = installed(told.compilers.split(","))
    check(compilers, f"none of the compilers {told.compilers} is installed")
    options = drawn_options(ROOT, compilers)
    lab = Lab(Programs(told.sccache or told.jdist, told.jdist), directory / "lab")
    # A farm that packs a compiler takes its time, which is not what is looked at.
    packed = directory / "packed"
    running = {kind: stack.enter_context(lab.farm(JDIST, [kind])) for kind in farms}
    for number in range(1, told.worlds + 1):
        clients = {CACHE: stack.enter_context(lab.client(JDIST, None, None))}
        for kind, farm in running.items():
            clients[f"farm of {kind}"] = stack.enter_context(
                lab.client(JDIST, farm.url, farm.tokens.client, packed=packed)
            )
        here = directory / f"world{number}"
        here.mkdir()
        warm(clients.values(), compilers, here)
        environment = clean_environment(here / "home")
        yield World(number, told.seed, here, clients, environment, compilers, options)


def warm(clients, compilers, directory):
    """Has each client know each compiler, and each farm have it."""
    for compiler in compilers:
        source = directory / ("warm.cpp" if "++" in compiler else "warm.c")
        source.write_text("int warm;\n")
        for client in clients:
            code, _, err = client.run(compiler, "-c", source, "-o", directory / "warm.o", directory=directory)
            check(code == 0, f"{compiler} cannot compile: {err.decode(errors='replace').strip()}")


def summary(search):
    counts = sum((world.counts for world in search.worlds), Counter())
    told = ", ".join(f"{number} {what}" for what, number in sorted(counts.items()))
    for world in search.worlds[:1]:
        for mode, client in world.machine.clients.items():
            stats = client.stats()
            hits = sum(stats["cache_hits"]["counts"].values())
            distributed = sum(stats["dist_compiles"].values())
            misses = sum(stats["cache_misses"]["counts"].values())
            counted = f"{stats['compile_requests']} requests, {hits} hits, {misses} misses, {distributed} distributed"
            print(f"  {mode}: {counted}; not cached: {stats['not_cached']}")
            check(hits, f"{mode}: nothing was found in the cache, so this shows nothing")
            check(mode == CACHE or distributed, f"{mode}: nothing was distributed, so this shows nothing")
    print(f"differential: {told}: {search.differences} differences")


if __name__ == "__main__":
    run_script("differential", main)
