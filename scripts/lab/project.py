"""The project that is built, with each kind of build at the same place, as objects may hold the names of their sources."""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lab.accounting import run
from lab.conditions import Failure, check
from lab.machine import HERE

TAIL_LINES = 15
# CMake's own trials: whether link-time optimisation works, and the like.
TRIALS = re.compile(r"CMakeScratch|CMakeTmp|_CMakeLTOTest|CompilerId")


def find(project, subdirectory, work, root):
    """The source directory of a project: itself one, or the name of a source package."""
    source = Path(project).resolve() if Path(project).is_dir() else work / "sources" / project
    if not source.is_dir():
        fetch(project, work / "sources", root)
    place = source / subdirectory
    known = [
        str(file.parent.relative_to(source))
        for pattern in ("*/CMakeLists.txt", "*/*/CMakeLists.txt")
        for file in sorted(source.glob(pattern))
    ]
    hint = f"; some are in --subdirectory {' or '.join(known[:3])}" if known else ""
    check(
        (place / "CMakeLists.txt").is_file(),
        f"{place} is no CMake project: it has no CMakeLists.txt" + hint,
    )
    return place


def fetch(package, directory, root):
    missing = f"there is no directory {package}"
    check(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", package), f"{missing}, and no source package can be called so")
    check(shutil.which("dpkg-source"), f"{missing}; scripts/setup compare installs what fetches source packages")
    print(f"fetching the source package {package}", file=sys.stderr, flush=True)
    fetched = subprocess.run(
        [str(root / "scripts/fetch-source"), package, str(directory)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    words = fetched.stderr.strip().splitlines()
    check(
        fetched.returncode == 0,
        f"{missing}, and no such source package can be fetched: {words[-1] if words else ''}",
    )


class Project:
    """A source directory, and how it is built: configured once for each kind of build, from which each build is a copy."""

    def __init__(self, source, generator, arguments, target, work, logs, machine=HERE):
        self.source = source
        self.generator = generator
        self.arguments = arguments
        self.target = target
        self.work = work
        self.logs = logs
        self.machine = machine
        self.place = work / "build"

    def read_all(self):
        """So that the first build does not wait for a disk more than the others do."""
        for file in self.source.rglob("*"):
            if ".git" not in file.parts and file.is_file() and not file.is_symlink():
                with open(file, "rb") as opened:
                    while opened.read(1 << 20):
                        pass

    def configure(self, kind, launcher, environment):
        command = ["cmake", "-S", str(self.source), "-B", str(self.place), "-G", self.generator]
        if not any(argument.startswith("-DCMAKE_BUILD_TYPE") for argument in self.arguments):
            command.append("-DCMAKE_BUILD_TYPE=Release")
        command += [f"-DCMAKE_{language}_COMPILER_LAUNCHER={launcher}" for language in ("C", "CXX")]
        command += self.arguments
        shutil.rmtree(self.place, ignore_errors=True)
        self._run(f"configuring the {kind} build", command, environment, self.logs / f"configure-{kind}.log")
        self.place.rename(self._configured(kind))

    def _configured(self, kind):
        return self.work / f"configured-{kind}"

    def build(self, kind, title, jobs, environment, log, before=lambda: None):
        """What a whole build costs; `before` is called when all is ready for it."""
        shutil.rmtree(self.place, ignore_errors=True)
        subprocess.run(["cp", "-a", self._configured(kind), self.place], check=True)
        command = ["cmake", "--build", str(self.place), "-j", str(jobs)]
        command += ["--target", self.target] if self.target else []
        before()
        return self._run(title, command, environment, log)

    def _run(self, title, command, environment, log):
        code, cost = run(self.machine.command(command), environment, log)
        if code != 0:
            text = log.read_text(errors="replace").splitlines()
            # Ninja and make go on with what they began: the first error may be far from the end.
            first = next((i for i, line in enumerate(text) if re.search(r"\berror\b", line, re.I)), len(text))
            shown = text[min(max(0, first - 3), max(0, len(text) - TAIL_LINES)) :][:TAIL_LINES]
            quoted = "\n".join(f"    {line}" for line in shown)
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise Failure(f"{title} failed with {how}:\n  {' '.join(command)}\n{quoted}\n  its log: {log}")
        return cost

    def objects(self):
        return objects(self.place)


def objects(directory):
    """The digests of all objects that a build has made, by name."""
    found = ((str(file.relative_to(directory)), file) for file in directory.rglob("*.o"))
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in found if not TRIALS.search(name)}
