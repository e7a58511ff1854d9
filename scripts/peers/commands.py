"""
What the client's commands print and how they end, with each setting of the log, of both programs side by side. What
docs/compatibility.md says below "What commands print" is held against it: each situation has its row.
"""

import contextlib
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import check
from lab.daemon import clean_environment
from lab.farm import KINDS
from pieces import side_by_side
from report import say, table
from settings import MODE, PAGE, SINCE, normal

SECTION = "What commands print"
PROOF = "interop commands"
LOGS = {
    "": {},
    "SCCACHE_LOG=debug": {"SCCACHE_LOG": "debug"},
    "SCCACHE_LOG=debug SCCACHE_LOG_MILLIS=1": {"SCCACHE_LOG": "debug", "SCCACHE_LOG_MILLIS": "1"},
    "SCCACHE_LOG=off": {"SCCACHE_LOG": "off"},
    "SCCACHE_LOG=debug SCCACHE_ERROR_LOG=FILE": {"SCCACHE_LOG": "debug", "SCCACHE_ERROR_LOG": "FILE"},
}
# In this order, behind one daemon. What both count otherwise comes after the statistics.
COMMANDS = {
    "--version": ["--version"],
    "-V": ["-V"],
    "--stop-server, none runs": ["--stop-server"],
    "--start-server": ["--start-server"],
    "--start-server, one runs": ["--start-server"],
    "a compile": ["gcc", "-c", "a.c", "-o", "a.o"],
    "a compile again": ["gcc", "-c", "a.c", "-o", "a.o"],
    "a compile with a warning": ["gcc", "-Wall", "-c", "warns.c"],
    "a compile that fails": ["gcc", "-c", "fails.c"],
    "a compiler without arguments": ["gcc"],
    "a compiler's --version": ["gcc", "--version"],
    "a compiler that is not there": ["no-such-compiler", "-c", "a.c"],
    "--show-stats": ["--show-stats"],
    "--show-adv-stats": ["--show-adv-stats"],
    "a compile of no file": ["gcc", "-c", "no-such-file.c"],
    "--zero-stats": ["--zero-stats"],
    "--dist-status": ["--dist-status"],
    "--dist-auth": ["--dist-auth"],
    "--package-toolchain": ["--package-toolchain", "/usr/bin/gcc", "toolchain.tar.gz"],
    "--stop-server": ["--stop-server"],
    "an unknown option": ["--no-such-option"],
    "a wrong value": ["--show-stats", "--stats-format=xml"],
    "nothing": [],
}
UNWRITABLE = "--start-server, SCCACHE_ERROR_LOG cannot be written"
# [2026-12-01T12:00:00Z DEBUG sccache::config] words, and further lines of the same message.
LOGGED = re.compile(r"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z (ERROR|WARN |INFO |DEBUG|TRACE) [\w:]+\] .*\n(?:    .*\n)*", re.M)


@dataclass(frozen=True)
class Seen:
    """What a command did; `logged` is how exact the times of its log are, or nothing."""

    code: int
    stdout: str
    stderr: str
    logged: str


def run(lab):
    say("What the client's commands print, with each setting of the log")
    claims = claimed()
    trials = [(log, kind) for log in LOGS for kind in KINDS]
    seen = dict(zip(trials, side_by_side(lambda trial: conversation(lab, *trial), trials)))
    results, problems = [], []
    for name in [*COMMANDS, UNWRITABLE]:
        differing = [log for log in LOGS if seen[log, KINDS[0]][name] != seen[log, KINDS[1]][name]]
        status = claims.pop(name, None)
        if (status == "same") == bool(differing):
            shown = "".join(f"\n  {kind}: {seen[log, kind][name]}" for log in (differing or [""])[:1] for kind in KINDS)
            problems.append(f"{name} is {status or 'not on the page'}; {f'with {differing}' if differing else 'equal'}{shown}")
        results.append((name, "equal" if not differing else "different"))
    check(not problems, f"not as {PAGE.name} says:\n" + "\n".join(problems))
    check(not claims, f"{PAGE.name} has rows that are not tried: {', '.join(claims)}")
    table(("command", f"in {len(LOGS)} settings of the log"), results)


def claimed():
    """What the page says of each situation."""
    found, section = {}, ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif section == SECTION and line.startswith("| ") and "| jdist | how, why |" not in line:
            name, status, _, proof = (cell.strip() for cell in line[1:-1].split("|"))
            check(proof == PROOF, f"{PAGE.name}: not seen by {PROOF}: {line}")
            found[name.replace("`", "")] = status
    return found


def conversation(lab, log, kind):
    """What each command does with one program."""
    program = lab.programs.client(kind)
    directory = lab.new_directory(f"commands-{kind}")
    (directory / "a.c").write_text("int a;\n")
    (directory / "warns.c").write_text("static int a;\n")
    (directory / "fails.c").write_text("int a\n")
    environment = clean_environment(
        directory / "home",
        SCCACHE_CONF=str(directory / "no-file"),
        SCCACHE_DIR=str(directory / "cache"),
        SCCACHE_SERVER_UDS=str(directory / "socket"),
        SCCACHE_STARTUP_TIMEOUT="5",
    )
    environment |= {name: value.replace("FILE", str(directory / "log")) for name, value in LOGS[log].items()}

    def plain(text):
        """Without what differs from run to run, or from version to version, and without the program's own name and version."""
        text = re.sub(r"\b(sccache|jdist)(?= ?[:\d]| server)", "PROGRAM", text.replace(str(directory), "DIR"))
        text = normal(text, lab.programs.version() >= SINCE[MODE])
        return re.sub(r"(?m)^PROGRAM \d+\.\d+\.\d+$", "PROGRAM VERSION", text)

    def ask(arguments, **more):
        done = subprocess.run(
            [program, *arguments],
            env=environment | more,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        logged = {match[1] is not None for match in LOGGED.finditer(done.stderr)}
        times = " and ".join("milliseconds" if exact else "seconds" for exact in sorted(logged))
        return Seen(done.returncode, plain(done.stdout), plain(LOGGED.sub("", done.stderr)), times)

    try:
        seen = {name: ask(arguments) for name, arguments in COMMANDS.items()}
        seen[UNWRITABLE] = ask(["--start-server"], SCCACHE_ERROR_LOG=str(directory / "a.c" / "log"))
        return seen
    finally:
        with contextlib.suppress(OSError):
            ask(["--stop-server"])
        end_daemons_at(directory / "socket")


def end_daemons_at(socket):
    """One whose socket another has taken over can be reached no more."""
    variable = f"SCCACHE_SERVER_UDS={socket}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if variable in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)

