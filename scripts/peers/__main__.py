"""Lets the real sccache and jdist work together. Called by scripts/interop and scripts/capture-vectors."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

import archives  # noqa: E402: where the laboratory is comes first
import commands  # noqa: E402
import matrix  # noqa: E402
import proxy  # noqa: E402
import settings  # noqa: E402
import status  # noqa: E402
import tokens  # noqa: E402
import upgrade  # noqa: E402
import vectors  # noqa: E402
from lab.daemon import end_all  # noqa: E402
from lab.farm import Lab, Programs  # noqa: E402
from lab.interruption import run_script  # noqa: E402
from pieces import all_of  # noqa: E402
from report import say, shown_at_once  # noqa: E402


def sources(options):
    """Where projects to build are kept."""
    return options.sccache.parents[1] / "sources"


PARTS = {
    "matrix": lambda lab, options: matrix.run(lab, sources(options), options.short),
    "archives": lambda lab, options: archives.run(lab, options.short),
    "status": lambda lab, _: status.run(lab),
    "tokens": lambda lab, _: tokens.run(lab),
    "proxy": lambda lab, _: proxy.run(lab),
    "settings": lambda lab, _: settings.run(lab),
    "commands": lambda lab, _: commands.run(lab),
    "upgrade": lambda lab, options: upgrade.run(lab, sources(options), options.short),
}
# Not a comparison, so not among what is done if no part is named.
VECTORS = "vectors"
RESOURCES = "common-protocol/src/test/resources/dev/jdist/protocol/message/vectors"


def capture(lab, _):
    vectors.run(lab, Path(__file__).resolve().parent.parent.parent / RESOURCES)


def main():
    parser = argparse.ArgumentParser(prog="interop")
    parser.add_argument("--sccache", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--jdist", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="less of matrix, archives and upgrade")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is given")
    options = parser.parse_args()
    known = PARTS | {VECTORS: capture}
    unknown = [part for part in options.parts if part not in known]
    if unknown:
        parser.error(f"unknown part {unknown[0]}; known are {', '.join(PARTS)}")

    directory = Path(tempfile.mkdtemp(prefix="jdist-interop."))
    try:
        lab = Lab(Programs(options.sccache.resolve(), options.jdist.resolve()), directory)
        say(f"jdist and {lab.programs.release()}")
        times = run(options.parts or list(PARTS), known, lab, options)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    say(f"Done: {', '.join(times)}")


def run(parts, known, lab, options):
    """Does the parts; says how long each took."""
    failures = []

    def timed(part):
        started = time.monotonic()
        try:
            known[part](lab, options)
        except BaseException as failure:
            # What others then fail of is that nothing of theirs runs any more.
            failures.append(failure)
            end_all()
            raise failures[0] from None
        return f"{part} {time.monotonic() - started:.0f} s"

    def collected(part):
        with shown_at_once():
            return timed(part)

    # What the whole matrix measures must not be disturbed.
    alone = [part for part in parts if len(parts) == 1 or (part == "matrix" and not options.short)]
    beside = [part for part in parts if part not in alone]
    times = [timed(part) for part in alone]
    return times + all_of([lambda part=part: collected(part) for part in beside], len(PARTS))


run_script("interop", main)
