"""The ways to have a unit compiled: a table, and what starts the daemons of each on machines of their own."""

import contextlib
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from lab.conditions import until
from lab.daemon import Daemon, clean_environment
from lab.farm import JDIST, STOCK, Lab, Programs, Tokens, status
from lab.switch import Switch

# In the order of tables.
NAMES = ("nothing", "g++-E", "directives", "plain", "distcc", "icecream", "sccache-dist", "jdist-text", "jdist-sources")
BUILDER_JOBS = 2
DISTCC_PORT = 3632
ICECREAM_PORT = 8765
# icecream gives no job to a host that does much else. The machine that plays all hosts may do so, and they do not.
IDLE = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /proc/stat && exec "$@"']
# Those of the packages, which some accounts do not have in PATH.
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass
class Session:
    """
    A way that is ready: the client's machine, the builder's if it has one, what the client calls for a unit, and from where;
    and words for what was wrong with it so far.
    """

    client: object
    host: object
    command: object
    environment: dict
    complaints: object = field(default=lambda: [])
    caller: object = None


@dataclass(frozen=True)
class Place:
    """Where a way may have files: a directory of this session, and one of all its sessions for packed compilers."""

    directory: Path
    packed: Path


@dataclass(frozen=True)
class Way:
    """
    `start` yields a Session in a Place. `lacks` gives what is missing for it, or None. A way that makes no objects is what
    others spend at the least, or a part of what they do.
    """

    name: str
    title: str
    start: object
    lacks: object = field(default=lambda: None)
    makes_objects: bool = True


def program(name):
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


def resolved(words):
    return [program(words[0]), *words[1:]]


def lacking(*names, package):
    def lacks():
        missing = [name for name in names if not program(name)]
        return f"there is no {' and no '.join(missing)} (Debian: {package})" if missing else None

    return lacks


def here(command):
    """A way without a builder."""

    @contextlib.contextmanager
    def start(place):
        with Switch() as switch:
            client = switch.add("client", counted=True)
            yield Session(client, None, lambda unit: resolved(command(unit)), clean_environment(place.directory / "home"))

    return start


def preprocessed(*options):
    return lambda unit: [*unit.kind.command, "-E", *options, unit.source, "-o", unit.object + ".i"]


@contextlib.contextmanager
def machines(scheduler=False):
    """(client, builder's machine), both counted; with a third for a scheduler, which is not, where there is one."""
    with Switch() as switch:
        counted = [switch.add(name, counted=True) for name in ("client", "builder")]
        yield (*counted, switch.add("scheduler")) if scheduler else counted


def farm(kind, programs, settings=""):
    """By a farm of jdist or of sccache. The settings are for the client, behind those of the farm."""

    @contextlib.contextmanager
    def start(place):
        lab, tokens = Lab(programs, place.directory), Tokens.random()
        with contextlib.ExitStack() as stack:
            client, host, third = stack.enter_context(machines(scheduler=True))
            url = "http://" + stack.enter_context(lab.scheduler(kind, tokens, machine=third))
            stack.enter_context(lab.builder(kind, url, tokens, machine=host))
            until(lambda: status(url, third)["num_servers"] == 1, "the builder to join its scheduler")
            one = lab.client(
                kind, url, tokens.client, settings, packed=place.packed, machine=client, SCCACHE_IDLE_TIMEOUT="0"
            )
            caller = stack.enter_context(one)
            yield Session(
                client,
                host,
                lambda unit: [caller.program, *resolved(unit.compile_command())],
                caller.environment,
                lambda: complaints_about(caller.stats()),
            )

    return start


def complaints_about(stats):
    """Words for what makes the numbers of a client those of something else, by its statistics."""
    hits = sum(stats["cache_hits"]["counts"].values())
    found = [f"{hits} units came from the cache"] if hits else []
    errors = stats["dist_errors"]
    return found + ([f"{errors} units failed on the farm, and were compiled on the client"] if errors else [])


@contextlib.contextmanager
def distcc(place):
    with machines() as (client, host):
        # Of a user of its own, which it becomes.
        temporary = place.directory / "tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        environment = clean_environment(place.directory / "home", TMPDIR=str(temporary))
        words = [program("distccd"), "--daemon", "--no-detach", "--enable-tcp-insecure", "--listen", host.ip]
        words += ["--allow", f"{client.ip}/32", "--port", str(DISTCC_PORT), "--jobs", str(BUILDER_JOBS), "--log-stderr"]
        with Daemon(words, environment, place.directory / "distccd.log", host) as daemon:
            daemon.await_listener(f"{host.ip}:{DISTCC_PORT}")
            # Neither its own fallback nor this machine's cores: what distcc cannot send is a failure.
            environment |= {
                "DISTCC_HOSTS": f"{host.ip}:{DISTCC_PORT}/{BUILDER_JOBS},lzo",
                "DISTCC_DIR": str(place.directory),
                "DISTCC_FALLBACK": "0",
            }
            yield Session(client, host, lambda unit: resolved(["distcc", *unit.compile_command()]), environment)


@contextlib.contextmanager
def icecream(place):
    """Its daemons find their scheduler by its address; on one machine, their sockets are told apart by their names."""

    @contextlib.contextmanager
    def daemon(name, machine, words, sign):
        """One that says so in its log when it is ready: a connection that says nothing would stop the scheduler for 15 s."""
        directory = place.directory / name
        directory.mkdir()
        shutil.chown(directory, "icecc", "icecc")
        log = directory / "log"
        words = [program(words[0]), *map(str, words[1:]), "-vv", "-u", "icecc", "-l", str(log)]
        environment = clean_environment(place.directory / "home", ICECC_TEST_SOCKET=str(directory / "socket"))
        with Daemon([*IDLE, frozen, *words], environment, place.directory / f"{name}.log", machine) as started:

            def ready():
                started.check_runs()
                return log.exists() and sign in log.read_text(errors="replace")

            until(ready, f"icecream's {name} to say: {sign}")
            yield environment

    frozen = place.directory / "stat"
    frozen.write_bytes(Path("/proc/stat").read_bytes())
    with machines(scheduler=True) as (client, host, scheduler), contextlib.ExitStack() as stack:
        stack.enter_context(daemon("scheduler", scheduler, ["icecc-scheduler", "-p", ICECREAM_PORT], "scheduler ready"))
        members = ("builder", host, ["-m", BUILDER_JOBS]), ("client", client, ["-m", 0, "--no-remote"])
        for name, machine, options in members:
            words = ["iceccd", "-s", f"{scheduler.ip}:{ICECREAM_PORT}", "-N", name, *options]
            words += ["-b", place.directory / name / "environments"]
            environment = stack.enter_context(daemon(name, machine, words, "Connected to scheduler"))
        yield Session(client, host, lambda unit: resolved(["icecc", *unit.compile_command()]), environment)


def refuses(jdist, settings, directory):
    """Why a build of jdist does not know these settings of a client, or None."""
    file = Path(directory, "trial.conf")
    file.write_text(settings)
    asked = subprocess.run(
        [str(jdist / "jdist"), "config", "show", "--role", "client", "--config", str(file)],
        env=clean_environment(Path(directory, "home")),
        capture_output=True,
        text=True,
        check=False,
    )
    words = asked.stderr.strip().replace(f"{file}:", "line ")
    return None if asked.returncode == 0 else f"this build of jdist refuses its setting: {words}"


def all_ways(jdist, sccache, directory):
    """
    By name, in the order of NAMES. `jdist` and `sccache` are directories of programs, the second None if there is none. The
    directory is for trials.
    """
    programs = Programs(sccache, jdist)
    # Not even one unit of a thousand is compiled twice.
    always = "[jdist]\naudit_per_mille = 0\n"
    by_sources, never = (f'{always}sources = "{value}"\n' for value in ("auto", "never"))
    by_text = always if refuses(jdist, never, directory) else never
    ways = [
        Way("nothing", "a program that does nothing", here(lambda _: ["true"]), makes_objects=False),
        Way("g++-E", "g++ -E", here(preprocessed()), makes_objects=False),
        Way("directives", "g++ -E -fdirectives-only", here(preprocessed("-fdirectives-only")), makes_objects=False),
        Way("plain", "plain compile", here(lambda unit: unit.compile_command())),
        Way("distcc", "distcc, lzo", distcc, lacking("distcc", "distccd", package="distcc")),
        Way(
            "icecream",
            "icecream",
            icecream,
            lacking("icecc", "iceccd", "icecc-scheduler", "icecc-create-env", package="icecc"),
        ),
        Way(
            "sccache-dist",
            programs.release().replace(" ", "-dist ") if sccache else "sccache-dist",
            farm(STOCK, programs),
            lambda: None if sccache else "scripts/fetch-sccache could not get it",
        ),
        Way("jdist-text", "jdist, preprocessed", farm(JDIST, programs, by_text)),
        Way(
            "jdist-sources",
            "jdist, by sources",
            farm(JDIST, programs, by_sources),
            lambda: refuses(jdist, by_sources, directory),
        ),
    ]
    assert tuple(way.name for way in ways) == NAMES
    return {way.name: way for way in ways}


def check_can_play():
    """What is missing to have any machine."""
    programs = ("ip", "mount", "nsenter", "setpriv", "unshare", "bwrap", "gcc", "g++")
    missing = [name for name in programs if not program(name)]
    if os.geteuid() != 0:
        return "machines of namespaces and cgroups are made by root: run it with sudo"
    return f"there is no {', no '.join(missing)}: run scripts/setup client-cost" if missing else None
