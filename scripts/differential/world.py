"""A tree with a client of each kind, and what happens there."""

import contextlib
import time
from collections import Counter

from differential.events import EVENTS, MOVES, random_event
from differential.result import BARE

# Of the compiler alone, before a difference counts.
MORE_CALLS = 30
REMEMBERED_EVENTS = 6
REMEMBERED_COMMANDS = 8
# Which part of a compile is over when something happens.
MOMENTS = (0.05, 0.2, 0.4, 0.7)


class World:
    """It is run by one thread."""

    def __init__(self, number, random, tree, supplies, commands, machine):
        self.number = number
        self.random = random
        self.tree = tree
        self.supplies = supplies
        self.commands = commands
        self.machine = machine
        self.modes = list(machine.clients)
        self.recent = {supply.name: [] for supply in supplies}
        self.told = []
        self.reported = []
        self.steps = 0
        self.counts = Counter()

    def step(self):
        """Yields what differs."""
        self.steps += 1
        dice = self.random.random()
        if dice < 0.12:
            yield from self._during()
        elif dice < 0.125:
            yield from self._killed()
        else:
            supply = self.random.choices(self.supplies, [each.weight for each in self.supplies])[0]
            if dice < 0.55:
                self._happens(random_event(self.tree, self.random, self._events(supply)))
            yield from self._compare(self._command(supply))

    def _events(self, supply):
        return supply.events if supply.events and self.random.random() < 0.8 else EVENTS

    def _command(self, supply):
        recent = self.recent[supply.name]
        dice = self.random.random()
        if recent and dice < 0.5:
            return self.random.choice(recent)
        turned = recent and dice < 0.65
        command = self.commands.turned(self.random.choice(recent)) if turned else self.commands.any(supply.units)
        self.recent[supply.name] = [*recent[1 - REMEMBERED_COMMANDS :], command]
        return command

    def _happens(self, event):
        if event:
            event.apply()
            self.told.append(event.name)
            self.counts["events"] += 1

    def _during(self):
        """An event while a client compiles; then the state after it, and that before it, are compiled once more."""
        command, mode = self.commands.slow(), self.random.choice(self.modes)
        event = random_event(self.tree, self.random, MOVES)
        moment = self.random.choice(MOMENTS) * self._seconds(command)
        if not event:
            return
        with self._edited(command):
            self.machine.compile_during(mode, command, event.apply, moment)
            self.told.append(f"{moment:.2f} s after {mode} began to compile {command}: {event.name}")
            self.counts["events during a compile"] += 1
            yield from self._compare(command, [mode])
            event.undo()
            self.told.append(f"undone: {event.name}")
            yield from self._compare(command, [mode])

    def _killed(self):
        """The daemon is killed while it serves a compile, which nobody may notice."""
        command, mode = self.commands.slow(), self.random.choice(self.modes)
        moment = self.random.choice(MOMENTS) * self._seconds(command)
        with self._edited(command):
            self.tree.note_sources()
            wanted = self.machine.compile(BARE, command)
            got = self.machine.compile(mode, command, lambda: self.machine.kill(mode), moment)
            self.machine.revive(mode)
            self.told.append(f"{moment:.2f} s after {mode} began to compile: its daemon is killed")
            self.counts["killed daemons"] += 1
            found = wanted.differences(got)
            if found:
                yield self._report(mode, command, found)

    def _seconds(self, command):
        """What the compiler alone takes."""
        self.tree.note_sources()
        begun = time.monotonic()
        self.machine.compile(BARE, command)
        return time.monotonic() - begun

    @contextlib.contextmanager
    def _edited(self, command):
        """So that the unit is compiled, and not found."""
        path = self.tree.root / command.unit.directory / command.unit.source
        before = path.read_bytes()
        path.write_bytes(before + f"int version_{self.steps};\n".encode())
        try:
            yield
        finally:
            path.write_bytes(before)

    def _compare(self, command, modes=None):
        self.tree.note_sources()
        wanted = self.machine.compile(BARE, command)
        for mode in self.modes if modes is None else modes:
            found = wanted.differences(self.machine.compile(mode, command))
            self.counts["compiles"] += 1
            # What the compiler alone makes anew each time, such as a random number, says nothing.
            if found and not self._varies(command, wanted):
                if (mode, command) not in self.reported:
                    yield self._report(mode, command, found)
                self.reported.append((mode, command))
        self.told = self.told[-REMEMBERED_EVENTS:]
        self.told.append(f"compiled {command}")

    def _varies(self, command, wanted):
        """Whether the compiler alone makes something else of it, too: with -pipe, gcc ends with 1 or 2 if as fails early."""
        return any(wanted.differences(self.machine.compile(BARE, command)) for _ in range(MORE_CALLS))

    def _report(self, mode, command, found):
        before = "\n".join(f"    {line}" for line in self.told[-REMEMBERED_EVENTS:])
        return f"step {self.steps}, by {mode}: {command}\n  before it:\n{before}\n  " + "\n  ".join(found)
