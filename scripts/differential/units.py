"""What is compiled: a source, and how it wants to be called; and what belongs together of such units."""

import subprocess
from dataclasses import dataclass

# How long a compiler may take for what a supply prepares.
LIMIT_SECONDS = 120


@dataclass(frozen=True)
class Unit:
    """A source by its name from the directory in which it is compiled, which is one of the tree."""

    source: str
    cxx: bool
    directory: str = "."
    # One of them is drawn for each command line.
    ways: tuple = ((),)
    # Where it is no object that is asked for: what stands in place of -c.
    action: tuple = ("-c",)
    # Those that can compile it; all, if there are none.
    compilers: frozenset = frozenset()
    # Where it has to be that one.
    output: str = ""
    # The chance that options are added which have nothing to do with it.
    varied: float = 0.3

    def compiled_by(self, compilers):
        fitting = [name for name in compilers if ("++" in name) == self.cxx and name in (self.compilers or compilers)]
        # A C compiler takes sources of C++, too.
        return fitting or ([] if self.compilers else list(compilers))


@dataclass(frozen=True)
class Supply:
    """Units of one kind, and the events that concern them, each a function of tree and random."""

    name: str
    # How often it is their turn.
    weight: float
    units: tuple
    events: tuple = ()


def of_language(compilers, cxx):
    return [name for name in compilers if ("++" in name) == cxx]


def is_clang(compiler):
    return compiler.startswith("clang")


def build(directory, *words):
    """What the compiler alone makes for a supply. Gives whether it did."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    return done.returncode == 0
