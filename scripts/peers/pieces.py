"""Pieces of work that do not need each other, done side by side: most of the time, each waits for a daemon to start."""

import contextvars
import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from lab.conditions import check, ending
from lab.daemon import end_all
from lab.interruption import Interrupted

AT_ONCE = os.cpu_count() + 1
# For all parts together. A piece must have no pieces of its own: they would wait for its place.
places = threading.BoundedSemaphore(AT_ONCE)


def side_by_side(function, items, at_once=AT_ONCE):
    """What the function makes of each item, in the order of the items. After a failure, no other piece is started."""

    def piece(item):
        with places:
            check(not ending.is_set(), "no longer wanted")
            return function(item)

    return all_of([lambda item=item: piece(item) for item in items], at_once)


def all_of(functions, at_once):
    """What the functions return, in their order; each sees the context variables of the caller."""
    with ThreadPoolExecutor(at_once) as pool:
        futures = [pool.submit(contextvars.copy_context().run, function) for function in functions]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except Interrupted:
            # The pool waits for its threads, and these for daemons.
            end_all()
            raise
        finally:
            for future in futures:
                future.cancel()
        return [future.result() for future in futures]
