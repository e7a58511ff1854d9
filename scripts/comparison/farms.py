"""The farm that is measured: that of the person's settings, or one of hosts that this machine plays."""

import contextlib
import json
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lab.conditions import Failure, check
from lab.farm import BWRAP, JDIST, Lab, Programs
from lab.machine import HERE, Machine
from lab.quota import check_can_limit
from lab.switch import Switch

MOST_HOSTS = 16


@dataclass(frozen=True)
class MeasuredFarm:
    """What a client of it has in its settings file, what this farm is, in words, and the machine that builds."""

    settings: dict
    description: str
    client: Machine = HERE


def settings_file():
    named = os.environ.get("SCCACHE_CONF")
    if named is not None:
        return Path(named)
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(home if home.startswith("/") else Path.home() / ".config", "sccache/config")


def of_settings():
    """The farm of the client's settings file."""
    file = settings_file()
    advice = "start a farm as README.md tells, or play one on this machine: --namespaces 3, as root"
    try:
        text = file.read_text(encoding="utf-8")
        settings = json.loads(text) if file.name.endswith(".json") else tomllib.loads(text)
    except FileNotFoundError:
        raise Failure(f"there is no client's settings file {file}, so no farm to measure; {advice}") from None
    except (OSError, ValueError) as problem:
        raise Failure(f"{file} cannot be read: {problem}; docs/settings.md tells what stands in it") from None
    dist = settings.get("dist") if isinstance(settings, dict) else None
    url = dist.get("scheduler_url") if isinstance(dist, dict) else None
    check(url, f"{file} names no scheduler_url in [dist], so there is no farm to measure; {advice}")
    return MeasuredFarm(settings, f"the farm of {url}")


@contextlib.contextmanager
def played(jdist, count, cpus, work, logs):
    """
    Yields a farm of hosts on one switch with the client: each has a builder, and the first the scheduler. If cpus are given,
    each of them, the client too, has so many cores' time and no more.
    """
    lab = Lab(Programs(None, jdist.parent), work, logs)
    for log in logs.glob("host*.log"):
        log.unlink()
    with Switch() as switch:
        hosts = [switch.add(f"host{number}", cpus) for number in range(1, count + 1)]
        client = switch.add("client", cpus)
        with lab.farm(JDIST, [JDIST] * count, hosts) as farm:
            settings = {
                "dist": {
                    "scheduler_url": farm.url,
                    "cache_dir": str(work / "packed"),
                    "auth": {"type": "token", "token": farm.tokens.client},
                }
            }
            yield MeasuredFarm(settings, f"{count} host{'s' * (count > 1)} played by this machine", client)


def check_can_play(cpus):
    check(os.geteuid() == 0, "--namespaces makes network namespaces, which only root may: run it with sudo")
    programs = ("ip", "mount", "nsenter", "setpriv", "unshare")
    missing = [name for name in programs if not shutil.which(name)] + ["bwrap"] * (not os.access(BWRAP, os.X_OK))
    check(not missing, f"--namespaces needs {', '.join(missing)}: run scripts/setup compare")
    if cpus:
        check_can_limit(cpus)


def short_names(addresses):
    """Builders without their ports, where that leaves them different."""
    hosts = {address: re.sub(r":[0-9]+$", "", address) for address in addresses}
    return hosts if len(set(hosts.values())) == len(hosts) else {address: address for address in addresses}
