"""Code that is instrumented, and code that is optimised by profiles; these change."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from differential.events import Event
from differential.units import LIMIT_SECONDS, Supply, Unit, build, is_clang, of_language

SOURCE = "profiles/p.c"
TEXT = """int hot(int n) {
    int s = 0;
    for (int i = 0; i < n; i++) { if (i % 3) s += i / 7; else s ^= n; }
    return s > n ? s : n;
}
"""
MAIN = "int hot(int); int main(int c, char **v) { for (int i = 0; i < 300; i++) c += hot(v[1][0]); return c == 77; }\n"
PROFDATA = "profiles/p.profdata"
SAMPLES = "profiles/samples.txt"
# gcc's profile of what becomes out/unit.o.
GCC_USE = ("-O2", "-fprofile-use=profiles")
SEED = "-frandom-seed=1"


def supply(tree, random, compilers):
    tree.write(SOURCE, TEXT)
    tree.write(SAMPLES, _samples(1))
    tree.write("profiles/list.txt", "fun:hot\n")
    c = of_language(compilers, False)
    gcc = frozenset(name for name in c if not is_clang(name))
    clang = frozenset(filter(is_clang, c))
    units, events = [], []
    if gcc:
        ways = (GCC_USE, (*GCC_USE, "-Wall"), ("-O2", "-fprofile-use"))
        used = Unit(SOURCE, False, ways=ways, compilers=gcc, output="out/unit.o")
        generated = (("--coverage", SEED), ("-fprofile-generate", SEED), ("-fprofile-generate=profiles", SEED, "-O2"))
        units += [used, used, Unit(SOURCE, False, ways=generated, compilers=gcc)]
        events += [trained, trained]
    if clang:
        ways = tuple(
            ("-O2", how)
            for how in (f"-fprofile-use={PROFDATA}", f"-fprofile-instr-use={PROFDATA}", f"-fprofile-sample-use={SAMPLES}")
        )
        instrumented = ("-fprofile-instr-generate", "-fcoverage-mapping")
        generated = (
            ("--coverage",),
            instrumented,
            ("-fprofile-generate", "-O2"),
            ("-fprofile-instr-generate", "-fprofile-list=profiles/list.txt"),
        )
        used = Unit(SOURCE, False, ways=ways, compilers=clang)
        units += [used, used, Unit(SOURCE, False, ways=generated, compilers=clang)]
        events += [sampled, listed]
        if shutil.which("llvm-profdata"):
            events += [counted, counted]
    return Supply("profiles", 0.7, tuple(units), tuple(events)) if units else None


def trained(tree, random):
    """gcc's profile of a run, whose loops are as long as it is told."""
    name = f"{tree.root}/out/unit.gcda".replace("/", "#")
    argument = random.choice(("\x01", "z"))
    return _replaced(tree, f"profiles/{name}", lambda: _train(tree, argument))


def _train(tree, argument):
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        place = Path(directory)
        (place / "main.c").write_text(MAIN)
        made = build(place, "gcc", "-O2", "-fprofile-generate", "-c", tree.root / SOURCE, "-o", "p.o")
        made = made and build(place, "gcc", "-fprofile-generate", "main.c", "p.o", "-o", "program")
        if not made:
            return None
        build(place, place / "program", argument)
        return (place / "p.gcda").read_bytes()


def counted(tree, random):
    """clang's profile, as its text says it."""
    count = random.choice((1, 100_000))
    return _replaced(tree, PROFDATA, lambda: _count(tree, count))


def _count(tree, count):
    with tempfile.TemporaryDirectory(prefix="jdist-differential.") as directory:
        place = Path(directory)
        words = ["clang", "-fprofile-instr-generate", "-S", "-emit-llvm", tree.root / SOURCE, "-o", "p.ll"]
        if not build(place, *words):
            return None
        code = (place / "p.ll").read_text()
        digest = re.search(r"@__profd_hot = .*?\{ i64 -?\d+, i64 (-?\d+),", code)
        counters = re.search(r"@__profc_hot = .*?\[(\d+) x i64\]", code)
        numbers = "\n".join(str(count * (i + 1)) for i in range(int(counters.group(1))))
        (place / "p.proftext").write_text(f"hot\n{int(digest.group(1)) % 2**64}\n{counters.group(1)}\n{numbers}\n")
        merged = subprocess.run(
            ["llvm-profdata", "merge", "p.proftext", "-o", "p.profdata"],
            cwd=place,
            timeout=LIMIT_SECONDS,
            capture_output=True,
            check=False,
        )
        return (place / "p.profdata").read_bytes() if merged.returncode == 0 else None


def sampled(tree, random):
    return _replaced(tree, SAMPLES, lambda: _samples(random.choice((1, 1000))).encode())


def listed(tree, random):
    """Which functions are instrumented."""
    return _replaced(tree, "profiles/list.txt", lambda: random.choice((b"fun:hot\n", b"fun:cold\n", b"default:skip\n")))


def _samples(factor):
    return f"hot:{400 * factor}:{factor}\n 2: {300 * factor}\n 3: {7 * factor}\n"


def _replaced(tree, name, make):
    path = tree.root / name
    before = path.read_bytes() if path.exists() else None
    content = make()
    if content is None:
        raise FileNotFoundError(path)

    def undo():
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)

    return Event(f"another profile in {name}", lambda: path.write_bytes(content), undo)
