"""Tables of plain text that are Markdown too."""

import contextlib
import contextvars
import io
import sys

# Where a part prints to that runs beside others: each is shown as a whole.
collected = contextvars.ContextVar("collected", default=None)


@contextlib.contextmanager
def shown_at_once():
    """Shows what is said inside at the end of the block, also at one by a failure."""
    text = io.StringIO()
    token = collected.set(text)
    try:
        yield
    finally:
        collected.reset(token)
        # In one write, as another part may end at the same time.
        sys.stdout.write(text.getvalue())
        sys.stdout.flush()


def show(text=""):
    print(text, file=collected.get() or sys.stdout, flush=True)


def say(text):
    show(f"\n==> {text}")


def table(header, rows):
    """Numbers to the right, words to the left."""
    texts = [[f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [header, *texts]) for column in range(len(header))]
    numeric = [all(isinstance(row[column], (int, float)) for row in rows) for column in range(len(header))]

    def line(cells):
        padded = (
            cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(cells, widths, numeric)
        )
        return "| " + " | ".join(padded) + " |"

    show(line(header))
    show("|" + "|".join("-" * (width + 1) + (":" if right else "-") for width, right in zip(widths, numeric)) + "|")
    for cells in texts:
        show(line(cells))
    show()
