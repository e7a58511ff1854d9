"""The picture of how many cores of builders a client can feed. Needs the distribution's matplotlib."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402: the kind of output first

from costs.results import CLIENT_CORES  # noqa: E402

# Okabe and Ito's colours, which people see apart whatever their eyes.
COLOURS = ("#56B4E9", "#0072B2")
INK = "#222222"
GRID = "#dddddd"
BAR = 0.38
# Inches.
WIDTH = 9.0
ROW = 0.62
HEAD = 0.75
PANEL_HEAD = 0.5


def draw(results, file):
    """Writes the picture into a file, PNG or SVG by its name; nothing if there is nothing to show."""
    panels = {kind: feeds for kind in results.kinds if (feeds := results.feeds(kind))}
    if not panels:
        return
    pyplot.rcParams.update({"font.size": 10, "text.color": INK, "svg.hashsalt": "jdist", "svg.fonttype": "none"})
    rows = [len(feeds) for feeds in panels.values()]
    height = HEAD + sum(PANEL_HEAD + ROW * count for count in rows)
    figure, places = pyplot.subplots(
        len(panels), 1, figsize=(WIDTH, height), squeeze=False, gridspec_kw={"height_ratios": rows}
    )
    for axes, (kind, feeds) in zip(places[:, 0], panels.items(), strict=True):
        _panel(axes, results, kind, feeds)
    places[0, 0].legend(loc="lower right", frameon=False)
    figure.suptitle("Cores of builders that a client keeps busy, by what it costs the client", x=0.02, ha="left")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None} if str(file).endswith(".svg") else None)
    pyplot.close(figure)


def _panel(axes, results, kind, feeds):
    for index, cores in enumerate(CLIENT_CORES):
        heights = [row + (index - 0.5) * BAR for row in range(len(feeds))]
        values = [each[cores] for each in feeds.values()]
        bars = axes.barh(
            heights, [busy for _, busy in values], BAR, color=COLOURS[index], label=f"client of {cores} cores"
        )
        texts = [f"{busy:.0f}  ({rate:.0f} units/s)" for rate, busy in values]
        axes.bar_label(bars, texts, padding=3, fontsize=8)
    axes.set_yticks(range(len(feeds)), [results.titles[way] for way in feeds])
    axes.invert_yaxis()
    axes.set_title(results.kinds[kind], loc="left", fontsize=10)
    axes.margins(x=0.2)
    axes.set_xlim(left=0)
    axes.set_axisbelow(True)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
