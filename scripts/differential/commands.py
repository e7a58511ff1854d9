"""Random command lines: options of the project's own table of command lines, files of the tree, and where all this runs."""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from differential.tree import WRAPPERS
from differential.units import Unit

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
    ["-fxray-instrument", "-fxray-instruction-threshold=1", "-fxray-attr-list=xray.txt"],
    ["-fxray-instrument", "-fxray-always-instrument=xray.txt"],
    ["-frandomize-layout-seed-file=seed.txt"],
    ["-fsanitize=address", "-Xclang", "-fsanitize-ignorelist=ignore.txt"],
    ["-fsanitize=address", "-Xclang", "-fsanitize-system-ignorelist=ignore.txt"],
    ["-I", "/proc/self/cwd/now"],
    ["-include", "/proc/self/cwd/include/a.h"],
)
# What names a file of the process, with the files that this may be.
OF_PROCESS = (
    (["@/dev/fd/3"], ("fd/arguments-1", "fd/arguments-2")),
    (["@/proc/self/fd/3"], ("fd/arguments-1", "fd/arguments-2")),
    (["-include", "/dev/fd/3"], ("fd/header-1.h", "fd/header-2.h")),
    (["-imacros", "/proc/self/fd/3"], ("fd/header-1.h", "fd/header-2.h")),
    (["-include", "/dev/stdin"], ("fd/header-1.h", "fd/header-2.h")),
    (["-include", "{tree}/fd/link.h"], ("fd/header-1.h", "fd/header-2.h")),
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
MORE_OUTPUTS = (
    ["-g"],
    ["-g", "-gsplit-dwarf"],
    ["-fstack-usage"],
    ["--coverage", "-frandom-seed=1"],
    ["-g3"],
    ["-g", "-fdebug-macro"],
    ["-g", "-gdwarf-5", "-gembed-source"],
    ["-gdwarf-4", "-O2"],
    ["-gline-tables-only"],
    ["-fsanitize=undefined"],
    ["-fsanitize=address,undefined", "-O1"],
    ["-fsanitize=undefined", "-g"],
    ["-fsanitize=thread"],
    ["-flto", "-frandom-seed=1"],
    ["-fprofile-instr-generate", "-fcoverage-mapping"],
    ["-std=gnu++20"],
    ["-std=gnu++20", "-fsanitize=bounds"],
    ["-O2"],
)
OUTPUTS_ELSEWHERE = ([], ["-o", "{tree}/out/unit.o"], ["-o", "{tree}/out/unit.o", "-MD"], ["-o", "../unit.o"])
# What is at the place of the outputs already.
PLACES = ("nothing", "nothing", "nothing", "a file", "a private file", "a link", "a dangling link", "a hard link", "an ACL")
ENVIRONMENTS = (
    *({} for _ in range(16)),
    {"CPATH": "v1"},
    {"CPATH": "now"},
    {"C_INCLUDE_PATH": "early:include", "CPLUS_INCLUDE_PATH": "include"},
    {"SOURCE_DATE_EPOCH": "1000000000"},
    {"GCC_COLORS": "warning=01;34"},
    {"LANG": "C", "LC_ALL": "C"},
    {"DEPENDENCIES_OUTPUT": "out/unit.dep"},
    {"GCC_COMPARE_DEBUG": ""},
    {"COLUMNS": "40"},
    {"NO_COLOR": "1"},
    # Another name of the tree, as a shell has it that got there by a link.
    {"PWD": "{tree}-link"},
    {"PWD": "{tree}-link", "COLUMNS": "60"},
)
# What the wrapper by-variable passes on.
TOOL_FLAGS = ({}, {"TOOL_FLAGS": "-DV=3"}, {"TOOL_FLAGS": "-DV=4 -g"})


# How often an option is drawn that the compiler does not know.
TRIES = 10
WIDTHS = (40, 80, 120)
UMASKS = (0o022, 0o022, 0o022, 0o077, 0o002)


@dataclass(frozen=True)
class Command:
    """A compile: where and how it is called, apart from what is in front of the compiler."""

    unit: Unit
    arguments: tuple
    environment: dict = field(default_factory=dict)
    place: str = "nothing"
    umask: int = 0o022
    # In a mount namespace of its own, with v2 over the folder include.
    mounted: bool = False
    # Diagnostics go to a terminal that is this wide.
    columns: int = 0
    # The file that is open as descriptor 3, and as standard input.
    descriptor: str = ""

    def __str__(self):
        words = [f"{name}={value}" for name, value in self.environment.items()]
        words += [f"umask={self.umask:o}"] if self.umask != 0o022 else []
        words += ["mounted"] if self.mounted else []
        words += [f"terminal={self.columns}"] if self.columns else []
        words += [f"3<{self.descriptor}"] if self.descriptor else []
        words += [f"in {self.unit.directory}:"] if self.unit.directory != "." else []
        words += [f"at its output: {self.place};"] if self.place != "nothing" else []
        return " ".join([*words, *(repr(word) if " " in word else word for word in self.arguments)])


class Commands:
    def __init__(self, tree, random, compilers, taken):
        self.tree = tree
        self.random = random
        self.compilers = compilers
        self.taken = taken

    def any(self, units):
        random = self.random
        unit = random.choice(units)
        compiler = random.choice(unit.compiled_by(self.compilers))
        varied = random.random() < unit.varied
        words, descriptor = self._words(unit, compiler, varied)
        environment = random.choice(ENVIRONMENTS)
        if "/by-variable-" in words[0]:
            environment = random.choice(TOOL_FLAGS)
        return Command(
            unit,
            words,
            environment if varied else {},
            random.choice(PLACES),
            random.choice(UMASKS),
            random.random() < 0.04,
            random.choice(WIDTHS) if random.random() < 0.08 else 0,
            descriptor,
        )

    def slow(self):
        """What takes long enough for something to happen meanwhile, and reads its headers at the begin."""
        units = [unit for unit in self.tree.slow_units if any(("++" in name) == unit.cxx for name in self.compilers)]
        unit = self.random.choice(units)
        words, _ = self._words(unit, self.random.choice(unit.compiled_by(self.compilers)), False)
        return Command(unit, (*words, "-O2"))

    def turned(self, command):
        """The same command line, called in another way."""
        random = self.random
        change = random.choice(("environment", "place", "umask", "mounted", "columns", "descriptor"))
        if change == "descriptor" and command.descriptor:
            number = command.descriptor
            return replace(command, descriptor=number.translate(str.maketrans("12", "21")))
        if change == "environment" or "/by-variable-" in command.arguments[0]:
            wrapped = "/by-variable-" in command.arguments[0]
            return replace(command, environment=random.choice(TOOL_FLAGS if wrapped else ENVIRONMENTS))
        if change == "mounted":
            return replace(command, mounted=not command.mounted)
        if change == "columns":
            return replace(command, columns=random.choice(WIDTHS))
        if change == "umask":
            return replace(command, umask=random.choice(UMASKS))
        return replace(command, place=random.choice(PLACES))

    def _words(self, unit, compiler, varied):
        """The command line, and the file that its descriptor 3 is."""
        random = self.random
        descriptor = ""
        words = [compiler]
        if varied and random.random() < 0.15:
            words = [f"{{tree}}/bin/{random.choice(sorted(WRAPPERS))}-{compiler}"]
        words += random.choice(unit.ways)
        if varied:
            words += random.choice(WARNINGS) if random.random() < 0.6 else []
            words += self.taken.draw(random, MORE_OUTPUTS, compiler) if random.random() < 0.25 else []
            for _ in range(random.choice((0, 0, 1, 2))):
                words += self.taken.draw(random, self.taken.single, compiler)
            if unit.directory == "." and random.random() < 0.3:
                words += self.taken.draw(random, FILES, compiler)
            if random.random() < 0.06:
                more, files = random.choice(OF_PROCESS)
                descriptor = random.choice(files)
                words += more
        words += self._output(unit)
        name = unit.source
        names = (name, name, name, f"./{name}", f"{self.tree.root}/{unit.directory}/{name}".replace("/./", "/"))
        words += [*unit.action, random.choice(names)]
        return tuple(word.replace("{tree}", str(self.tree.root)) for word in words), descriptor

    def _output(self, unit):
        if unit.output:
            return ["-o", unit.output]
        if unit.directory != ".":
            return self.random.choice(OUTPUTS_ELSEWHERE)
        return self.random.choice(OUTPUTS)


class Taken:
    """Options that compilers know, drawn. Each is tried once with each, in a copy of a tree, as some name its files."""

    def __init__(self, options, tree):
        self.single = [[word] for word in options]
        self.tree = tree
        self.known = {}
        self.lock = threading.Lock()

    def draw(self, random, groups, compiler):
        for _ in range(TRIES):
            words = random.choice(groups)
            if self._takes(compiler, words):
                return words
        return []

    def _takes(self, compiler, words):
        key = (compiler, *words)
        with self.lock:
            if key not in self.known:
                self.known[key] = _takes(compiler, words, self.tree)
            return self.known[key]


def drawn_options(root):
    """The single words among the project's command lines: each row of its table is in one of them."""
    words = set()
    for line in (root / LINES).read_text().splitlines():
        if not line.startswith("#") and line.count("|") >= 2:
            words |= {word for word in line.split("|")[2].split() if OPTION.fullmatch(word)}
    return sorted(word for word in words if not NOT_DRAWN.fullmatch(word))


def _takes(compiler, words, tree):
    source = "takes.cpp" if "++" in compiler else "takes.c"
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        place = Path(directory)
        (place / source).write_text("int a;\n")
        words = [word.replace("{tree}", str(tree)) for word in words]
        done = subprocess.run(
            [compiler, "-c", place / source, "-o", place / "unit.o", *words],
            cwd=tree,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    # Intermediate files, as of -save-temps, are left where the compiler runs.
    for left in Path(tree).glob("takes.*"):
        left.unlink()
    # One that leaves more than an object beside it is fine; one that says something about itself is not.
    return done.returncode == 0 and not done.stderr


def installed(names):
    found = [name for name in names if shutil.which(name)]
    for name in names:
        if name not in found:
            print(f"differential: there is no {name} here", file=sys.stderr)
    return found
