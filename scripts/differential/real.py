"""Sources of real projects, whose headers change."""

import shutil

from differential.events import Event
from differential.units import Supply, Unit
from lab import project as projects

# What each has: the folders that are needed, its sources, and the options without which none of them compiles.
KNOWN = {
    "zlib": ((".",), "*.c", ("-I.",)),
    "mbedtls": (("include", "library"), "library/*.c", ("-Iinclude", "-Ilibrary")),
    "ninja-build": (("src",), "src/*.cc", ("-Isrc", "-std=c++14")),
}
SOURCES = (".c", ".cc", ".h", ".hpp", ".in")
OPTIMISED = ((), ("-O1",), ("-O2", "-Wall", "-Wextra"), ("-g", "-O1"))
# In one tree.
UNITS = 25


def fetch(names, directory, root):
    for name in names:
        projects.fetch(name, directory, root)


def supply(tree, random, names, directory):
    units = []
    for name in names:
        folders, pattern, options = KNOWN[name]
        place = tree.root / "projects" / name
        for folder in folders:
            _copy(directory / name / folder, place / folder, flat=folder == ".")
        ways = tuple((*options, *more) for more in OPTIMISED)
        for source in sorted(place.glob(pattern)):
            units.append(
                Unit(str(source.relative_to(place)), source.suffix == ".cc", f"projects/{name}", ways, varied=0.2)
            )
    return Supply("projects", 1.5, tuple(random.sample(units, min(UNITS, len(units)))), (edit_header, edit_header, touch_header))


def _copy(source, target, flat):
    """No more than its sources, as each compile looks through all of the tree."""
    for path in sorted(source.glob("*" if flat else "**/*")):
        if path.is_file() and path.suffix in SOURCES:
            copied = target / path.relative_to(source)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copied)


def _header(tree, random):
    return random.choice(sorted((tree.root / "projects").glob("**/*.h")))


def edit_header(tree, random):
    path = _header(tree, random)
    before = path.read_bytes()
    more = random.choice((b"\n/* more */\n", b"\nenum { AN_EDIT };\n", b"\n#define AN_EDIT 1\n"))
    after = before.removesuffix(more) if before.endswith(more) else before + more
    return Event(f"edit {path.name}", lambda: path.write_bytes(after), lambda: path.write_bytes(before))


def touch_header(tree, random):
    path = _header(tree, random)
    return Event(f"touch {path.name}", path.touch, lambda: None)
