"""Ports for programs that are about to be started."""

import random
import socket

# Linux gives these to nobody who does not ask for them, so no connection takes one before its program is up. They are taken in
# blocks: who listens on the first port of a block, on loopback, has the others. FreePorts in the Java tests has the same.
FIRST = 20_000
BLOCK = 16
BLOCKS = 750
# They keep the blocks until this process ends.
guards = []
# Of the blocks that are ours, by address, not given yet.
left = {}


def free_port(ip="127.0.0.1"):
    """A TCP port of this machine on which nobody listens, and which was not given before."""
    ports = left.setdefault(ip, [])
    while True:
        if not ports:
            ports.extend(_take_block())
        port = ports.pop(0)
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
            try:
                probe.bind((ip, port))
                return port
            except OSError:
                # Somebody's who knows nothing of blocks: the next one.
                continue


def free_address(ip="127.0.0.1"):
    return f"[{ip}]:{free_port(ip)}" if ":" in ip else f"{ip}:{free_port(ip)}"


def _take_block():
    for block in random.sample(range(BLOCKS), BLOCKS):
        guard = socket.socket(socket.AF_INET)
        try:
            guard.bind(("127.0.0.1", FIRST + BLOCK * block))
            guard.listen(1)
        except OSError:
            guard.close()
            continue
        guards.append(guard)
        return range(FIRST + BLOCK * block + 1, FIRST + BLOCK * (block + 1))
    raise OSError(f"all {BLOCKS} blocks of ports from {FIRST} on are taken")
