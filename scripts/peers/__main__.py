"""Lets the real sccache and jdist work together. Called by scripts/interop and scripts/capture-vectors."""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import archives
import matrix
import proxy
import settings
import status
import tokens
import vectors
from farm import Bench, Failure, Programs, end_all
from pieces import all_of
from report import say, shown_at_once

PARTS = {
    "matrix": lambda bench, options: matrix.run(bench, options.sccache.parents[1] / "sources", options.short),
    "archives": lambda bench, options: archives.run(bench, options.short),
    "status": lambda bench, _: status.run(bench),
    "tokens": lambda bench, _: tokens.run(bench),
    "proxy": lambda bench, _: proxy.run(bench),
    "settings": lambda bench, _: settings.run(bench),
}
# Not a comparison, so not among what is done if no part is named.
VECTORS = "vectors"
RESOURCES = "common-protocol/src/test/resources/dev/jdist/protocol/message/vectors"


def capture(bench, _):
    vectors.run(bench, Path(__file__).resolve().parent.parent.parent / RESOURCES)


def main():
    parser = argparse.ArgumentParser(prog="interop")
    parser.add_argument("--sccache", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--jdist", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help="less of matrix and archives")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is given")
    options = parser.parse_args()
    known = PARTS | {VECTORS: capture}
    unknown = [part for part in options.parts if part not in known]
    if unknown:
        parser.error(f"unknown part {unknown[0]}; known are {', '.join(PARTS)}")

    # Leaving by an exception lets every `with` end what it started, in other threads too.
    def end(*_):
        end_all()
        sys.exit("interop: ended by a signal")

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    directory = Path(tempfile.mkdtemp(prefix="jdist-interop."))
    try:
        bench = Bench(Programs(options.sccache.resolve(), options.jdist.resolve()), directory)
        say(f"jdist and {bench.programs.release()}")
        times = run(options.parts or list(PARTS), known, bench, options)
    except Failure as failure:
        sys.exit(f"interop: {failure}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    say(f"Done: {', '.join(times)}")


def run(parts, known, bench, options):
    """Does the parts; says how long each took."""
    failures = []

    def timed(part):
        started = time.monotonic()
        try:
            known[part](bench, options)
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


main()
