"""
What docs/compatibility.md calls the same in settings files, variables and options, tried on both programs: each row that
names `interop settings` is read from the page, so that none can be claimed without being tried.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import Failure, check, until
from lab.daemon import Daemon, clean_environment
from lab.farm import BWRAP, KINDS
from lab.machine import HERE
from lab.ports import free_address
from pieces import side_by_side
from report import say, table

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/compatibility.md"
PROOF = "interop settings"
REFUSAL_SECONDS = 60


def run(lab):
    rows = claimed()
    say("Settings files: taken as they stand, refused with a key that is misspelt")
    cells = [
        (section, cell, base, start)
        for section, base, start in (
            ("The scheduler's file", SCHEDULER, scheduler),
            ("A builder's file", BUILDER, builder),
            ("The client's file", CLIENT, client),
        )
        for cell in rows.pop(section)
    ]
    # What several rows add to the base is there already: that file is tried once.
    files = dict.fromkeys(file for _, cell, base, start in cells for file in with_setting(cell, base, start))
    trials = list(itertools.product(files, KINDS))
    starts = dict(zip(trials, side_by_side(lambda trial: trial[0].starts(lab, trial[1]), trials)))
    for _, cell, base, start in cells:
        right, misspelt = with_setting(cell, base, start)
        for kind in KINDS:
            check(starts[right, kind], f"{kind} does not start with {plain(cell)}")
            check(not starts[misspelt, kind], f"{kind} starts with this, where the last of {plain(cell)} is misspelt:\n{misspelt.text}")
    table(("file", "setting", *KINDS), [(section, plain(cell), "taken", "taken") for section, cell, _, _ in cells])

    say("Variables and options: the same effect")
    names = [plain(cell) for cells in rows.values() for cell in cells]
    for name in names:
        check(name in TRIALS, f"{PAGE.name} says that {name} was seen by `{PROOF}`, which has no trial of it")
    later = [name for name in names if SINCE.get(name, ()) > lab.programs.version()]
    names = [name for name in names if name not in later]
    trials = [(trial, kind) for trial in dict.fromkeys(TRIALS[name] for name in names) for kind in KINDS]
    seen = dict(zip(trials, side_by_side(lambda each: each[0](Trial(lab, each[1])), trials)))
    results = []
    for name in names:
        both = [seen[TRIALS[name], kind] for kind in KINDS]
        stock, jdist = (each[name] for each in both) if TRIALS[name] is statistics else both
        check(stock == jdist, f"{name}: sccache {stock}, jdist {jdist}")
        results.append((name, jdist if len(str(jdist)) < 60 else "equal"))
    results += [(name, f"not in {lab.programs.release()}") for name in later]
    table(("variable, option", "what was seen of both"), results)


def claimed():
    """First cells of the rows that this part has to prove, by the heading above them."""
    found, section = {}, ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line[1:-1].split("|")]
            if cells[-1].strip() == PROOF:
                check(cells[1] == "same", f"{PAGE.name}: only what is the same is proven: {line}")
                found.setdefault(section, []).append(cells[0])
    return found


def plain(cell):
    return cell.replace("`", "")


# Settings files

SCHEDULER = {
    "": {"public_addr": '"127.0.0.1:10600"'},
    "[client_auth]": {"type": '"token"', "token": '"x"'},
    "[server_auth]": {"type": '"token"', "token": '"x"'},
}
BUILDER = {
    "": {
        "cache_dir": '"DIR/cache"',
        "public_addr": '"127.0.0.1:10501"',
        "scheduler_url": '"http://127.0.0.1:10600"',
    },
    "[builder]": {"type": '"overlay"', "build_dir": '"DIR/build"', "bwrap_path": json.dumps(BWRAP)},
    "[scheduler_auth]": {"type": '"token"', "token": '"x"'},
}
CLIENT = {"": {}, "[dist]": {"cache_dir": '"DIR/toolchains"'}}


@dataclass(frozen=True)
class SettingsFile:
    """A file, the program that reads it, and whether it is to start with it."""

    start: Callable
    text: str
    wanted: bool

    def starts(self, lab, kind):
        return self.start(lab, kind, self.text, self.wanted)


def with_setting(cell, base, start):
    """The base with a setting, which a program is to take, and with the same misspelt."""
    header, settings = snippet(cell)
    last = list(settings)[-1]
    misspelt = {f"{key}x" if key == last else key: value for key, value in settings.items()}
    tables = base | {header: settings if "type" in settings else base.get(header, {}) | settings}
    wrong = base | {header: misspelt if "type" in settings else base.get(header, {}) | misspelt}
    return SettingsFile(start, as_text(tables), True), SettingsFile(start, as_text(wrong), False)


def as_text(tables):
    return "".join(
        (f"{header}\n" if header else "") + "".join(f"{key} = {value}\n" for key, value in keys.items())
        for header, keys in tables.items()
    )


def snippet(cell):
    """The table's header and the keys of a row: `[table] key = value`, `key = value`."""
    header, settings = "", {}
    for part in re.findall(r"`([^`]+)`", cell):
        match = re.fullmatch(r"(?:(\[+[a-z0-9_.]+\]+) )?([a-z_]+) = (.+)", part)
        check(match, f"{PAGE.name}: not a setting: {part}")
        header = match[1] or header
        settings[match[2]] = match[3]
    return header, settings


def write(lab, text, name, addresses):
    directory = lab.new_directory(name)
    for placeholder, address in addresses.items():
        text = text.replace(placeholder, address)
    config = directory / "config"
    config.write_text(text.replace("DIR/", f"{directory}/"))
    return config


def scheduler(lab, kind, text, wanted):
    address = free_address()
    config = write(lab, text, f"scheduler-{kind}", {"127.0.0.1:10600": address})
    environment = clean_environment(config.parent / "home", SCCACHE_NO_DAEMON="1", SCCACHE_LOG="info")
    return starts(lab.programs.farm(kind), ["scheduler", "--config", str(config)], environment, address, wanted)


def builder(lab, kind, text, wanted):
    address = free_address()
    addresses = {"127.0.0.1:10501": address, "127.0.0.1:10600": free_address(), "TOKEN": own_token(lab, address)}
    config = write(lab, text, f"builder-{kind}", addresses)
    environment = clean_environment(config.parent / "home", SCCACHE_LOG="info")
    return starts(lab.programs.farm(kind), ["server", "--config", str(config)], environment, address, wanted)


def own_token(lab, address):
    """A builder's, which has its address in it."""
    auth = [lab.programs.farm(KINDS[0]), "auth"]
    key = subprocess.run([*auth, "generate-jwt-hs256-key"], capture_output=True, text=True, check=True).stdout.strip()
    command = [*auth, "generate-jwt-hs256-server-token", "--server", address, f"--secret-key={key}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def client(lab, kind, text, wanted):
    config = write(lab, text, f"client-{kind}", {"127.0.0.1:10600": free_address()})
    endpoint = config.parent / "socket"
    environment = clean_environment(
        config.parent / "home",
        SCCACHE_CONF=str(config),
        SCCACHE_SERVER_UDS=str(endpoint),
        SCCACHE_START_SERVER="1",
        SCCACHE_NO_DAEMON="1",
        SCCACHE_LOG="info",
    )
    return starts(lab.programs.client(kind), [], environment, endpoint, wanted)


def starts(program, arguments, environment, endpoint, wanted):
    """Whether it comes to listen; a program that is to refuse is given the time to end."""
    with Daemon([program, *arguments], environment, Path(environment["HOME"]).parent / "log") as process:

        def settled():
            return process.exit_code() is not None or HERE.listens(endpoint)

        until(settled, f"{program} to start or to refuse", REFUSAL_SECONDS)
        up = process.exit_code() is None
        check(up or not wanted, f"{program} {' '.join(arguments)} ended:\n{process.tail()}")
        return up


# Variables and options


class Trial:
    """A client daemon of one kind with a project of one unit, and the daemon's environment to be chosen."""

    def __init__(self, lab, kind):
        self.lab = lab
        self.program = lab.programs.client(kind)
        self.directory = lab.new_directory(f"trial-{kind}")
        self.socket = self.directory / "socket"
        self.cache = self.directory / "cache"
        self.log = self.directory / "log"
        self.environment = clean_environment(
            self.directory / "home",
            SCCACHE_CONF=str(self.directory / "no-file"),
            SCCACHE_DIR=str(self.cache),
            SCCACHE_SERVER_UDS=str(self.socket),
        )
        (self.directory / "a.c").write_text('#include "a.h"\nint a(void) { return A; }\n')
        (self.directory / "a.h").write_text("#define A 1\n")

    @contextlib.contextmanager
    def daemon(self, **environment):
        more = {"SCCACHE_START_SERVER": "1", "SCCACHE_NO_DAEMON": "1"} | environment
        process = Daemon([self.program], self.environment | more, self.log)
        try:
            until(lambda: process.exit_code() is not None or HERE.listens(self.socket), "the client daemon")
            process.check_runs()
            yield process
        finally:
            process.stop()

    def run(self, *arguments, **environment):
        return subprocess.run(
            [self.program, *arguments],
            env=self.environment | environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def compile(self, *arguments, **environment):
        """Compiles the unit; what is to be cached is there when this returns."""
        before = self.info()["stats"]["cache_misses"]["counts"]
        done = self.run("gcc", "-c", "a.c", "-o", "a.o", *arguments, **environment)
        check(done.returncode == 0, f"{self.program} gcc: {done.stderr}")
        if self.info()["stats"]["cache_misses"]["counts"] != before:
            with contextlib.suppress(Failure):
                until(lambda: self.info()["stats"]["cache_writes"] >= self.misses(), "the cache to be written", 2)

    def misses(self):
        return sum(self.info()["stats"]["cache_misses"]["counts"].values())

    def info(self):
        done = self.run("--show-stats", "--stats-format", "json")
        check(done.returncode == 0, f"{self.program} --show-stats: {done.stderr}")
        return json.loads(done.stdout)

    def counts(self):
        stats = self.info()["stats"]
        return {
            "hits": sum(stats["cache_hits"]["counts"].values()),
            "misses": self.misses(),
            "compilations": stats["compilations"],
            "recaches": stats["forced_recaches"],
        }


def statistics(of):
    """What each option prints of the same requests."""
    with of.daemon():
        of.compile()
        of.compile()
        of.run("gcc", "-c", "a.c", "-E")
        of.run("gcc", "--version")
        (of.directory / "wrong.c").write_text("int wrong(void) { return }\n")
        of.run("gcc", "-c", "wrong.c")
        newest = of.lab.programs.version() >= SINCE[MODE]
        texts = {option: normal(of.run(option).stdout, newest) for option in ("--show-stats", "-s", "--show-adv-stats")}
        return texts | {"--stats-format": stats_json(of.info(), newest)}


def normal(text, newest):
    """Statistics with what differs from run to run, and from program to program by its nature, left out."""
    differing = r"Cache location|Version|Cache size" + ("" if newest else "|Effective cache mode")
    lines = []
    for line in text.splitlines():
        if not re.match(differing, line):
            lines.append(re.sub(r"\s+\d+\.\d{3} s$", " TIME", line))
    return "\n".join(lines)


def stats_json(info, newest):
    differing = {"cache_location", "version", "cache_size"} | (set() if newest else {MODE})
    stats = {key: sorted(value) if "duration" in key else value for key, value in info["stats"].items()}
    return json.dumps({key: value for key, value in info.items() if key not in differing} | {"stats": stats})


def zeroed(option):
    def trial(of):
        with of.daemon():
            of.compile()
            done = of.run(option)
            return done.returncode, (done.stdout + done.stderr).strip(), tuple(of.counts().values())

    return trial


def by_link(of):
    """A link named like the compiler, in front of the real one."""
    links = of.directory / "links"
    links.mkdir()
    (links / "gcc").symlink_to(of.program)
    with of.daemon():
        environment = of.environment | {"PATH": f"{links}:{os.environ['PATH']}"}
        subprocess.run([shutil.which("gcc", path=str(links)), "-c", "a.c"], env=environment, cwd=of.directory, check=True)
        return of.counts()["misses"], (of.directory / "a.o").exists()


def log_times(of):
    seen = []
    for more in ({}, {"SCCACHE_LOG_MILLIS": "1"}):
        of.log.unlink(missing_ok=True)
        with of.daemon(SCCACHE_LOG="debug", **more):
            of.compile()
        seen.append(bool(re.search(r"\d\d:\d\d:\d\d\.\d{3}Z", of.log.read_text())))
    return "milliseconds without and with: {}, {}".format(*seen)


def error_log(of):
    file = of.directory / "errors"
    done = of.run("--start-server", SCCACHE_ERROR_LOG=str(file), SCCACHE_LOG="debug")
    check(done.returncode == 0, done.stderr)
    try:
        of.compile()
    finally:
        of.run("--stop-server")
    return file.exists() and file.stat().st_size > 0


def idle(of):
    with of.daemon(SCCACHE_IDLE_TIMEOUT="1") as process:
        until(lambda: process.exit_code() is not None, "the idle daemon to end")
        return process.exit_code()


def started(of):
    with of.daemon():
        return of.info()["stats"]["compile_requests"]


def notified(of):
    """What a daemon tells on its start, and what becomes of one whom nobody hears."""
    path = of.directory / "notify"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(REFUSAL_SECONDS)
        with of.daemon(SCCACHE_STARTUP_NOTIFY=str(path)):
            heard, _ = listener.accept()
            with heard, heard.makefile("rb") as stream:
                told = stream.read()
    (length,) = struct.unpack_from(">I", told)
    variant, text = struct.unpack_from("<IQ", told, 4)
    check(len(told) == 4 + length == 16 + text, f"{of.program} tells {told!r}")
    # Each kind has a directory of its own.
    where = told[16:].decode().replace(str(of.directory), "DIR")

    environment = {"SCCACHE_START_SERVER": "1", "SCCACHE_NO_DAEMON": "1", "SCCACHE_STARTUP_NOTIFY": str(path)}
    return variant, where, of.run(**environment).returncode


def cache_directory(of):
    with of.daemon(SCCACHE_DIR=str(of.directory / "elsewhere")):
        of.compile()
    return any(path.is_file() for path in (of.directory / "elsewhere").rglob("*")), of.cache.exists()


def packed_directory(of):
    """Of packed compilers, which a client of a farm makes when it starts, although nobody answers."""
    settings = of.directory / "settings"
    settings.write_text(f'[dist]\nscheduler_url = "http://127.0.0.1:1"\ncache_dir = {json.dumps(str(of.directory / "file"))}\n')
    with of.daemon(SCCACHE_CONF=str(settings), SCCACHE_DIST_CLIENT_CACHE_DIR=str(of.directory / "variable")):
        of.compile()
    return (of.directory / "variable").is_dir(), (of.directory / "file").exists()


def info_with(key, **environment):
    def trial(of):
        with of.daemon(**environment):
            return of.info()[key]

    return trial


def counts_of(steps, **environment):
    """Compiles once for each step, with the variables that it gives; what was counted then."""

    def trial(of):
        with of.daemon(**environment):
            for step in steps:
                variables = {
                    name: value.replace("DIR", str(of.directory)) for name, value in step.items() if name.isupper()
                }
                if "content" in step:
                    (of.directory / "extra").write_text(step["content"])
                of.compile(**variables)
            return of.counts()

    return trial


MODE = "effective_cache_mode"
# Versions of sccache that were the first to have something.
SINCE = {"SCCACHE_DIST_CLIENT_CACHE_DIR": (0, 19), MODE: (0, 19)}
EXTRA = {"SCCACHE_EXTRAFILES": "DIR/extra"}
BUSTER = "SCCACHE_C_CUSTOM_CACHE_BUSTER"

TRIALS = {
    "a symbolic link named like a compiler": by_link,
    "--show-stats": statistics,
    "-s": statistics,
    "--show-adv-stats": statistics,
    "--stats-format": statistics,
    "--zero-stats": zeroed("--zero-stats"),
    "-z": zeroed("-z"),
    "SCCACHE_LOG_MILLIS": log_times,
    "SCCACHE_ERROR_LOG": error_log,
    "SCCACHE_START_SERVER": started,
    "SCCACHE_STARTUP_NOTIFY": notified,
    "SCCACHE_IDLE_TIMEOUT": idle,
    "SCCACHE_DIR": cache_directory,
    "SCCACHE_DIST_CLIENT_CACHE_DIR": packed_directory,
    "SCCACHE_CACHE_SIZE": info_with("max_cache_size", SCCACHE_CACHE_SIZE="5M"),
    "SCCACHE_LOCAL_RW_MODE": counts_of([{}, {}], SCCACHE_LOCAL_RW_MODE="READ_ONLY"),
    "SCCACHE_CACHE_ZSTD_LEVEL": counts_of([{}, {}], SCCACHE_CACHE_ZSTD_LEVEL="19"),
    "SCCACHE_DIRECT": info_with("use_preprocessor_cache_mode", SCCACHE_DIRECT="false"),
    "SCCACHE_RECACHE": counts_of([{}, {"SCCACHE_RECACHE": "1"}, {}]),
    "SCCACHE_NO_CACHE": counts_of([{}, {"SCCACHE_NO_CACHE": "1"}, {}]),
    "SCCACHE_EXTRAFILES": counts_of([EXTRA | {"content": "a"}, EXTRA | {"content": "b"}, EXTRA]),
    BUSTER: counts_of([{BUSTER: "a"}, {BUSTER: "b"}, {BUSTER: "a"}]),
}
