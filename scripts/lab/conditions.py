"""What has to hold, and what is waited for."""

import threading
import time

# A JVM on a machine that does much else takes its time.
START_SECONDS = 180
# Set when a script with several threads is to end (lab.daemon.end_all): all that wait for something give up.
ending = threading.Event()


class Failure(Exception):
    """A promise that does not hold, in words for the person who ran the script."""


def check(holds, message):
    if not holds:
        raise Failure(message)


def until(condition, what, seconds=START_SECONDS, while_ending=False):
    """Waits for a condition; gives its value. What cleans up waits while all else gives up, too."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < end, f"waited {seconds} s for {what}")
        check(while_ending or not ending.is_set(), f"no longer waits for {what}")
        time.sleep(0.05)
