"""One build of the project: all its units, so many at once, and what each came to."""

import hashlib
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.daemon import clean_environment

OPTIONS = ("-O2", "-D_LARGEFILE64_SOURCE=1")
# A unit that has not ended by then never will.
LONGEST_SECONDS = 400


@dataclass(frozen=True)
class Unit:
    """A source, and the digest of the object that the compiler makes of it by itself."""

    source: str
    digest: str


@dataclass(frozen=True)
class Ended:
    """What a unit came to, and when, by the monotonic clock."""

    unit: str
    began: float
    ended: float
    problem: str


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def units(sources, directory):
    """The units of all sources, compiled by the compiler alone."""
    directory.mkdir()
    found = []
    for source in sorted(sources.glob("*.c")):
        made = directory / f"{source.stem}.o"
        command = ["gcc", *OPTIONS, "-c", source.name, "-o", str(made)]
        subprocess.run(command, cwd=sources, env=clean_environment(directory / "home"), check=True)
        found.append(Unit(source.name, digest(made)))
    return found


class Build:
    """Runs in threads of its own, from its start to `wait`."""

    def __init__(self, site, sources, directory, tasks, jobs):
        self.site = site
        self.sources = sources
        self.directory = directory
        self.began = time.monotonic()
        directory.mkdir()
        self.pool = ThreadPoolExecutor(jobs)
        self.tasks = [self.pool.submit(self._compile, number, unit) for number, unit in enumerate(tasks)]
        self.lock = threading.Lock()

    def _compile(self, number, unit):
        made = self.directory / f"{number}.o"
        words = [self.site.launcher, "gcc", *OPTIONS, "-c", unit.source, "-o", str(made)]
        began = time.monotonic()
        problem = ""
        try:
            done = subprocess.run(
                self.site.client.machine.command(words),
                cwd=self.sources,
                env=self.site.launcher_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=LONGEST_SECONDS,
                check=False,
            )
            if done.returncode != 0:
                problem = f"ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
            elif done.stdout or done.stderr:
                problem = f"said {(done.stdout + done.stderr).decode(errors='replace').strip()}"
            elif not made.is_file():
                problem = "made no object"
            elif digest(made) != unit.digest:
                problem = "made another object than the compiler by itself"
        except subprocess.TimeoutExpired:
            problem = f"did not end within {LONGEST_SECONDS} s"
        return Ended(unit.source, began, time.monotonic(), problem)

    def is_running(self):
        return not all(task.done() for task in self.tasks)

    def wait(self):
        """All units, once all have ended."""
        ended = [task.result() for task in self.tasks]
        self.pool.shutdown()
        return ended

    def left_behind(self):
        """What is in the directory beside the objects."""
        expected = {f"{number}.o" for number in range(len(self.tasks))}
        return sorted(path.name for path in self.directory.iterdir() if path.name not in expected)
