"""What came of a compile, and how that of two compiles differs."""

import re
import time
from dataclasses import dataclass, field

# The names of ways to compile: the compiler alone, and jdist without a farm. Farms have names of their own.
BARE = "bare"
CACHE = "cache"
SHOWN_LINES = 12
TEMPORARY = re.compile(rb"/tmp/cc[A-Za-z0-9]{6}|/tmp/[^ \"':]*-[0-9a-f]{6,}\.(?:s|o|dwo)")
# In the traces of a compiler that crashed.
ADDRESS = re.compile(rb"0x[0-9a-f]{16}")
CRASHED_COMMAND = re.compile(rb"(?m)^0\.\tProgram arguments: .*$")
TIME_OF_DAY = re.compile(rb"\d\d:\d\d:\d\d")
# clang's caches of modules have in them what differs each time.
NOT_COMPARED = (".idx", ".timestamp")


@dataclass(frozen=True)
class Result:
    code: int
    out: bytes
    err: bytes
    files: dict = field(default_factory=dict)

    @staticmethod
    def of(code, out, err, files, begun):
        """A time of day between the begin and now is that of the compile. One from before that is another compile's."""
        times = {time.strftime("%H:%M:%S", time.localtime(second)).encode() for second in range(int(begun), int(time.time()) + 1)}
        files = {name: _comparable(name, file, times) for name, file in files.items()}
        return Result(code, _neutral(out), _neutral(err), files)

    def differences(self, other):
        """What of another one is not as this, each in a line or more."""
        return list(self._differences(other))

    def _differences(self, other):
        if self.code != other.code:
            yield f"exit code {other.code} instead of {self.code}"
        for name, mine, others in (("standard output", self.out, other.out), ("standard error", self.err, other.err)):
            if mine != others:
                yield f"{name} differs:\n{_indented(mine)}\n    instead, with jdist:\n{_indented(others)}"
        for name in sorted(self.files.keys() | other.files.keys()):
            mine, others = self.files.get(name), other.files.get(name)
            if mine != others:
                yield f"{name}: {_described(others)} instead of {_described(mine)}"


def _neutral(text):
    for pattern, replacement in ((TEMPORARY, b"/tmp/cc"), (ADDRESS, b"0x"), (CRASHED_COMMAND, b"0.\tProgram arguments")):
        text = pattern.sub(replacement, text)
    return text


def _comparable(name, file, times):
    if file[0] != "file":
        return file
    *rest, content = file
    if name.endswith(NOT_COMPARED):
        return (*rest, b"not compared")
    return (*rest, TIME_OF_DAY.sub(lambda found: b"HH:MM:SS" if found.group() in times else found.group(), content))


def _indented(text):
    return "\n".join("        " + line for line in text.decode(errors="replace").splitlines()[:SHOWN_LINES])


def _described(file):
    if file is None:
        return "nothing"
    if isinstance(file, str):
        return file
    parts = (f"{len(part)} bytes ({hash(part) & 0xFFFF:x})" if isinstance(part, bytes) else str(part) for part in file)
    return " ".join(parts)
