"""The picture of a comparison. Needs the distribution's matplotlib."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402: the kind of output first

from farms import short_names
from results import CACHE, HERE, PLAIN

# Okabe and Ito's colours, which people see apart whatever their eyes.
INK = "#222222"
GRID = "#dddddd"
WALL = "#0072B2"
USER = "#009E73"
SYSTEM = "#CC79A7"
PLACES = {HERE: "#999999", CACHE: "#F0E442"}
BUILDERS = ["#0072B2", "#E69F00", "#56B4E9", "#D55E00", "#009E73", "#CC79A7"]
# So that more builders than colours, and a print in grey, can be told apart.
HATCHES = ["", "//", "\\\\", "xx", "||", "--"]
BAR = 0.58
LEGEND_COLUMNS = 2
# Inches.
ROW = 0.62
HEAD = 1.0
FOOT = 0.5
LEGEND_ROW = 0.21


def draw(results, files):
    """Writes the picture into files, PNG or SVG by their names."""
    pyplot.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "axes.edgecolor": INK,
            "hatch.linewidth": 0.6,
            "svg.hashsalt": "jdist",
            # A fifth of the size; who has no DejaVu Sans sees the text in a font much like it.
            "svg.fonttype": "none",
        }
    )
    kinds = results.kinds()
    legend_rows = -(-(len(results.builders()) + 2) // LEGEND_COLUMNS)
    foot = FOOT + LEGEND_ROW * legend_rows
    height = HEAD + ROW * len(kinds) + foot
    figure, (times, cpus, places) = pyplot.subplots(
        1, 3, figsize=(12.5, height), sharey=True, gridspec_kw={"width_ratios": [1.15, 1, 1.1]}
    )
    rows = range(len(kinds))
    _times(times, results, kinds, rows)
    _cpus(cpus, results, kinds, rows)
    _places(places, results, kinds, rows)
    for axes in (times, cpus, places):
        # The legend, if there is one, begins below the numbers of the axis.
        _legend(axes, -(0.36 / (ROW * len(kinds))))
    times.set_yticks(rows, [f"{results.labels[kind]}\n-j {results.of(kind)[0].jobs}" for kind in kinds])
    times.invert_yaxis()
    for axes in (times, cpus, places):
        axes.set_axisbelow(True)
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        axes.tick_params(length=0)
        axes.set_xlim(left=0)
        for side in ("top", "right", "bottom"):
            axes.spines[side].set_visible(False)
    rounds = max(build.round for build in results.builds)
    figure.suptitle(
        f"{results.about['project']}, {results.unit_count()} units"
        + (f", medians of {rounds} rounds" if rounds > 1 else ", one round"),
        x=0.012,
        y=1 - 0.12 / height,
        ha="left",
        va="top",
        fontsize=13,
        fontweight="bold",
    )
    figure.text(0.012, 1 - 0.42 / height, results.about["where"], ha="left", va="top", fontsize=9, color="#555555")
    figure.tight_layout(rect=(0, 0, 1, 1), w_pad=2.2)
    figure.subplots_adjust(top=1 - HEAD / height, bottom=foot / height)
    for file in files:
        nameless = {"Date": None} if str(file).endswith(".svg") else {}
        figure.savefig(file, dpi=150, metadata=nameless)
    pyplot.close(figure)


def _times(axes, results, kinds, rows):
    walls = [results.wall(kind) for kind in kinds]
    axes.barh(rows, walls, BAR, color=WALL)
    labels = [
        f"{wall:.1f} s" + ("" if kind == PLAIN else f", {results.speed_up(kind):.2f} x as fast")
        for kind, wall in zip(kinds, walls)
    ]
    longest = max(build.wall for build in results.builds)
    for row, kind, wall, label in zip(rows, kinds, walls, labels):
        single = [build.wall for build in results.of(kind)]
        if len(single) > 1:
            axes.plot(
                single,
                [row] * len(single),
                "o",
                color="white",
                markeredgecolor=INK,
                markersize=4.5,
                zorder=3,
                label="a single round" if row == 0 else None,
            )
        # Inside, if there is more room than beside it.
        inside = wall > 0.6 * longest
        axes.annotate(
            label,
            (min(single) if inside else max(single), row),
            xytext=(-8 if inside else 8, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            color="white" if inside else INK,
            fontweight="bold" if kind != PLAIN else "normal",
            fontsize=9.5,
        )
    axes.set_xlim(right=1.2 * longest)
    axes.set_title("Wall time, seconds", loc="left", fontsize=10.5, pad=6)


def _cpus(axes, results, kinds, rows):
    user = [results.median(kind, lambda build: build.all_user) for kind in kinds]
    system = [results.median(kind, lambda build: build.all_system) for kind in kinds]
    axes.barh(rows, user, BAR, color=USER, label="user")
    axes.barh(rows, system, BAR, left=user, color=SYSTEM, label="system", hatch="///", edgecolor="white", linewidth=0)
    for row, both in zip(rows, map(sum, zip(user, system))):
        axes.annotate(f"{both:.1f} s", (both, row), (5, 0), textcoords="offset points", va="center", fontsize=9.5)
    axes.set_xlim(right=1.2 * max(map(sum, zip(user, system))))
    axes.set_title("CPU on this machine, seconds", loc="left", fontsize=10.5, pad=6)


def _places(axes, results, kinds, rows):
    builders = results.builders()
    names = short_names(builders) | {HERE: "this machine", CACHE: "cache"}
    style = {place: (colour, "") for place, colour in PLACES.items()}
    for number, builder in enumerate(builders):
        style[builder] = (
            BUILDERS[number % len(BUILDERS)],
            HATCHES[(number + number // len(BUILDERS)) % len(HATCHES)],
        )
    left = [0.0] * len(kinds)
    most = results.unit_count()
    for place in [HERE, *builders, CACHE]:
        counts = [results.units(kind, place) for kind in kinds]
        if not any(counts):
            continue
        colour, hatch = style[place]
        axes.barh(
            rows, counts, BAR, left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.8, label=names[place]
        )
        for row, count in enumerate(counts):
            if count >= 0.08 * most:
                axes.text(
                    left[row] + count / 2,
                    row,
                    f"{count:g}",
                    ha="center",
                    va="center",
                    fontsize=9,
                    bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
                )
        left = [sum(pair) for pair in zip(left, counts)]
    axes.set_xlim(right=1.02 * most)
    axes.set_title("Units, by where they were compiled", loc="left", fontsize=10.5, pad=6)


def _legend(axes, below):
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        legend = axes.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(-0.01, below),
            ncol=LEGEND_COLUMNS,
            frameon=False,
            fontsize=9,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.4,
            handletextpad=0.5,
            columnspacing=1.2,
        )
        legend.set_in_layout(False)
