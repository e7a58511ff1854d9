"""Machines that this one plays, and the network between them."""

import contextlib

from lab.machine import CABLE, Machine, NetworkNamespace
from lab.quota import CpuAccount, CpuQuota

# No home router gives it out, and nobody outside of the switch sees it.
NETWORK = "10.97.0"
FIRST_ADDRESS = 11
MOST_MACHINES = 200


class Switch:
    """A switch without a way out: a bridge in a network namespace of its own. Its machines end with it."""

    def __init__(self, network=NETWORK):
        self.network = network
        self.machines = []
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.namespace = NetworkNamespace()
        self.stack.callback(self.namespace.close)
        with self.stack:
            self.namespace.ip("link", "add", "switch", "type", "bridge")
            self.namespace.ip("link", "set", "switch", "up")
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def add(self, name, cpus=None, counted=False):
        """
        A new machine, with a cable to the switch and an address of its own. It has so many cores' time, if that is given, or
        its processor time is counted: `machine.group.seconds()`.
        """
        number = len(self.machines)
        assert number < MOST_MACHINES
        machine = Machine(name, f"{self.network}.{FIRST_ADDRESS + number}")
        self.stack.callback(machine.close)
        if cpus:
            machine.group = CpuQuota(cpus)
        elif counted:
            machine.group = CpuAccount()
        # Its first process holds the cgroup too, which cannot be taken for an abandoned one then.
        machine.namespace = NetworkNamespace(machine.group.command if machine.group else list)
        port, inside = f"port{number}", machine.namespace
        self.namespace.ip("link", "add", port, "type", "veth", "peer", "name", CABLE, "netns", str(inside.pid))
        self.namespace.ip("link", "set", port, "master", "switch", "up")
        inside.ip("addr", "add", f"{machine.ip}/24", "dev", CABLE)
        inside.ip("link", "set", CABLE, "up")
        self.machines.append(machine)
        return machine
