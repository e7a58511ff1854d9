"""What was measured: kept, put into files, and into a table for people."""

import csv
import json
from dataclasses import dataclass, field
from statistics import median

from farms import short_names

PLAIN = "plain"
ONE = "one"
ALL = "all"
WARM = "warm"


@dataclass(frozen=True)
class Build:
    """
    One build. CPU seconds are those of this machine, of the build's own processes and of jdist's daemon; those that the
    daemon took before the build are only for whoever checks. `units` are counts by place: "here", "cache", or a builder.
    """

    round: int
    kind: str
    jobs: int
    wall: float
    user: float
    system: float
    daemon_user: float = 0.0
    daemon_system: float = 0.0
    daemon_before: float = 0.0
    units: dict = field(default_factory=dict)
    dist_errors: int = 0

    @property
    def all_user(self):
        return self.user + self.daemon_user

    @property
    def all_system(self):
        return self.system + self.daemon_system

    @property
    def cpu(self):
        return self.all_user + self.all_system


HERE = "here"
CACHE = "cache"


def units_of(stats):
    """Where units came from, by what jdist counted."""
    farmed = dict(stats["dist_compiles"])
    cached = sum(stats["cache_hits"]["counts"].values())
    here = stats["requests_executed"] - cached - sum(farmed.values()) + stats["requests_not_cacheable"]
    return {HERE: here, CACHE: cached} | farmed


class Objects:
    """Compares the objects of each build with those of the first plain one."""

    def __init__(self):
        self.first = None
        self.differing = {}
        self.unsteady = set()

    def add(self, kind, objects):
        if self.first is None:
            self.first = objects
            return
        names = {name for name in self.first.keys() | objects.keys() if self.first.get(name) != objects.get(name)}
        if kind == PLAIN:
            self.unsteady |= names
        else:
            for name in names:
                self.differing.setdefault(name, set()).add(kind)

    def differences(self):
        """Objects that jdist alone makes differ, with the kinds of builds in which it does."""
        return {name: sorted(kinds) for name, kinds in sorted(self.differing.items()) if name not in self.unsteady}


@dataclass
class Results:
    """All of a comparison. `about` describes project, machine and farm; `labels` the kinds of builds, in their order."""

    about: dict
    labels: dict
    builds: list = field(default_factory=list)
    objects: Objects = field(default_factory=Objects)
    notes: list = field(default_factory=list)

    def kinds(self):
        return [kind for kind in self.labels if self.of(kind)]

    def of(self, kind):
        return [build for build in self.builds if build.kind == kind]

    def median(self, kind, value):
        return median(value(build) for build in self.of(kind))

    def wall(self, kind):
        return self.median(kind, lambda build: build.wall)

    def speed_up(self, kind):
        return self.wall(PLAIN) / self.wall(kind)

    def builders(self):
        names = {name for build in self.builds for name in build.units} - {HERE, CACHE}
        return sorted(names, key=lambda name: (len(name), name))

    def units(self, kind, place):
        return self.median(kind, lambda build: build.units.get(place, 0))

    def unit_count(self):
        return max(sum(build.units.values()) for build in self.builds)

    def to_json(self):
        def build(one):
            return {
                "round": one.round,
                "build": one.kind,
                "jobs": one.jobs,
                "wall_seconds": round(one.wall, 3),
                "user_seconds": round(one.all_user, 3),
                "system_seconds": round(one.all_system, 3),
                "daemon_user_seconds": round(one.daemon_user, 3),
                "daemon_system_seconds": round(one.daemon_system, 3),
                "daemon_seconds_before": round(one.daemon_before, 3),
                "units": one.units,
                "dist_errors": one.dist_errors,
            }

        def middle(kind):
            return {
                "build": kind,
                "label": self.labels[kind],
                "wall_seconds": round(self.wall(kind), 3),
                "speed_up": round(self.speed_up(kind), 3),
                "user_seconds": round(self.median(kind, lambda one: one.all_user), 3),
                "system_seconds": round(self.median(kind, lambda one: one.all_system), 3),
                "units": {place: self.units(kind, place) for place in [HERE, CACHE, *self.builders()]},
                "dist_errors": sum(one.dist_errors for one in self.of(kind)),
            }

        return json.dumps(
            self.about
            | {
                "medians": [middle(kind) for kind in self.kinds()],
                "builds": [build(one) for one in self.builds],
                "objects": {
                    "count": len(self.objects.first or {}),
                    "differing": self.objects.differences(),
                    "differing_without_jdist": sorted(self.objects.unsteady),
                },
                "notes": self.notes,
            },
            indent=2,
        )

    def write_csv(self, path):
        rows = json.loads(self.to_json())["builds"]
        places = [HERE, CACHE, *self.builders()]
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            names = [name for name in rows[0] if name != "units"]
            writer.writerow([*names, *(f"units_{place}" for place in places)])
            for row in rows:
                writer.writerow([*(row[name] for name in names), *(row["units"].get(place, 0) for place in places)])

    def table(self):
        rounds = max(build.round for build in self.builds)
        what = f"medians of {rounds} rounds, lowest and highest in brackets" if rounds > 1 else "one round"
        title = f"{self.about['project']}: {self.unit_count()} units; {what}"
        costs = [["build", "jobs", "wall time", "", "speed-up", "CPU here", "user + system", "dist errors"]]
        for kind in self.kinds():
            walls = [build.wall for build in self.of(kind)]
            user, system = (self.median(kind, value) for value in (lambda b: b.all_user, lambda b: b.all_system))
            costs.append(
                [
                    self.labels[kind],
                    str(self.of(kind)[0].jobs),
                    seconds(self.wall(kind)),
                    f"({min(walls):.1f} - {max(walls):.1f})" if rounds > 1 else "",
                    f"{self.speed_up(kind):.2f} x",
                    seconds(self.median(kind, lambda build: build.cpu)),
                    f"{user:.1f} + {system:.1f}",
                    "" if kind == PLAIN else str(sum(build.dist_errors for build in self.of(kind))),
                ]
            )
        builders = self.builders()
        names = short_names(builders)
        places = [["units compiled by", "this machine", "(the cache)", *(names[builder] for builder in builders)]]
        for kind in self.kinds():
            counts = (self.units(kind, place) for place in [HERE, CACHE, *builders])
            places.append([self.labels[kind], *(f"{count:g}" if count else "-" for count in counts)])
        return "\n\n".join([title, aligned(costs), aligned(places), "\n".join(self.remarks())])

    def remarks(self):
        count = len(self.objects.first or {})
        differing = self.objects.differences()
        lines = []
        if differing:
            names = list(differing)
            lines.append(f"{len(differing)} of {count} objects differ from those of the plain compiler:")
            lines += [f"  {name}" for name in names[:10]]
            lines += [f"  and {len(names) - 10} more, in results.json"] if len(names) > 10 else []
            lines.append("docs/compare-builds.md tells which do so with good reason.")
        else:
            lines.append(f"All {count} objects are the same in all builds, byte for byte.")
        if self.objects.unsteady:
            lines.append(
                f"Not counting {len(self.objects.unsteady)} that differ from one plain build to the next: results.json."
            )
        return lines + self.notes


def seconds(value):
    return f"{value:.1f} s"


def aligned(rows):
    """Words to the left, all else to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    )
