"""Signals that ask a script to end become an exception, so that every `with` block ends what it started."""

import signal
import sys

from lab.conditions import Failure

# The exit code of a script that was ended so.
EXIT_CODE = 130
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Not an Exception: nothing that handles errors is to handle this."""


def raise_on_signals():
    """The first signal raises Interrupted in the main thread. Later ones are ignored, as the script is ending already."""
    for number in SIGNALS:
        signal.signal(number, _raise)


def _raise(number, _):
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)


def run_script(name, main, *arguments):
    """Calls the main function of a script, which ends with words and no stack trace if a promise does not hold."""
    raise_on_signals()
    try:
        main(*arguments)
    except Failure as failure:
        sys.exit(f"{name}: {failure}")
    except Interrupted as signalled:
        print(f"{name}: ended by {signalled}", file=sys.stderr)
        sys.exit(EXIT_CODE)
