"""Compiles one command by the compiler alone, through a cache, and on farms, and tells where the results differ."""

import contextlib
import fcntl
import os
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections import Counter

from differential.result import Result
from lab.conditions import Failure

# Machines that do much else take their time.
LIMIT_SECONDS = 600


class Machine:
    """A tree, and the clients by name that compile in it; none for the compiler alone."""

    def __init__(self, tree, clients, environment):
        self.tree = tree
        self.clients = clients
        self.environment = environment
        self.before = {mode: (Counter(), Counter()) for mode in clients}

    def compile(self, mode, command, meanwhile=None, after=0.0):
        """What comes of it; `meanwhile` is called so many seconds after its begin."""
        self._place(command.place)
        begun = time.time()
        run = self._run(mode, command)
        if meanwhile:
            time.sleep(after)
            meanwhile()
        code, out, err = run.result()
        files = self.tree.outputs()
        self.tree.remove_outputs()
        return Result.of(code, out, err, files, begun)

    def compile_during(self, mode, command, happen, seconds):
        """
        The command writes into the folder out only. What comes of it is not looked at, as a compiler may have read some files
        before the event and some after it.
        """
        self._place("nothing")
        run = self._run(mode, command)
        time.sleep(seconds)
        happen()
        run.result()
        # What else is new may be the event's.
        shutil.rmtree(self.tree.root / "out")
        self.tree.note_sources()

    def stats(self, mode):
        """What a client has counted, and by reason what it did not look for in its cache."""
        stats = self.clients[mode].stats()
        numbers = Counter(
            requests=stats["compile_requests"],
            hits=sum(stats["cache_hits"]["counts"].values()),
            misses=sum(stats["cache_misses"]["counts"].values()),
            distributed=sum(stats["dist_compiles"].values()),
        )
        return numbers + self.before[mode][0], Counter(stats["not_cached"]) + self.before[mode][1]

    def kill(self, mode):
        """What it has counted is kept."""
        self.before[mode] = self.stats(mode)
        os.killpg(self.clients[mode].daemon.pid, signal.SIGKILL)

    def revive(self, mode):
        self.clients[mode].daemon.stop()
        self.clients[mode].__enter__()

    def _run(self, mode, command):
        client = self.clients.get(mode)
        told = {name: value.replace("{tree}", str(self.tree.root)) for name, value in command.environment.items()}
        environment = (client.environment if client else self.environment) | told
        words = [client.program, *command.arguments] if client else list(command.arguments)
        root = self.tree.root
        script = ['exec "$@"']
        if command.descriptor:
            script.append(f'3<"{root}/{command.descriptor}" 0<"{root}/{command.descriptor}"')
        if command.mounted:
            script.insert(0, f'mount --bind "{root}/v2" "{root}/include" &&')
        if len(script) > 1:
            words = ["sh", "-c", " ".join(script), "sh", *words]
        if command.mounted:
            words = ["unshare", "--mount", "--propagation", "private", *words]
        return _Run(words, environment, f"{command}, by {mode}", command, root / command.unit.directory)

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

    def __init__(self, words, environment, name, command, directory):
        self.name = name
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.terminal, end = pty.openpty() if command.columns else (None, self.err)
        if command.columns:
            fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, command.columns, 0, 0))
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
            raise Failure(f"waited {LIMIT_SECONDS} s for {self.name}") from None
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
