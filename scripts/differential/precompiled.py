"""Precompiled headers: made, used, gone, and older than the header beside them."""

import os
import shutil

from differential.events import Event, change_value
from differential.units import Supply, Unit, build, is_clang, of_language

DIRECTORY = "pch"
HEADER = "#pragma once\n#define W_P 1\nstatic inline int of_the_header(int a) { return a + W_P; }\n"
USER = '#include "p.h"\nint user(void) { return of_the_header(W_P); }\n'
# gcc takes what has this name, or a folder of such; clang takes it if -include names the header.
GCC = "p.h.gch"
CLANG = "p.h.pch"
OPTIONS = ((), ("-O2",), ("-DSET=1",))


def supply(tree, random, compilers):
    tree.write(f"{DIRECTORY}/p.h", HEADER)
    tree.write(f"{DIRECTORY}/plain.h", "#define PLAIN 1\n")
    units = []
    for cxx in (False, True):
        name = f"{DIRECTORY}/user.{'cpp' if cxx else 'c'}"
        tree.write(name, USER)
        ways = (("-Winvalid-pch",), (), ("-include", "pch/p.h"), ("-include", "pch/p.h", "-O2"), ("-include", "p.h", "-Ipch"))
        units.append(Unit(name, cxx, ways=ways, varied=0.1))
        clang = frozenset(filter(is_clang, of_language(compilers, cxx)))
        if clang:
            ways = (("-include-pch", f"pch/{CLANG}"), ("-Xclang", "-include-pch", "-Xclang", f"pch/{CLANG}"))
            units.append(Unit(name, cxx, ways=ways, compilers=clang, varied=0.1))
        language = ("-x", "c++-header" if cxx else "c-header")
        units.append(Unit(f"{DIRECTORY}/p.h", cxx, ways=OPTIONS, action=language, output="out/p.h.gch", varied=0))
    return Supply("precompiled headers", 1, tuple(units), (make(compilers), make(compilers), edit, remove))


def make(compilers):
    def made(tree, random):
        compiler = random.choice(compilers)
        name = CLANG if is_clang(compiler) else GCC
        if random.random() < 0.3:
            # A folder with one for each set of options.
            name = GCC + "/" + compiler
        place = tree.root / DIRECTORY
        options = random.choice(OPTIONS)
        language = "c++-header" if "++" in compiler else "c-header"

        def apply():
            build(place, compiler, *options, "-x", language, "p.h", "-o", "fresh")
            path = place / name
            if path.parent.is_file() or path.is_dir():
                _remove(path.parent if path.parent.is_file() else path)
            path.parent.mkdir(exist_ok=True)
            os.replace(place / "fresh", path)

        words = " ".join([compiler, *options])
        return Event(f"{words} makes {name}", apply, lambda: _remove(place / name.split("/")[0]))

    return made


def edit(tree, random):
    return change_value(tree, tree.root / DIRECTORY / "p.h")


def remove(tree, random):
    place = tree.root / DIRECTORY
    there = [place / name for name in (GCC, CLANG) if (place / name).exists()]
    if not there:
        raise FileNotFoundError(place / GCC)
    path = random.choice(there)
    aside = path.with_name("aside")
    _remove(aside)
    return Event(f"{path.name} vanishes", lambda: path.rename(aside), lambda: aside.rename(path))


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
