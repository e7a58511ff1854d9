"""What came of a compile, and how that of two compiles differs."""

import re
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

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
# What a farm's builder is told of sources is not all that these put into objects (docs/compatibility.md).
DEBUG_OPTIONS = re.compile(r"-g(?!0).*|--coverage|-ftest-coverage|-fprofile-arcs|-fcoverage-mapping")
EMBEDDED_SOURCE = "-gembed-source"


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

    def with_less_debug_information(self, sections):
        files = {name: _with_less_debug_information(name, file, sections) for name, file in self.files.items()}
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


def differences(mode, command, wanted, got):
    """What of a result is not as wanted, each in a line or more."""
    if mode != CACHE and any(DEBUG_OPTIONS.fullmatch(word) for word in command.arguments):
        sections = (".debug_line_str",) if EMBEDDED_SOURCE in command.arguments else ()
        wanted, got = wanted.with_less_debug_information(sections), got.with_less_debug_information(sections)
    return list(wanted.differences(got))


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


def _with_less_debug_information(name, file, sections):
    """The names of its sections, and the content of those that are listed, in place of all that is said for a debugger."""
    if file[0] != "file" or not name.endswith((".o", ".dwo", ".gcno")):
        return file
    *rest, content = file
    if not name.endswith(".o"):
        return (*rest, b"not compared")
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        path = Path(directory) / "o"
        path.write_bytes(content)
        listed = _binutils("objdump", "-h", str(path)).stdout
        named = sorted(set(re.findall(rb"^ *\d+ (\.debug\S*)", listed, re.M)))
        for section in sections:
            named.append(_binutils("objdump", "-s", "-j", section, str(path)).stdout)
        _binutils("objcopy", "--strip-debug", str(path))
        return (*rest, b" ".join(named), path.read_bytes())


def _binutils(*words):
    return subprocess.run(words, check=False, capture_output=True)
