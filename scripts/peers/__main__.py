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
from farm import Bench, Failure, Programs
from report import say

PARTS = {
    "matrix": lambda bench, options: matrix.run(bench, options.sccache.parent.parent / "sources", options.short),
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

    # Leaving by an exception lets every `with` end what it started.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit("interop: ended by a signal"))
    directory = Path(tempfile.mkdtemp(prefix="jdist-interop."))
    times = []
    try:
        bench = Bench(Programs(options.sccache, options.jdist), directory)
        for part in options.parts or PARTS:
            started = time.monotonic()
            known[part](bench, options)
            times.append(f"{part} {time.monotonic() - started:.0f} s")
    except Failure as failure:
        sys.exit(f"interop: {failure}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    say(f"Done: {', '.join(times)}")


main()
