"""Ports for programs that are about to be started."""

import random
import socket

# Linux gives these to nobody who does not ask for them, so no connection takes one before its program is up. FreePorts in
# the Java tests has the same.
FIRST = 20_000
COUNT = 12_000
TRIES = 100
# To programs some of which do not listen yet.
given = set()


def free_port(ip="127.0.0.1"):
    """A TCP port of this machine on which nobody listens, and which was not given before."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    for port in random.sample(range(FIRST, FIRST + COUNT), TRIES):
        if port in given:
            continue
        with socket.socket(family) as probe:
            try:
                probe.bind((ip, port))
                given.add(port)
                return port
            except OSError:
                continue
    raise OSError(f"none of {TRIES} ports of {ip} is free")


def free_address(ip="127.0.0.1"):
    return f"[{ip}]:{free_port(ip)}" if ":" in ip else f"{ip}:{free_port(ip)}"
