"""What has to hold, and what is waited for."""

import time

# A JVM on a machine that does much else takes its time.
START_SECONDS = 180


class Failure(Exception):
    """A promise that does not hold, in words for the person who ran the script."""


def check(holds, message):
    if not holds:
        raise Failure(message)


def until(condition, what, seconds=START_SECONDS):
    """Waits for a condition; gives its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < end, f"waited {seconds} s for {what}")
        time.sleep(0.05)
