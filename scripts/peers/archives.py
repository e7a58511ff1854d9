"""Toolchain archives: one that either program packs runs on either's builders, sent by either's client."""

import contextlib
import filecmp
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import check
from lab.farm import KINDS, toml
from pieces import side_by_side
from report import say, table

UNIT = """\
#include <stddef.h>
#include <stdio.h>
#include <string.h>
int sum(const int *numbers, size_t count) {
    int sum = 0;
    for (size_t i = 0; i < count; i++) sum += numbers[i];
    return sum;
}
void greet(const char *name) { printf("%zu %s\\n", strlen(name), name); }
"""


@dataclass(frozen=True)
class Compiler:
    """One compiler of this machine, by the name that a build would use."""

    name: str
    path: str


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def versioned(name):
    """gcc-12 for gcc: the name with a version under which Debian installs it too."""
    found = sorted(file for file in Path("/usr/bin").glob(f"{name}-[0-9]*") if file.name[len(name) + 1 :].isdigit())
    check(found, f"there is no /usr/bin/{name}-VERSION to try a versioned name with")
    return Compiler(found[-1].name, str(found[-1]))


def moved_gcc(prefix):
    """The parts of gcc that compile C, in a prefix of their own, as a gcc of one's own would be installed."""
    driver = Path(shutil.which("gcc")).resolve()
    (prefix / "bin").mkdir(parents=True)
    shutil.copy(driver, prefix / "bin/gcc")
    for part in (output("gcc", "-print-prog-name=cc1"), output("gcc", "-print-file-name=include")):
        target = prefix / Path(os.path.normpath(part)).relative_to("/usr")
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(part).is_dir():
            shutil.copytree(part, target)
        else:
            shutil.copy(part, target)
    compiler = str(prefix / "bin/gcc")
    check(output(compiler, "-print-prog-name=cc1").startswith(str(prefix)), "the gcc that was moved uses the system's cc1")
    return Compiler("gcc in a prefix", compiler)


def moved_clang(prefix):
    (prefix / "bin").mkdir(parents=True)
    shutil.copy(Path(shutil.which("clang")).resolve(), prefix / "bin/clang")
    resources = Path(output("clang", "-print-resource-dir"))
    shutil.copytree(resources / "include", prefix / "lib/clang" / resources.name / "include")
    compiler = str(prefix / "bin/clang")
    check(
        output(compiler, "-print-resource-dir").startswith(str(prefix)),
        "the clang that was moved uses the system's headers",
    )
    return Compiler("clang in a prefix", compiler)


def run(lab, short=False):
    opt = lab.new_directory("opt")
    if short:
        # clang's archives are the largest; packing them, and unpacking them on each builder, is most of what this takes.
        compilers = [Compiler("gcc", shutil.which("gcc")), versioned("clang"), moved_gcc(opt / "gcc")]
    else:
        compilers = [Compiler(name, shutil.which(name)) for name in ("gcc", "clang")]
        compilers += [versioned("gcc"), versioned("clang"), moved_gcc(opt / "gcc"), moved_clang(opt / "clang")]

    say("Packing compilers with --package-toolchain")
    packed = list(itertools.product(KINDS, compilers))
    archives = dict(zip(packed, side_by_side(lambda each: pack(lab, *each), packed)))
    units = lab.new_directory("units")
    plain = dict(zip(compilers, side_by_side(lambda compiler: compile_plain(units, compiler), compilers)))

    say("Compiling with these archives on builders of either kind")
    with contextlib.ExitStack() as stack:
        farms = {builder: stack.enter_context(lab.farm(builder, (builder,))) for builder in KINDS}

        def compile_all(case):
            packer, client, builder = case
            farm = farms[builder]
            overrides = "".join(override(compiler, archives[packer, compiler]) for compiler in compilers)
            with lab.client(client, farm.url, farm.tokens.client, overrides) as peer:
                for compiler in compilers:
                    compile_unit(peer, compiler, plain[compiler], f"an archive by {packer} on a {builder} builder")

        side_by_side(compile_all, itertools.product(KINDS, KINDS, KINDS))
        for builder, (packer, compiler) in itertools.product(KINDS, packed):
            check(
                any(
                    filecmp.cmp(file, archives[packer, compiler], shallow=False)
                    for file in lab.directory.glob(f"*-builder-{builder}/toolchains/**/*")
                    if file.is_file() and file.stat().st_size == archives[packer, compiler].stat().st_size
                ),
                f"the archive of {compiler.name} by {packer} never came to the {builder} builder",
            )

    say("Every archive was used; objects are those of the compiler on this machine")
    table(
        ("compiler", "packed by", "MB", *(f"{client} client, {builder} builder" for client in KINDS for builder in KINDS)),
        [
            (compiler.name, packer, archives[packer, compiler].stat().st_size / 1e6)
            + ("ok",) * len(KINDS) ** 2
            for compiler in compilers
            for packer in KINDS
        ],
    )


def pack(lab, packer, compiler):
    """The archive that a client makes of a compiler."""
    archive = lab.new_directory("archive") / "toolchain.tar.gz"
    code, _, err = lab.run(
        lab.programs.client(packer),
        "--package-toolchain",
        compiler.path,
        str(archive),
        SCCACHE_DIR=str(archive.parent / "cache"),
    )
    check(code == 0, f"{packer} could not pack {compiler.path}: {err.decode()}")
    return archive


def override(compiler, archive):
    return (
        f'[[dist.toolchains]]\ntype = "path_override"\ncompiler_executable = {toml(compiler.path)}\n'
        f"archive = {toml(archive)}\narchive_compiler_executable = {toml(compiler.path)}\n"
    )


# What follows the compiler's name on a command line, but for the object's.
ARGUMENTS = ("-O2", "-c", "unit.c", "-o")


def write_unit(directory, compiler):
    """A unit of its own for each compiler: two names of one compiler share what a client has cached."""
    (directory / "unit.c").write_text(UNIT + f'const char *compiler(void) {{ return "{compiler.name}"; }}\n')


def compile_plain(units, compiler):
    """The object that the compiler alone makes."""
    directory = units / compiler.name.replace(" ", "-")
    directory.mkdir()
    write_unit(directory, compiler)
    subprocess.run([compiler.path, *ARGUMENTS, "plain.o"], cwd=directory, check=True)
    return directory / "plain.o"


def compile_unit(client, compiler, plain, what):
    what = f"{what}, by a {client.kind} client with {compiler.name}"
    write_unit(client.directory, compiler)
    before = sum(client.stats()["dist_compiles"].values())
    code, _, err = client.run(compiler.path, *ARGUMENTS, "farm.o", directory=client.directory)
    check(code == 0, f"{what}: {err.decode()}")
    stats = client.stats()
    check(
        sum(stats["dist_compiles"].values()) == before + 1 and stats["dist_errors"] == 0,
        f"{what}: it was not distributed; the client's log ends so:\n{client.daemon.tail()}",
    )
    check(
        filecmp.cmp(plain, client.directory / "farm.o", shallow=False),
        f"{what}: the object is not the one that the compiler makes here",
    )
