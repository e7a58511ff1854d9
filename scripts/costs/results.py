"""Costs by kind of unit, state and way; their medians, and the tables of them."""

import statistics
from dataclasses import asdict, dataclass

COLD, WARM = "cold", "warm"
PLAIN, STOCK_FARM, DIRECTIVES = "plain", "sccache-dist", "directives"
BY_SOURCES = "jdist-sources"
CLIENT_CORES = (2, 4)
# A job that took less than this share of the plain compile's time was not one.
LEAST_JOB = 0.3


@dataclass(frozen=True)
class Aim:
    """At most so much of `measure`: absolutely, or times that of another way."""

    way: str
    kind: str
    state: str
    measure: str
    most: float
    words: str
    of: str = None
    of_measure: str = None


# Of issue 17, "Shows 1".
AIMS = [
    Aim(BY_SOURCES, "cpp", WARM, "client", 0.003, "at most 3 ms of client CPU"),
    Aim(BY_SOURCES, "cpp", WARM, "sent", 8000, "at most 8 kB sent"),
    Aim(BY_SOURCES, "llvm", WARM, "client", 0.012, "at most 12 ms of client CPU"),
    *(
        Aim(BY_SOURCES, kind, WARM, "client", 0.1, "at most 0.1 of sccache-dist's client CPU", STOCK_FARM, "client")
        for kind in ("c", "cpp", "llvm")
    ),
    *(
        Aim(BY_SOURCES, kind, COLD, "client", 1, "less client CPU than g++ -E -fdirectives-only", DIRECTIVES, "client")
        for kind in ("c", "cpp", "llvm")
    ),
    *(
        Aim(BY_SOURCES, kind, WARM, "job", 1.04, "at most 1.04 of the plain compile's CPU in the job", PLAIN, "client")
        for kind in ("c", "cpp", "llvm")
    ),
    Aim("jdist-text", "cpp", WARM, "client", 0.060, "at most 60 ms of client CPU"),
]


class Results:
    """Costs of each round, in the order of rounds, so that those of one round can be compared."""

    def __init__(self, titles, kinds):
        """Both are titles by name."""
        self.titles = titles
        self.kinds = kinds
        self.costs = {}
        self.notes = []

    def add(self, state, kind, way, cost):
        self.costs.setdefault((state, kind, way), []).append(cost)

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def ways(self, state, kind):
        return [way for way in self.titles if (state, kind, way) in self.costs]

    def values(self, state, kind, way, measure):
        values = [getattr(cost, measure) for cost in self.costs.get((state, kind, way), [])]
        return [] if None in values else values

    def median(self, state, kind, way, measure):
        """None if it was not measured."""
        values = self.values(state, kind, way, measure)
        return statistics.median(values) if values else None

    def ratio(self, state, kind, way, measure, other, of_measure):
        """The median of the ratios in each round: what else a busy machine does is in both sides of each."""
        pairs = zip(self.values(state, kind, way, measure), self.values(state, kind, other, of_measure), strict=False)
        ratios = [value / reference for value, reference in pairs if reference]
        return statistics.median(ratios) if ratios else None

    def check_jobs(self):
        """Notes which numbers are not those of compiles on the builder."""
        for state, kind, way in self.costs:
            share = self.ratio(state, kind, way, "job", PLAIN, "client")
            if share is not None and share < LEAST_JOB:
                self.note(f"{self.titles[way]}, {kind}, {state}: the builder did not compile these units")

    def table(self, state, kind, about):
        rows = [f"{self.kinds[kind]}, {state}: {about}", ""]
        rows.append(
            f"{'':28}{'client CPU':>10}{'of':>8}{'of':>9}{'sent':>10}{'received':>10}{'wall':>9}"
            f"{'builder CPU':>13}{'its job':>9}{'of':>7}"
        )
        rows.append(
            f"{'':28}{'ms':>10}{'plain':>8}{'sccache':>9}{'kB':>10}{'kB':>10}{'ms':>9}{'ms':>13}{'ms':>9}{'plain':>7}"
        )
        rows += [self.row(state, kind, way) for way in self.ways(state, kind)]
        return "\n".join(rows)

    def row(self, state, kind, way):
        def number(measure, scale, digits):
            value = self.median(state, kind, way, measure)
            return shown(None if value is None else value * scale, digits)

        def ratio(measure, other, digits=3):
            return shown(self.ratio(state, kind, way, measure, other, "client"), digits)

        return (
            f"{self.titles[way]:28}{number('client', 1e3, 1):>10}{ratio('client', PLAIN):>8}"
            f"{ratio('client', STOCK_FARM):>9}{number('sent', 1e-3, 1):>10}{number('received', 1e-3, 1):>10}"
            f"{number('wall', 1e3, 0):>9}{number('host', 1e3, 0):>13}{number('job', 1e3, 0):>9}"
            f"{ratio('job', PLAIN, 2):>7}"
        )

    def aims(self):
        """(aim, value, whether it is met) of those that were measured."""
        for aim in AIMS:
            if aim.of:
                value = self.ratio(aim.state, aim.kind, aim.way, aim.measure, aim.of, aim.of_measure)
            else:
                value = self.median(aim.state, aim.kind, aim.way, aim.measure)
            if value is not None:
                yield aim, value, value <= aim.most

    def aims_table(self):
        rows = []
        for aim, value, met in self.aims():
            if aim.of:
                told = f"{value:.3f} times"
            else:
                told = f"{value / 1e3:.1f} kB" if aim.measure == "sent" else f"{value * 1e3:.1f} ms"
            judged = "met" if met else "MISSED"
            rows.append(f"  {self.titles[aim.way]}, {aim.kind}, {aim.state}: {aim.words}: {told}, {judged}")
        return "\n".join(["Aims", "", *rows]) if rows else ""

    def feeds(self, kind):
        """
        By way and by cores of a client: (units a second, cores of builders that it keeps busy), from what was measured warm,
        if the client does nothing else.
        """
        found = {}
        for way in self.ways(WARM, kind):
            client, host = (self.median(WARM, kind, way, measure) for measure in ("client", "host"))
            if client and host:
                found[way] = {cores: (cores / client, cores * host / client) for cores in CLIENT_CORES}
        return found

    def feeds_table(self):
        head = ["What a client can feed at most, if it does nothing else, by the costs of warm units", ""]
        columns = "".join(f"{f'{cores} cores: units/s':>20}{'busy cores':>12}" for cores in CLIENT_CORES)
        rows = [
            f"{f'{kind}, {self.titles[way]}':34}" + "".join(f"{rate:20.1f}{busy:12.1f}" for rate, busy in each.values())
            for kind in self.kinds
            for way, each in self.feeds(kind).items()
        ]
        return "\n".join([*head, f"{'':34}{columns}", *rows]) if rows else ""

    def to_json(self):
        return {
            "costs": [
                {"state": state, "kind": kind, "way": way, "round": number, **asdict(cost)}
                for (state, kind, way), costs in self.costs.items()
                for number, cost in enumerate(costs, 1)
            ],
            "aims": [
                {"way": aim.way, "kind": aim.kind, "state": aim.state, "aim": aim.words, "value": value, "met": met}
                for aim, value, met in self.aims()
            ],
            "feeds": [
                {"kind": kind, "way": way, "client_cores": cores, "units_per_second": rate, "builder_cores": busy}
                for kind in self.kinds
                for way, each in self.feeds(kind).items()
                for cores, (rate, busy) in each.items()
            ],
            "notes": self.notes,
        }


def shown(value, digits):
    return "–" if value is None else f"{value:.{digits}f}"
