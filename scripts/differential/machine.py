"""Compiles one command by the compiler alone, through a cache, and on farms, and tells where the results differ."""

import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import termios
import time
from dataclasses import dataclass, field
from pathlib import Path

from lab.conditions import Failure

BARE = "bare"
CACHE = "cache"
LIMIT_SECONDS = 120
TEMPORARY = re.compile(rb"/tmp/cc[A-Za-z0-9]{6}|/tmp/[^ \"':]*-[0-9a-f]{6,}\.(?:s|o|dwo)")
# What a farm's builder is told of sources is not all that these put into objects (docs/compatibility.md).
DEBUG_OPTIONS = re.compile(r"-g(?!0).*|--coverage|-ftest-coverage|-fprofile-arcs")


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: bytes
    files: dict = field(default_factory=dict)

    def without_debug_information(self):
        files = {name: _without_debug_information(name, file) for name, file in self.files.items()}
        return Result(self.code, self.out, self.err, files)

    def differences(self, other):
        if self.code != other.code:
            yield f"exit code {other.code} instead of {self.code}"
        for name, mine, others in (("standard output", self.out, other.out), ("standard error", self.err, other.err)):
            if mine != others:
                yield f"{name} differs:\n{_indented(mine)}\n    instead, with jdist:\n{_indented(others)}"
        for name in sorted(self.files.keys() | other.files.keys()):
            mine, others = self.files.get(name), other.files.get(name)
            if mine != others:
                yield f"{name}: {_described(others)} instead of {_described(mine)}"


def _indented(text):
    return "\n".join("        " + line for line in text.decode(errors="replace").splitlines()[:12])


def _described(file):
    if file is None:
        return "nothing"
    return " ".join(str(part) if not isinstance(part, bytes) else f"{len(part)} bytes ({hash(part) & 0xFFFF:x})" for part in file)


class Machine:
    """A tree, and the clients by name that compile in it; none for the compiler alone."""

    def __init__(self, tree, clients, environment):
        self.tree = tree
        self.clients = clients
        self.environment = environment

    def compile(self, mode, command):
        self._place(command.place)
        code, out, err = self._run(mode, command).result()
        files = self.tree.outputs()
        self.tree.remove_outputs()
        return Result(code, _neutral(out), _neutral(err), files)

    def compile_during(self, mode, command, happen, seconds):
        """What comes of it is not looked at, as a compiler may have read some files before and some after the event."""
        self._place("nothing")
        run = self._run(mode, command)
        time.sleep(seconds)
        happen()
        run.result()
        shutil.rmtree(self.tree.root / "out")
        self.tree.note_sources()

    def _run(self, mode, command):
        client = self.clients.get(mode)
        environment = (client.environment if client else self.environment) | command.environment
        words = [client.program, *command.arguments] if client else list(command.arguments)
        if command.mounted:
            mount = 'mount --bind v2 include && exec "$@"'
            words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh", *words]
        return _Run(words, environment, command, self.tree.root)

    def _place(self, kind):
        """Puts what the outputs are to meet at their place."""
        out = self.tree.root / "out"
        out.mkdir()
        unit = out / "unit.o"
        if kind in ("a file", "a private file", "a hard link"):
            unit.write_bytes(b"old")
        if kind == "a private file":
            unit.chmod(0o600)
        if kind == "a hard link":
            os.link(unit, self.tree.root / "other-name.o")
        if kind in ("a link", "a dangling link"):
            target = self.tree.root / "linked.o"
            if kind == "a link":
                target.write_bytes(b"old")
            unit.symlink_to("../linked.o")
        if kind == "an ACL":
            with contextlib.suppress(FileNotFoundError):
                subprocess.run(["setfacl", "-d", "-m", "u:1:rwx,g::r,o::-", str(out)], check=False, stderr=subprocess.DEVNULL)


class _Run:
    """A command that runs; its diagnostics go to a file or to a terminal."""

    def __init__(self, words, environment, command, directory):
        self.command = command
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.terminal, end = pty.openpty() if command.columns else (None, self.err)
        if command.columns:
            termios.tcsetwinsize(end, (24, command.columns))
            environment = environment | {"TERM": "xterm"}
        try:
            self.process = subprocess.Popen(
                words,
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self.out,
                stderr=end,
                umask=command.umask,
                start_new_session=True,
            )
        finally:
            if command.columns:
                os.close(end)

    def result(self):
        """(exit code, standard output, standard error)"""
        said = self._said() if self.terminal else None
        try:
            code = self.process.wait(LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise Failure(f"waited {LIMIT_SECONDS} s for {self.command}") from None
        with self.out, self.err:
            self.out.seek(0)
            self.err.seek(0)
            return code, self.out.read(), said if said is not None else self.err.read()

    def _said(self):
        said = b""
        # The kernel says EIO once nobody has the other end.
        with contextlib.suppress(OSError):
            while piece := os.read(self.terminal, 65536):
                said += piece
        os.close(self.terminal)
        return said


def _neutral(text):
    return TEMPORARY.sub(b"/tmp/cc", text)


def differences(mode, command, wanted, got):
    """What of a result is not as wanted, each in a line or more."""
    if mode != CACHE and any(DEBUG_OPTIONS.fullmatch(word) for word in command.arguments):
        wanted, got = wanted.without_debug_information(), got.without_debug_information()
    return list(wanted.differences(got))


def _without_debug_information(name, file):
    if file[0] != "file" or not name.endswith((".o", ".dwo", ".gcno")):
        return file
    *rest, content = file
    if not name.endswith(".o"):
        return (*rest, b"not compared")
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        path = Path(directory) / "o"
        path.write_bytes(content)
        subprocess.run(["objcopy", "--strip-debug", str(path)], check=False, capture_output=True)
        return (*rest, path.read_bytes())
