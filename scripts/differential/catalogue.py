"""The units that the tests have for each warning of gcc and clang (WarningsIT), some of them in each tree."""

from dataclasses import dataclass, field

from differential.events import Event
from differential.units import Supply, Unit, is_clang

PLACE = "client/src/test/resources/dev/jdist/client/execution/warnings"
FILES = ("c.txt", "cxx.txt", "variants.txt")
HEAD = "=== "
FILE = "--- "
# In one tree.
UNITS = 40


@dataclass
class Entry:
    """As the README beside these files has it."""

    names: list
    cxx: bool
    families: list
    options: list
    files: dict = field(default_factory=dict)

    @property
    def source(self):
        return "unit.cpp" if self.cxx else "unit.c"

    def ways(self):
        options = [option for option in self.options if option != "default"]
        # -W#warnings and its like are in no command line.
        asked = [name for name in self.names if name.startswith("-W") and not name.startswith("-W#")]
        everything = ["-Wall", "-Wextra", *asked, *options]
        return tuple(tuple(way) for way in (options, everything, ["-Werror", *everything]))


def read(root):
    entries = []
    for name in FILES:
        current = ""
        for line in (root / PLACE / name).read_text().splitlines():
            if line.startswith(HEAD):
                names, language, families, options = line.removeprefix(HEAD).split("|")
                cxx = language.strip() == "c++"
                entries.append(Entry(names.split(), cxx, families.strip().split(","), options.split()))
                current = entries[-1].source
            elif line.startswith(FILE):
                current = line.removeprefix(FILE)
            else:
                files = entries[-1].files
                files[current] = files.get(current, "") + line + "\n"
    return entries


def supply(tree, random, compilers, root):
    units = []
    for number, entry in enumerate(random.sample(read(root), UNITS)):
        fitting = frozenset(name for name in compilers if ("clang" if is_clang(name) else "gcc") in entry.families)
        unit = Unit(entry.source, entry.cxx, f"warnings/{number}", entry.ways(), compilers=fitting, varied=0.2)
        if fitting and unit.compiled_by(compilers):
            for name, text in entry.files.items():
                tree.write(f"{unit.directory}/{name}", text.replace("@LATIN1@", "\udce4"))
            units.append(unit)
    return Supply("warnings", 2, tuple(units), (shift_lines,))


def shift_lines(tree, random):
    """All that is said of a unit is said of other lines."""
    path = random.choice(sorted((tree.root / "warnings").glob("*/unit.*")))
    before = path.read_bytes()
    line = b"/* more */\n"
    after = before.removeprefix(line) if before.startswith(line) else line + before
    return Event(f"a line more or less in {path.parent.name}", lambda: path.write_bytes(after), lambda: path.write_bytes(before))
