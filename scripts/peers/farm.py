"""Schedulers, builders and clients of either kind, on loopback, each ended when its `with` block is left."""

import contextlib
import http.client
import itertools
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

STOCK = "stock"
JDIST = "jdist"
KINDS = (STOCK, JDIST)

BWRAP = shutil.which("bwrap") or "/usr/bin/bwrap"
# What a builder's log says once its scheduler has refused a heartbeat.
REFUSED = {STOCK: "Failed to send heartbeat to server: Error 401", JDIST: "refuses this builder"}
# A JVM on a machine that does much else takes its time.
START_SECONDS = 120
STOP_SECONDS = 15


# Set when this program is told to end: whoever waits gives up.
ending = threading.Event()
# Daemons that run, for whoever ends this program.
processes = set()
# Ports that were given to daemons, some of which do not listen yet.
given_ports = set()


class Failure(Exception):
    """A promise that does not hold, in words for the person who ran the script."""


def check(holds, message):
    if not holds:
        raise Failure(message)


@dataclass(frozen=True)
class Programs:
    """What to type for each part of each kind."""

    sccache: Path
    jdist: Path

    def client(self, kind):
        return str(self.sccache / "sccache" if kind == STOCK else self.jdist / "jdist")

    def farm(self, kind):
        """The program with the subcommands scheduler, server and auth."""
        return str(self.sccache / "sccache-dist" if kind == STOCK else self.jdist / "jdist")

    def release(self):
        """The real program's name and release, as it tells them."""
        return subprocess.run([self.client(STOCK), "--version"], check=True, capture_output=True, text=True).stdout.strip()


def free_port(address="127.0.0.1"):
    """One that Linux gives to nobody unasked, so that no connection takes it before its program is up."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in random.sample(range(20_000, 32_000), 100):
        if port in given_ports:
            continue
        with socket.socket(family) as probe:
            try:
                probe.bind((address, port))
                given_ports.add(port)
                return port
            except OSError:
                continue
    raise OSError(f"no port of {address} is free")


def free_address(ip="127.0.0.1"):
    return f"[{ip}]:{free_port(ip)}" if ":" in ip else f"{ip}:{free_port(ip)}"


def until(condition, what, seconds=START_SECONDS):
    """Waits for a condition; gives its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < end, f"waited {seconds} s for {what}")
        check(not ending.is_set(), f"no longer waits for {what}")
        time.sleep(0.05)


class Process:
    """A program in a process group of its own, its output in a file."""

    def __init__(self, command, environment, log):
        self.log = Path(log)
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        processes.add(self)

    @property
    def pid(self):
        return self.process.pid

    def check_runs(self):
        check(
            self.process.poll() is None,
            f"{' '.join(self.process.args)} ended with {self.process.returncode}:\n{self.tail()}",
        )

    def tail(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def cpu_seconds(self):
        """Of the process and of those of its children that have ended."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        processes.discard(self)
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        # What the group still holds are jobs of a builder that is gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def end_all():
    """Has every daemon end, so that nothing in this program still waits for one."""
    ending.set()
    for process in tuple(processes):
        process.process.terminate()


@contextlib.contextmanager
def running(command, environment, log):
    process = Process(command, environment, log)
    try:
        yield process
    finally:
        process.stop()


def clean_environment(home, **more):
    """Nothing of the caller's settings, and nothing that could land in the caller's home directory."""
    Path(home).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "JDIST_JAVA", "TMPDIR") if name in os.environ}
    return kept | {"HOME": str(home), "LC_ALL": "C.UTF-8"} | more


@dataclass(frozen=True)
class Tokens:
    """The shared secrets of a farm."""

    client: str
    server: str

    @staticmethod
    def random():
        return Tokens(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def toml(text):
    """A TOML string."""
    return json.dumps(str(text))


class Bench:
    """A temporary directory with the two programs at hand: starts parts of farms in it."""

    def __init__(self, programs, directory):
        self.programs = programs
        self.directory = Path(directory)
        self.numbers = itertools.count(1)

    def new_directory(self, name):
        directory = self.directory / f"{next(self.numbers)}-{name}"
        directory.mkdir(parents=True)
        return directory

    def run(self, *command, **environment):
        """What a command of either program does: (exit code, standard output, standard error)."""
        done = subprocess.run(
            command,
            env=clean_environment(self.directory / "home", **environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextlib.contextmanager
    def scheduler(self, kind, tokens, address=None, server_auth=None, own=""):
        """Yields its address, once it listens; `own` are settings that only one kind has."""
        directory = self.new_directory(f"scheduler-{kind}")
        address = address or free_address()
        config = directory / "scheduler.conf"
        config.write_text(
            f"public_addr = {toml(address)}\n"
            f'[client_auth]\ntype = "token"\ntoken = {toml(tokens.client)}\n'
            + (server_auth or f'[server_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n')
            + own
        )
        environment = clean_environment(directory / "home", SCCACHE_NO_DAEMON="1", SCCACHE_LOG="info")
        command = [self.programs.farm(kind), "scheduler", "--config", str(config)]
        with running(command, environment, directory / "log") as process:
            self.await_port(process, address)
            yield address

    @contextlib.contextmanager
    def builder(self, kind, scheduler_url, tokens, address=None, auth=None, directory=None):
        """Yields its address, once it listens. In the directory of another it is that one, started again."""
        directory = directory or self.new_directory(f"builder-{kind}")
        address = address or free_address()
        config = directory / "server.conf"
        config.write_text(
            f"cache_dir = {toml(directory / 'toolchains')}\n"
            f"public_addr = {toml(address)}\n"
            f"scheduler_url = {toml(scheduler_url)}\n"
            f'[builder]\ntype = "overlay"\nbuild_dir = {toml(directory / "build")}\nbwrap_path = {toml(BWRAP)}\n'
            + (auth or f'[scheduler_auth]\ntype = "token"\ntoken = {toml(tokens.server)}\n')
        )
        environment = clean_environment(directory / "home", SCCACHE_LOG="info")
        command = [self.programs.farm(kind), "server", "--config", str(config)]
        with running(command, environment, directory / "log") as process:
            self.await_port(process, address)
            yield address

    def check_refused(self, kind, url, tokens, message, **more):
        """A builder whose scheduler has answered its heartbeat with a refusal, and which did not join all the same."""
        directory = self.new_directory(f"builder-{kind}")
        before = status(url)["num_servers"]
        with self.builder(kind, url, tokens, directory=directory, **more):
            until(
                lambda: REFUSED[kind] in (directory / "log").read_text() or status(url)["num_servers"] != before,
                f"a {kind} builder to be refused",
            )
            check(status(url)["num_servers"] == before, message)

    @contextlib.contextmanager
    def farm(self, scheduler_kind, builder_kinds):
        """Yields the scheduler's URL and the tokens, once all builders have registered."""
        tokens = Tokens.random()
        with contextlib.ExitStack() as stack:
            url = "http://" + stack.enter_context(self.scheduler(scheduler_kind, tokens))
            builders = [stack.enter_context(self.builder(kind, url, tokens)) for kind in builder_kinds]
            until(lambda: status(url)["num_servers"] == len(builders), f"{len(builders)} builders")
            yield Farm(url, tokens, dict(zip(builders, builder_kinds)))

    @contextlib.contextmanager
    def client(self, kind, scheduler_url, token, toolchains="", packed=None):
        with Client(self, kind, scheduler_url, token, toolchains, packed) as client:
            yield client

    @staticmethod
    def await_port(process, address, seconds=START_SECONDS):
        host, _, port = address.rpartition(":")

        def listens():
            process.check_runs()
            with contextlib.suppress(OSError):
                socket.create_connection((host.strip("[]"), int(port)), 1).close()
                return True
            return False

        try:
            until(listens, f"a listener at {address}", seconds)
        except Failure as failure:
            raise Failure(f"{failure}; its log ends so:\n{process.tail()}") from None


@dataclass(frozen=True)
class Farm:
    """A scheduler, and builders by address with their kinds."""

    url: str
    tokens: Tokens
    builders: dict


def status(url):
    """What the scheduler itself says of its farm."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/api/v1/scheduler/status", headers={"Accept": "application/json"})
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


class Client:
    """
    A client daemon in the foreground, so that what it costs can be measured. It has compiled nothing yet, and has packed the
    compilers in the directory `packed`, if that is given.
    """

    def __init__(self, bench, kind, scheduler_url, token, toolchains="", packed=None):
        self.kind = kind
        self.program = bench.programs.client(kind)
        directory = bench.new_directory(f"client-{kind}")
        self.directory = directory
        config = directory / "config"
        config.write_text(
            (f"[dist]\nscheduler_url = {toml(scheduler_url)}\n" if scheduler_url else "[dist]\n")
            + f"cache_dir = {toml(packed or directory / 'packed')}\n"
            + (f'[dist.auth]\ntype = "token"\ntoken = {toml(token)}\n' if token else "")
            + toolchains
        )
        self.socket = directory / "socket"
        self.environment = clean_environment(
            directory / "home",
            SCCACHE_CONF=str(config),
            SCCACHE_DIR=str(directory / "cache"),
            SCCACHE_SERVER_UDS=str(self.socket),
        )
        self.log = directory / "log"

    def __enter__(self):
        more = {"SCCACHE_START_SERVER": "1", "SCCACHE_NO_DAEMON": "1", "SCCACHE_LOG": "info"}
        self.daemon = Process([self.program], self.environment | more, self.log)
        try:

            def listens():
                self.daemon.check_runs()
                with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.socket))
                    return True
                return False

            until(listens, "the client daemon")
        except BaseException:
            self.daemon.stop()
            raise
        return self

    def __exit__(self, *_):
        self.daemon.stop()

    def run(self, *arguments):
        """(exit code, standard output, standard error) of the client's command line."""
        done = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def stats(self):
        code, out, err = self.run("--show-stats", "--stats-format", "json")
        check(code == 0, f"{self.kind} --show-stats: {err.decode()}")
        return json.loads(out)["stats"]

    def compile(self, *command, directory):
        """Has one unit compiled; (exit code, standard output, standard error)."""
        done = subprocess.run(
            [self.program, *command],
            env=self.environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr
