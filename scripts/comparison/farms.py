"""The farm that is measured: that of the person's settings, or one of hosts that this machine plays."""

import contextlib
import json
import os
import pwd
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from daemon import PATIENCE_SECONDS
from farm import BWRAP, Bench, Failure, Process, Tokens, check, clean_environment, status, toml, until

# A network that no home router gives out. It is seen by the played hosts alone.
NETWORK = "10.97.0"
SCHEDULER_PORT = 10600
BUILDER_PORT = 10501
FIRST_HOST = 11
MOST_HOSTS = 16


@dataclass(frozen=True)
class Farm:
    """
    What a client of it has in its settings file, and what this farm is, in words.

    `processes` are its programs by name, if it is played.
    """

    settings: dict
    description: str
    processes: dict = field(default_factory=dict)


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
    return Farm(settings, f"the farm of {url}")


class PlayedFarm:
    """
    Hosts in network namespaces, each with a builder and the first with the scheduler, all on one switch with this
    machine. To be used in a network, mount and process namespace of its own: with that one's last process, all is gone.
    """

    def __init__(self, jdist, count, work, logs):
        self.jdist = str(jdist)
        self.count = count
        self.work = Path(work)
        self.logs = Path(logs)
        self.started = contextlib.ExitStack()
        self.processes = {}

    def __enter__(self):
        with self.started:
            self._make_network()
            tokens = Tokens.random()
            url = self._start_scheduler(tokens)
            for host in range(1, self.count + 1):
                self._start_builder(host, url, tokens)
            until(lambda: self._count(url) == self.count, f"{self.count} builders", PATIENCE_SECONDS)
            # All went well: they are ended by __exit__.
            self.started = self.started.pop_all()
        settings = {
            "dist": {
                "scheduler_url": url,
                "cache_dir": str(self.work / "packed"),
                "auth": {"type": "token", "token": tokens.client},
            }
        }
        description = f"{self.count} host{'s' * (self.count > 1)} played by this machine"
        return Farm(settings, description, dict(self.processes))

    def __exit__(self, *_):
        self.started.close()

    def _count(self, url):
        for process in self.processes.values():
            process.check_runs()
        return status(url)["num_servers"]

    @staticmethod
    def _ip(*arguments):
        done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr.strip()}")

    def _make_network(self):
        # Where namespaces have their names; and where Java notes its processes, whose numbers are others out there.
        notes = Path(f"/tmp/hsperfdata_{pwd.getpwuid(os.geteuid()).pw_name}")
        notes.mkdir(mode=0o755, exist_ok=True)
        for place in ("/run", notes):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", place], check=True)
        self._ip("link", "set", "lo", "up")
        self._ip("link", "add", "switch", "type", "bridge")
        self._ip("addr", "add", f"{NETWORK}.1/24", "dev", "switch")
        self._ip("link", "set", "switch", "up")
        for host in range(1, self.count + 1):
            name, port = f"host{host}", f"port{host}"
            self._ip("netns", "add", name)
            self._ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
            self._ip("link", "set", port, "master", "switch", "up")
            self._ip("-n", name, "link", "set", "lo", "up")
            self._ip("-n", name, "addr", "add", f"{self._address(host)}/24", "dev", "eth0")
            self._ip("-n", name, "link", "set", "eth0", "up")

    @staticmethod
    def _address(host):
        return f"{NETWORK}.{FIRST_HOST + host - 1}"

    def _start(self, host, role, address, settings, **variables):
        directory = self.work / f"host{host}"
        directory.mkdir(exist_ok=True)
        file = directory / f"{role}.conf"
        file.write_text(settings)
        log = self.logs / f"host{host}-{'builder' if role == 'server' else role}.log"
        log.unlink(missing_ok=True)
        process = Process(
            ["nsenter", f"--net=/run/netns/host{host}", self.jdist, role, "--config", str(file)],
            clean_environment(directory / "home", **variables),
            log,
        )
        self.started.callback(process.stop)
        self.processes[f"host{host} {role}"] = process
        Bench.await_port(process, address, PATIENCE_SECONDS)

    def _start_scheduler(self, tokens):
        address = f"{self._address(1)}:{SCHEDULER_PORT}"
        self._start(
            1,
            "scheduler",
            address,
            f"public_addr = {toml(address)}\n"
            f'[client_auth]\ntype = "token"\ntoken = {toml(tokens.client)}\n'
            f'[server_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n',
            SCCACHE_NO_DAEMON="1",
        )
        return f"http://{address}"

    def _start_builder(self, host, url, tokens):
        address = f"{self._address(host)}:{BUILDER_PORT}"
        place = self.work / f"host{host}"
        self._start(
            host,
            "server",
            address,
            f"public_addr = {toml(address)}\nscheduler_url = {toml(url)}\n"
            f"cache_dir = {toml(place / 'toolchains')}\n"
            f'[builder]\ntype = "overlay"\nbuild_dir = {toml(place / "build")}\n'
            f'[scheduler_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n',
        )


def check_can_play():
    check(os.geteuid() == 0, "--namespaces makes network namespaces, which only root may: run it with sudo")
    programs = ("ip", "mount", "nsenter", "unshare")
    missing = [name for name in programs if not shutil.which(name)] + ["bwrap"] * (not os.access(BWRAP, os.X_OK))
    check(not missing, f"--namespaces needs {', '.join(missing)}: run scripts/setup compare")


def short_names(addresses):
    """Builders without their ports, where that leaves them different."""
    hosts = {address: re.sub(r":[0-9]+$", "", address) for address in addresses}
    return hosts if len(set(hosts.values())) == len(hosts) else {address: address for address in addresses}
