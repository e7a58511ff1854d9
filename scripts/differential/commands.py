"""Random command lines: options of the project's own table of command lines, files of the tree, and where all this runs."""

import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

LINES = "client/src/test/resources/dev/jdist/client/cache/command-lines.txt"
OPTION = re.compile(r"-[-A-Za-z][-+=,.A-Za-z0-9_]*")
# They end a compile before its object, take the next word, name a file of another test, or are drawn below.
NOT_DRAWN = re.compile(
    r"-(c|o|E|S|M|MM|MD|MMD|MF.*|MT.*|MQ.*|MP|MV|x.*|V|l.*|L.*|I.*|D.*|U.*|specs.*|include|imacros|isystem|idirafter|iquote|"
    r"iprefix|iwithprefix.*|isysroot|X.*|Wp,.*|Wl,.*|Wa,-a.*|target|arch|mllvm|param|-param.*|wrapper.*|B.*|v|###|-help.*|-version|"
    r"fprofile.*|fauto-profile.*|save-temps.*|fdump.*|dump.*|fplugin.*|fmodule.*|ftime-.*|-no-such-option|fno-such-option|emit-.*|"
    r"fsyntax-only|cc1.*|ccc.*|print.*|-print.*|MJ.*|serialize.*|-serialize.*|aux.*|-analyze.*|-config.*|"
    r"-target.*|gcc-.*|-gcc-.*|-sysroot.*|pass-.*|no-pass-.*|main-.*|nostdinc.*|-preprocess.*|E.*|flto-.*|index.*|.*\.(txt|o|mk|d|yml|cfg))"
)
FILES = (
    ["-include", "include/a.h"],
    ["-imacros", "v1/b.h"],
    ["-I", "now"],
    ["-iquote", "v2"],
    ["-isystem", "now"],
    ["-idirafter", "v1"],
    ["@arguments"],
    ["-DSET=3"],
    ["-Wp,-DSET=4"],
    ["-fsanitize-ignorelist=ignore.txt", "-fsanitize=address"],
    ["-fprofile-sample-use=samples.txt"],
    ["-ffile-prefix-map={tree}=/src"],
    ["-fdebug-prefix-map={tree}=/src"],
)
WARNINGS = (
    ["-Wall"],
    ["-Wall", "-Wextra"],
    ["-Werror"],
    ["-Wall", "-Werror"],
    ["-Wsystem-headers"],
    ["-w"],
    ["-Wno-error"],
    ["-pedantic"],
    ["-fdiagnostics-color=always"],
    ["-Wdate-time"],
)
OUTPUTS = (
    [],
    ["-o", "out/unit.o"],
    ["-o", "out/unit.o"],
    ["-o", "out/unit.o", "-MD"],
    ["-o", "out/unit.o", "-MMD", "-MP", "-MF", "out/deps.d"],
    ["-o", "{tree}/out/unit.o", "-MD", "-MT", "all"],
    ["-o", "out/odd name é.o", "-MD"],
    ["-o", "nowhere/unit.o"],
)
MORE_OUTPUTS = (["-g"], ["-g", "-gsplit-dwarf"], ["-fstack-usage"], ["--coverage", "-frandom-seed=1"], ["-g3"], ["-O2"])
# What is at the place of the outputs already.
PLACES = ("nothing", "nothing", "nothing", "a file", "a private file", "a link", "a dangling link", "a hard link", "an ACL")
ENVIRONMENTS = (
    *({} for _ in range(16)),
    {"CPATH": "v1"},
    {"CPATH": "now"},
    {"C_INCLUDE_PATH": "early:include", "CPLUS_INCLUDE_PATH": "include"},
    {"SOURCE_DATE_EPOCH": "1000000000"},
    {"GCC_COLORS": "warning=01;34"},
    {"TOOL_FLAGS": "-DV=3"},
    {"TOOL_FLAGS": "-DV=4 -g"},
    {"LANG": "C", "LC_ALL": "C"},
    {"DEPENDENCIES_OUTPUT": "out/unit.dep"},
    {"GCC_COMPARE_DEBUG": ""},
    {"COLUMNS": "40"},
)


@dataclass(frozen=True)
class Command:
    """A compile: where and how it is called, apart from what is in front of the compiler."""

    arguments: tuple
    environment: dict = field(default_factory=dict)
    place: str = "nothing"
    umask: int = 0o022
    # In a mount namespace of its own, with v2 over the folder include.
    mounted: bool = False
    # Diagnostics go to a terminal that is this wide.
    columns: int = 0

    def __str__(self):
        words = [f"{name}={value}" for name, value in self.environment.items()]
        words += [f"umask={self.umask:o}"] if self.umask != 0o022 else []
        words += ["mounted"] if self.mounted else []
        words += [f"terminal={self.columns}"] if self.columns else []
        words += [f"at its output: {self.place};"] if self.place != "nothing" else []
        return " ".join([*words, *(repr(word) if " " in word else word for word in self.arguments)])


class Commands:
    def __init__(self, tree, random, compilers, options):
        self.tree = tree
        self.random = random
        self.compilers = compilers
        self.options = options

    def any(self):
        random = self.random
        command = self._compile(*random.choice(self.tree.units))
        return Command(
            command,
            random.choice(ENVIRONMENTS),
            random.choice(PLACES),
            random.choice((0o022, 0o022, 0o022, 0o077, 0o002)),
            random.random() < 0.06,
            random.choice((40, 120)) if random.random() < 0.06 else 0,
        )

    def slow(self):
        """What takes long enough for something to happen meanwhile, and reads its headers at the begin."""
        has_cxx = any("++" in compiler for compiler in self.compilers)
        has_c = any("++" not in compiler for compiler in self.compilers)
        units = [unit for unit in self.tree.slow_units if (has_cxx if unit[1] else has_c)]
        return Command((*self._compile(*self.random.choice(units), plain=True), "-O2"))

    def _compile(self, unit, cxx, plain=False):
        random = self.random
        compiler = random.choice([name for name in self.compilers if ("++" in name) == cxx] or self.compilers)
        words = [compiler]
        if not plain and random.random() < 0.15:
            words = [f"bin/{random.choice(('by-variable', 'by-file', 'plain'))}-{compiler}"]
        words += random.choice(
            (["-Iearly", "-Inow", "-Iinclude"], ["-Inow", "-Iinclude"], ["-Iearly", "-Iinclude"], ["-iquote", "now", "-Iinclude"])
        )
        if not plain:
            words += random.choice(WARNINGS) if random.random() < 0.6 else []
            words += random.choice(FILES) if random.random() < 0.3 else []
            words += random.choice(MORE_OUTPUTS) if random.random() < 0.25 else []
            words += random.sample(self.options[compiler], random.choice((0, 0, 1, 2)))
        words += random.choice(OUTPUTS) if not plain else ["-o", "out/unit.o"]
        words += ["-c", random.choice((unit, unit, unit, f"./{unit}", f"{self.tree.root}/{unit}"))]
        return tuple(word.replace("{tree}", str(self.tree.root)) for word in words)


def drawn_options(root, compilers):
    """The single words among the project's command lines that each compiler takes: each row of its table is in one of them."""
    words = set()
    for line in (root / LINES).read_text().splitlines():
        if not line.startswith("#") and line.count("|") >= 2:
            words |= {word for word in line.split("|")[2].split() if OPTION.fullmatch(word)}
    words = sorted(word for word in words if not NOT_DRAWN.fullmatch(word))
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        return {compiler: [word for word in words if _takes(compiler, word, Path(directory))] for compiler in compilers}


def _takes(compiler, word, directory):
    source = directory / ("unit.cpp" if "++" in compiler else "unit.c")
    source.write_text("int a;\n")
    done = subprocess.run(
        [compiler, "-c", source.name, "-o", "unit.o", word],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    # One that leaves more than an object beside it is fine; one that says something about itself is not.
    return done.returncode == 0 and not done.stderr


def installed(names):
    found = [name for name in names if shutil.which(name)]
    for name in names:
        if name not in found:
            print(f"differential: there is no {name} here", file=sys.stderr)
    return found
