"""The units that are compiled: C, small C++, and C++ that includes as much as LLVM's own sources do."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

HEADERS_OF_LLVM = "llvm/IR/Module.h"
C = """{includes}
static const long edit = {edit};
long unit_{number}(int file, char *line, size_t size) {{
    struct sockaddr_in address = {{.sin_family = AF_INET, .sin_port = htons({number})}};
    struct stat status;
    long sum = edit + address.sin_port;
    if (fstat(file, &status) != 0) return -errno;
    for (ssize_t count = read(file, line, size); count > 0; count = read(file, line, size))
        for (ssize_t i = 0; i < count; i++) sum = 31 * sum + toupper(line[i]);
    line[snprintf(line, size, "%ld %ld", sum, (long)status.st_size)] = 0;
    return (long)strlen(line);
}}
"""
CPP = """{includes}
static const int edit = {edit};
std::size_t unit_{number}(const std::vector<std::string> &lines) {{
    std::map<std::string, std::vector<std::unique_ptr<std::string>>> found;
    for (const auto &line : lines)
        found[line.substr({number})].push_back(std::make_unique<std::string>(line + std::to_string(edit)));
    for (auto &entry : found) {{
        std::sort(entry.second.begin(), entry.second.end(), [](auto &a, auto &b) {{ return *a < *b; }});
        std::cout << entry.first << entry.second.size() << '\\n';
    }}
    return found.size();
}}
"""
LLVM = """{includes}
using namespace llvm;
static const unsigned edit = {edit};
size_t unit_{number}(Function &function, raw_ostream &out) {{
    DenseMap<const Value *, SmallVector<Instruction *, {number} + 2>> users;
    StringMap<unsigned> names;
    for (Instruction &each : instructions(function)) {{
        for (Value *operand : each.operands()) users[operand].push_back(&each);
        names[each.getOpcodeName()] += edit;
        Value *left = nullptr;
        if (PatternMatch::match(&each, PatternMatch::m_Add(PatternMatch::m_Value(left), PatternMatch::m_Zero())))
            each.replaceAllUsesWith(left);
    }}
    for (auto &entry : names) out << entry.getKey() << entry.getValue();
    return users.size();
}}
"""
LLVM_HEADERS = (
    "llvm/ADT/DenseMap.h llvm/ADT/SmallVector.h llvm/ADT/StringMap.h llvm/IR/InstIterator.h llvm/IR/IRBuilder.h"
    " llvm/IR/Module.h llvm/IR/PassManager.h llvm/IR/PatternMatch.h llvm/Support/raw_ostream.h"
).split()
# As the passes of LLVM differ in what they analyse. Units take these in turns.
LLVM_MORE_HEADERS = tuple(
    words.split()
    for words in (
        "llvm/Analysis/AliasAnalysis.h llvm/Analysis/LoopInfo.h llvm/Analysis/ScalarEvolution.h llvm/IR/Dominators.h",
        "llvm/Analysis/MemorySSA.h llvm/Analysis/PostDominators.h llvm/Transforms/Utils/BasicBlockUtils.h",
        "llvm/Analysis/CallGraph.h llvm/Analysis/LazyCallGraph.h llvm/Transforms/Utils/Cloning.h llvm/IR/Verifier.h",
        "llvm/Analysis/InstructionSimplify.h llvm/Analysis/ValueTracking.h llvm/Transforms/Utils/Local.h",
    )
)


def includes(names):
    return "".join(f"#include <{name}>\n" for name in names).rstrip("\n")


@dataclass(frozen=True)
class Kind:
    """A kind of unit, and how it is compiled. `headers` gives those that the unit of a number includes."""

    name: str
    title: str
    suffix: str
    command: tuple
    headers: object
    body: str

    def text(self, number, edit):
        return self.body.format(includes=includes(self.headers(number)), number=number, edit=edit)


def kinds(llvm, more=()):
    """By name, with more options than their own; that of LLVM only if there is a directory of its headers."""
    c = (
        "ctype.h errno.h fcntl.h netinet/in.h pthread.h signal.h stdio.h stdlib.h string.h sys/socket.h sys/stat.h time.h"
        " unistd.h"
    ).split()
    cpp = ["algorithm", "iostream", "map", "memory", "string", "vector"]
    found = [
        Kind("c", f"C units of {len(c)} system headers", ".c", ("gcc", "-O2", *more), lambda _: c, C),
        Kind("cpp", "C++ units of six standard headers", ".cpp", ("g++", "-O2", *more), lambda _: cpp, CPP),
    ]
    if llvm:
        command = ("g++", "-std=c++17", "-O2", "-fno-exceptions", "-fno-rtti", f"-I{llvm}", *more)
        found.append(
            Kind(
                "llvm",
                f"C++ units of LLVM's headers, {Path(llvm).parent.name}",
                ".cpp",
                command,
                lambda number: LLVM_HEADERS + LLVM_MORE_HEADERS[number % len(LLVM_MORE_HEADERS)],
                LLVM,
            )
        )
    return {kind.name: kind for kind in found}


def find_llvm(root=Path("/usr/lib")):
    """The newest LLVM's directory of headers, or None."""

    def version(directory):
        digits = directory.parent.name.removeprefix("llvm-")
        return int(digits) if digits.isdigit() else 0

    found = [place for place in root.glob("llvm-*/include") if (place / HEADERS_OF_LLVM).is_file()]
    return max(found, key=version, default=None)


class Unit:
    """A unit in a directory of its own kind."""

    def __init__(self, kind, directory, name, number):
        self.kind = kind
        self.directory = directory
        self.source = f"{name}{number}{kind.suffix}"
        self.object = f"{name}{number}.o"

    def write(self, text):
        (self.directory / self.source).write_text(text)

    def compile_command(self):
        return [*self.kind.command, "-c", self.source, "-o", self.object]

    def take_object(self):
        """The digest of the object that was made, which is removed."""
        file = self.directory / self.object
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        file.unlink()
        return digest


class Sources:
    """All units of a kind. Each edit gives all of them a text that no cache has seen, of this run or another."""

    def __init__(self, kind, directory, count):
        self.kind = kind
        directory.mkdir(parents=True)
        self.units = [Unit(kind, directory, "unit", number) for number in range(count)]
        self.empty = Unit(kind, directory, "empty", 0)
        # So that a sum of it and of what units add to it is still an int.
        self.edits = secrets.randbelow(1_000_000_000)

    def edit(self):
        for number, unit in enumerate(self.units):
            unit.write(self.kind.text(number, self.next_edit()))

    def edit_empty(self):
        """Without any header, by which nothing is learned of any."""
        self.empty.write(f"int number_{self.next_edit()};\n")

    def next_edit(self):
        self.edits += 1
        return self.edits
