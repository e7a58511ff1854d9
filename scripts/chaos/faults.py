"""What happens to a farm. A fault begins, lasts, and is over."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import Callable

from chaos.proxy import DRIP, PASS, SILENT

# A rate below which an answer is given up is looked at only after a while.
DRIP_GRACE_SECONDS = 10
# The name of an assembler while another program stands in its place.
HONEST = "as.honest"


@dataclass(frozen=True)
class Fault:
    """
    `begin` and `end` get the site and a source of chance. A peer that is silent is left at once, so that what counts is when
    it fell silent; of all else, when it is over.
    """

    name: str
    begin: Callable
    end: Callable = lambda site, target: None
    target: Callable = lambda site, chance: None
    silent: bool = False
    grace: float = 0.0
    weight: int = 1


def _builder(site, chance):
    return chance.choice(site.builders)


def _scheduler(site, chance):
    return site.scheduler


def _client(site, chance):
    return site.client


def _start_again(site, part):
    part.start()
    if part is not site.client:
        site.await_builders()


def _cut(site, part):
    site.switch.namespace.ip("link", "set", _port(site, part), "down")


def _mend(site, part):
    site.switch.namespace.ip("link", "set", _port(site, part), "up")


def _port(site, part):
    return f"port{site.switch.machines.index(part.machine)}"


def _firewall(part, verb):
    rule = ["INPUT", "-m", "statistic", "--mode", "random", "--probability", "0.25", "-j", "DROP"]
    subprocess.run(part.machine.namespace.command(["iptables", "-w", verb, *rule]), check=True, capture_output=True)


def _fill(site, part):
    with contextlib.suppress(OSError), open(part.disk / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 20))
    with contextlib.suppress(OSError), open(part.disk / "filler", "ab", buffering=0) as filler:
        while True:
            filler.write(bytes(1 << 10))


def _empty(site, part):
    with contextlib.suppress(FileNotFoundError):
        (part.disk / "filler").unlink()


def _set_mood(mood):
    def set_mood(site, _):
        site.proxy.mood = mood

    return set_mood


def _pass_on(site, _):
    site.proxy.mood = PASS


def _kill_compilers(site, _):
    for process in list(site.compilers_of_jobs()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _other_token(site, _):
    site.replace_scheduler(secrets.token_urlsafe(16))


def _right_token(site, _):
    site.replace_scheduler(site.tokens.client)
    site.await_builders()


def _replace_scheduler(site, _):
    site.replace_scheduler(site.tokens.client)
    site.await_builders()


def _lose_toolchains(site, builder):
    for path in (builder.disk / "toolchains").glob("*"):
        if path.is_dir() and path.name != "outputs":
            shutil.rmtree(path, ignore_errors=True)


def _damage_packed(site, client):
    for path in (client.disk / "packed").rglob("*"):
        # An archive that is being tried is unpacked there: its links lead to the compilers of this machine.
        inside = path.relative_to(client.disk)
        if any(part.startswith(".") for part in inside.parts) or path.is_symlink():
            continue
        if path.is_file() and path.stat().st_size > 1 << 20:
            with contextlib.suppress(FileNotFoundError), open(path, "r+b") as archive:
                archive.truncate(1 << 20)


def _assemblers(builder):
    """Of unpacked toolchains: what stands in the place of one makes the objects of jobs."""
    trees = (builder.disk / "build").glob("toolchains/*")
    return [path for tree in trees for path in tree.rglob("as") if path.is_file() or path.is_symlink()]


def _lie(lie):
    """Jobs on this builder end with 0, and with something else than an object."""

    def begin(site, builder):
        for path in _assemblers(builder):
            path.rename(path.with_name(HONEST))
            shutil.copy2(site.liars[lie], path)

    return begin


def _be_honest(site, builder):
    trees = (builder.disk / "build").glob("toolchains/*")
    for honest in [path for tree in trees for path in tree.rglob(HONEST)]:
        honest.replace(honest.with_name("as"))


def _shift_clock(shift):
    """Starts a part again, whose clock is off from now on."""

    def begin(site, part):
        part.kill()
        part.clock = shift
        _start_again(site, part)

    return begin


def _right_clock(site, part):
    part.kill()
    part.clock = None
    _start_again(site, part)


FAULTS = (
    Fault("nothing", lambda site, _: None, weight=2),
    Fault("a builder is killed", lambda site, part: part.kill(), _start_again, _builder),
    Fault("a builder is stopped", lambda site, part: part.pause(), lambda site, part: part.resume(), _builder, True),
    Fault("a builder's cable is pulled", _cut, _mend, _builder, True, weight=2),
    Fault("packets to a builder are lost", lambda _, p: _firewall(p, "-A"), lambda _, p: _firewall(p, "-D"), _builder),
    Fault("packets to the client are lost", lambda _, p: _firewall(p, "-A"), lambda _, p: _firewall(p, "-D"), _client),
    Fault("a builder's disk is full", _fill, _empty, _builder),
    Fault("a builder's toolchains are gone", _lose_toolchains, target=_builder),
    Fault("the compilers of jobs are killed", _kill_compilers),
    Fault("a builder gives empty objects", _lie("empty"), _be_honest, _builder),
    Fault("a builder gives no objects", _lie("none"), _be_honest, _builder),
    Fault("a builder gives texts as objects", _lie("text"), _be_honest, _builder),
    Fault("a builder's clock is a day behind", _shift_clock("-1d"), _right_clock, _builder),
    Fault("a builder's clock is two years ahead", _shift_clock("+730d"), _right_clock, _builder),
    Fault("the scheduler's clock is two years ahead", _shift_clock("+730d"), _right_clock, _scheduler),
    Fault("a proxy falls silent", _set_mood(SILENT), _pass_on, silent=True, weight=2),
    Fault("a proxy drips", _set_mood(DRIP), _pass_on, silent=True, grace=DRIP_GRACE_SECONDS),
    Fault("the scheduler is stopped", lambda _, p: p.pause(), lambda _, p: p.resume(), _scheduler, True),
    Fault("the scheduler's cable is pulled", _cut, _mend, _scheduler, True),
    Fault("the scheduler is replaced", _replace_scheduler),
    Fault("the clients' token is changed and changed back", _other_token, _right_token, silent=True),
    Fault("the client's cable is pulled", _cut, _mend, _client, True),
    Fault("the client's disk is full", _fill, _empty, _client),
    Fault("the client's daemon is killed", lambda site, part: part.kill(), _start_again, _client),
    Fault("the client's daemon is stopped", lambda _, p: p.pause(), lambda _, p: p.resume(), _client),
    Fault("the client's packed compilers are damaged", _damage_packed, target=_client),
)
