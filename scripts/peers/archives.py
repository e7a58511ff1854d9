"""Toolchain archives: one that either program packs runs on either's builders, sent by either's client."""

import filecmp
import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import check
from lab.farm import KINDS, toml
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
    archives = {}
    for packer, compiler in itertools.product(KINDS, compilers):
        archive = lab.new_directory("archive") / "toolchain.tar.gz"
        code, _, err = lab.run(
            lab.programs.client(packer),
            "--package-toolchain",
            compiler.path,
            str(archive),
            SCCACHE_DIR=str(lab.directory / "cache"),
        )
        check(code == 0, f"{packer} could not pack {compiler.path}: {err.decode()}")
        archives[packer, compiler] = archive

    done = {}
    for builder in KINDS:
        say(f"Compiling with these archives on a {builder} builder")
        with lab.farm(builder, (builder,)) as farm:
            for client, packer in itertools.product(KINDS, KINDS):
                overrides = "".join(override(compiler, archives[packer, compiler]) for compiler in compilers)
                with lab.client(client, farm.url, farm.tokens.client, overrides) as peer:
                    for compiler in compilers:
                        compile_unit(peer, compiler, f"an archive by {packer} on a {builder} builder")
                        done[packer, builder, client, compiler] = True
            for packer, compiler in itertools.product(KINDS, compilers):
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
            + tuple("ok" if done[packer, builder, client, compiler] else "" for client in KINDS for builder in KINDS)
            for compiler in compilers
            for packer in KINDS
        ],
    )


def override(compiler, archive):
    return (
        f'[[dist.toolchains]]\ntype = "path_override"\ncompiler_executable = {toml(compiler.path)}\n'
        f"archive = {toml(archive)}\narchive_compiler_executable = {toml(compiler.path)}\n"
    )


def compile_unit(client, compiler, what):
    what = f"{what}, by a {client.kind} client with {compiler.name}"
    # A unit of its own for each compiler: two names of one compiler share what a client has cached.
    (client.directory / "unit.c").write_text(UNIT + f'const char *compiler(void) {{ return "{compiler.name}"; }}\n')
    command = (compiler.path, "-O2", "-c", "unit.c", "-o")
    subprocess.run([*command, "plain.o"], cwd=client.directory, env=client.environment, check=True)
    before = sum(client.stats()["dist_compiles"].values())
    code, _, err = client.run(*command, "farm.o", directory=client.directory)
    check(code == 0, f"{what}: {err.decode()}")
    stats = client.stats()
    check(
        sum(stats["dist_compiles"].values()) == before + 1 and stats["dist_errors"] == 0,
        f"{what}: it was not distributed; the client's log ends so:\n{client.daemon.tail()}",
    )
    check(
        filecmp.cmp(client.directory / "plain.o", client.directory / "farm.o", shallow=False),
        f"{what}: the object is not the one that the compiler makes here",
    )
