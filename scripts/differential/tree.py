"""The directory in which all compile: sources that events change, and outputs, which are whatever else is found in it."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

from differential import sources
from differential.units import Unit

HEADERS = ("a.h", "b.h", "deep/c.h", "space in name.h")
FOLDERS = ("include", "v1", "v2", "early")
SEARCH_PATHS = (
    ("-Iearly", "-Inow", "-Iinclude"),
    ("-Inow", "-Iinclude"),
    ("-Iearly", "-Iinclude"),
    ("-iquote", "now", "-Iinclude"),
)
# What file descriptor 3 leads to.
OF_PROCESS = {
    "fd/arguments-1": "-DSET=5\n",
    "fd/arguments-2": "-DSET=6\n",
    "fd/header-1.h": "#define SET 7\n",
    "fd/header-2.h": "#define SET 8\n",
}
# Lists that options name, each in two versions.
LISTS = {
    "asm.inc": (".byte 1\n", ".byte 2\n"),
    "bin/flags": ("-DV=1", "-DV=2"),
    "arguments": ("-DSET=1 -O1", "-DSET=2 -O1"),
    "samples.txt": ("compared_1:100:10\n 1: 10\n", "compared_1:900:90\n 1: 90\n"),
    "ignore.txt": ("fun:unused_*\n", "fun:*\n"),
    "xray.txt": ("[always]\nfun:*=arg1\n", "[never]\nfun:*\n"),
    "seed.txt": ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
}
# The share of units that no compiler takes.
REFUSED_UNITS = 0.1
SCRIPT = "#!/bin/sh\n{}\n"
# What a compiler can be called through: what decides its options is in no command line.
WRAPPERS = {
    "by-variable": 'exec {0} $TOOL_FLAGS "$@"',
    "by-file": 'exec {0} $(cat "$(dirname "$0")/flags") "$@"',
    "plain": 'exec {0} "$@"',
}


class Tree:
    def __init__(self, root, random):
        self.root = Path(root)
        self.random = random
        self.value = 0
        for folder in (*FOLDERS, "bin", "elsewhere"):
            (self.root / folder).mkdir(parents=True)
        for folder in ("include", "v1", "v2"):
            for name in HEADERS:
                self._write_header(Path(folder) / name)
        for name, text in sources.HIDING.items():
            self.write(f"include/{name}", text)
        os.symlink("v1", self.root / "now")
        # A name by which a shell may have come here.
        os.symlink(self.root.name, f"{self.root}-link")
        os.symlink("../now/a.h", self.root / "include/through-link.h")
        self.headers = [*HEADERS, "through-link.h"]
        (self.root / "blob.bin").write_bytes(b"blob 0")
        for name, contents in LISTS.items():
            self.write(name, contents[0])
        (self.root / "fd").mkdir()
        os.symlink("/dev/fd/3", self.root / "fd/link.h")
        for name, content in OF_PROCESS.items():
            self.write(name, content)
        self.units = []
        for number in range(6):
            cxx = number % 3 == 2
            name = random.choice((f"unit{number}", f"unit {number}", f"ünit{number}", f"sub/unit{number}"))
            self.units.append(Unit(name + (".cpp" if cxx else ".c"), cxx, ways=SEARCH_PATHS, varied=1))
            self._write_unit(self.units[-1])
        self.slow_units = []
        for name, cxx in (("slow.c", False), ("slow.cpp", True)):
            self.write(name, sources.unit(random, self.headers, cxx, slow=60))
            self.slow_units.append(Unit(name, cxx, ways=SEARCH_PATHS, output="out/unit.o"))
        self.write("crash.c", sources.CRASH + "\nint crashed;\n")

    def _write_unit(self, unit):
        """One that compiles, mostly: of an error, nothing is stored."""
        while True:
            self.write(unit.source, sources.unit(self.random, self.headers, unit.cxx))
            words = ["g++" if unit.cxx else "gcc", "-fsyntax-only", "-w", "-Inow", "-Iinclude", unit.source]
            refused = subprocess.run(words, cwd=self.root, capture_output=True, check=False).returncode
            if not refused or self.random.random() < REFUSED_UNITS:
                return

    def add_wrappers(self, compilers):
        for name, script in WRAPPERS.items():
            for compiler in compilers:
                path = self.root / "bin" / f"{name}-{compiler}"
                path.write_text(SCRIPT.format(script.format(compiler)))
                path.chmod(0o755)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(errors="surrogateescape"))

    def _write_header(self, name):
        self.value += 1
        self.write(name, sources.header(self.random, str(Path(*name.parts[1:])), self.value % 100, []))

    # What is no source is an output.

    def note_sources(self):
        """To be called after each event."""
        self.noted = {path: self._mark(path) for path in self._all()}

    def _all(self):
        found = []
        for directory, directories, files in os.walk(self.root):
            found += [os.path.join(directory, name) for name in (*directories, *files)]
        return found

    @staticmethod
    def _mark(path):
        status = os.lstat(path)
        # The times of a directory are those of the outputs in it.
        return status.st_ino if stat.S_ISDIR(status.st_mode) else (status.st_ino, status.st_size, status.st_mtime_ns)

    def outputs(self):
        """What each output is, by name: its kind, mode and content."""
        found = {}
        for path in self._all():
            if self.noted.get(path) != self._mark(path):
                found[os.path.relpath(path, self.root)] = self._content(path)
        missing = [path for path in self.noted if not os.path.lexists(path)]
        return found | {os.path.relpath(path, self.root): "gone" for path in missing}

    @staticmethod
    def _content(path):
        status = os.lstat(path)
        mode = oct(stat.S_IMODE(status.st_mode))
        if stat.S_ISLNK(status.st_mode):
            return ("link", os.readlink(path))
        if stat.S_ISDIR(status.st_mode):
            return ("directory", mode)
        if not stat.S_ISREG(status.st_mode):
            return ("special", mode)
        with open(path, "rb") as file:
            return ("file", mode, status.st_nlink, file.read())

    def remove_outputs(self):
        for path in sorted(self._all(), key=len, reverse=True):
            if path not in self.noted:
                if os.path.isdir(path) and not os.path.islink(path):
                    os.rmdir(path)
                else:
                    os.unlink(path)

    def remove(self):
        shutil.rmtree(self.root)
