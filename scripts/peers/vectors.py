"""Has the real sccache 0.17.0 say every message of its protocol, and stores the bytes as test vectors.

Only one side of each conversation is the real program; the other side is played here, so that every variant can be had,
and in both encodings. Where a message is captured in both, it is the same message: the tests compare the two.
"""

import contextlib
import re
import shutil
import struct
from pathlib import Path

import wire
from lab.conditions import check, until
from lab.farm import STOCK, Tokens
from lab.ports import free_address
from report import say

SCHEDULER = "/api/v1/scheduler/"
BUILDER = "/api/v1/distserver/"
UPDATE_SUCCESS = struct.pack("<I", 0)
IS_NEW = b"\x01"
JOB_NOT_FOUND = struct.pack("<I", 0)
UNKNOWN_TOOLCHAIN = wire.string("0" * 64)
# Two units, in a place that every machine has: their paths are in the vectors.
PLACE = "/tmp/jdist-vectors"
GOOD = "int answer(void) { return 42; }\n"
BAD = "int answer(void) { return forty_two; }\n"


class Vectors:
    """The files, by name and encoding."""

    def __init__(self, directory):
        self.directory = directory
        self.names = set()

    def store(self, name, encoding, body):
        check(body, f"{name}: nothing was captured")
        self.names.add(f"{name}.{encoding}")
        (self.directory / f"{name}.{encoding}").write_bytes(body)

    def forget_others(self):
        for file in self.directory.iterdir():
            if file.suffix in (".bincode", ".json") and file.name not in self.names:
                file.unlink()


def run(lab, directory):
    directory.mkdir(parents=True, exist_ok=True)
    vectors = Vectors(directory)
    tokens = Tokens.random()
    say("What a client says, to a scheduler and a builder that are played")
    captured = client(lab, tokens, vectors)
    say("What a builder says and answers, with a scheduler and a client that are played")
    real_builder = builder(lab, tokens, vectors, captured)
    say("What a scheduler says and answers, with a builder and a client that are played")
    scheduler(lab, tokens, vectors, real_builder)
    vectors.forget_others()
    say(f"{len(vectors.names)} vectors in {directory}")


class Captured:
    """What the client sent: the archive of its compiler, and by source file what it wants done."""

    def __init__(self):
        self.toolchain = b""
        self.archive = b""
        self.jobs = {}


def client(lab, tokens, vectors):
    scheduler_address = free_address()
    builder_address = free_address()
    certificate = wire.Certificate.make(lab.directory, builder_address)
    captured = Captured()

    def answer_scheduler(request):
        if request.path.endswith("status"):
            return 200, wire.u64(1) + wire.u64(2) + wire.u64(0)
        if request.path.endswith("alloc_job"):
            need = not captured.archive
            alloc = wire.string("token") + wire.u64(7) + wire.socket_address(builder_address)
            return 200, struct.pack("<I", 0) + alloc + bytes([need]) + wire.octets(certificate.digest)
        return 200, wire.octets(certificate.digest) + wire.octets(certificate.pem)

    def answer_builder(request):
        if "submit_toolchain" in request.path:
            captured.archive = request.body
            return 200, struct.pack("<I", 0)
        source = re.search(rb"(good|bad)\.c", request.body).group(1).decode()
        captured.jobs[source] = request.body
        return 200, JOB_NOT_FOUND

    with contextlib.ExitStack() as stack:
        fake_scheduler = stack.enter_context(wire.FakePeer(scheduler_address, answer_scheduler))
        stack.enter_context(wire.FakePeer(builder_address, answer_builder, certificate))
        sccache = stack.enter_context(lab.client(STOCK, f"http://{scheduler_address}", tokens.client))
        units = stack.enter_context(units_at_their_place())
        # The whole environment of the caller goes over the wire and into the vector: one that is the same everywhere.
        (units / "socket").symlink_to(sccache.socket)
        sccache.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/home/user",
            "LC_ALL": "C.UTF-8",
            "SCCACHE_SERVER_UDS": str(units / "socket"),
        }
        for name in ("good", "bad"):
            sccache.run("gcc", "-O2", "-c", f"{name}.c", "-o", f"{name}.o", directory=units)
        captured.toolchain = fake_scheduler.asked("alloc_job").body
    check(set(captured.jobs) == {"good", "bad"}, f"the client sent these jobs only: {list(captured.jobs)}")

    vectors.store("Toolchain.from-client", "bincode", captured.toolchain)
    body = captured.jobs["good"]
    vectors.store("RunJobRequest", "bincode", body[4 : 4 + struct.unpack(">I", body[:4])[0]])
    return captured


@contextlib.contextmanager
def units_at_their_place():
    place = Path(PLACE)
    place.mkdir(mode=0o700)
    try:
        (place / "good.c").write_text(GOOD)
        (place / "bad.c").write_text(BAD)
        yield place
    finally:
        shutil.rmtree(place)


def builder(lab, tokens, vectors, captured):
    """Gives the builder's address and its heartbeat."""
    scheduler_address = free_address()
    answers = {"heartbeat_server": IS_NEW, "job_state": UPDATE_SUCCESS}

    def answer_scheduler(request):
        return 200, next(answer for part, answer in answers.items() if part in request.path)

    with contextlib.ExitStack() as stack:
        fake_scheduler = stack.enter_context(wire.FakePeer(scheduler_address, answer_scheduler))
        address = stack.enter_context(lab.builder(STOCK, f"http://{scheduler_address}", tokens))
        beat = until(lambda: fake_scheduler.asked("heartbeat_server"), "a heartbeat").body
        vectors.store("Heartbeat", "bincode", beat)
        key = beat[8:40]

        def ask(job, what, body, accept):
            token = wire.jwt({"exp": 0, "job_id": job}, key)
            path = f"{BUILDER}{what}/{job}"
            answer = wire.call("POST", address, path, token=token, body=body, accept=accept, secure=True)
            check(answer.status == 200, f"{what}: {answer}")
            return answer.body

        for encoding, accept in wire.ENCODINGS.items():
            first = 1 if encoding == "bincode" else 100
            # Another for each encoding: a builder that could not cache a toolchain believes afterwards that it has it.
            unknown = wire.string(f"{first:064}")

            def store(name, answer):
                vectors.store(name, encoding, answer)

            store("AssignJobResult.Pending", ask(first, "assign_job", unknown, accept))
            store("SubmitToolchainResult.CannotCache", ask(first, "submit_toolchain", b"no archive", accept))
            store("SubmitToolchainResult.JobNotFound", ask(first + 1, "submit_toolchain", b"", accept))
            store("RunJobResult.JobNotFound", ask(first + 1, "run_job", captured.jobs["good"], accept))
            ask(first + 2, "assign_job", captured.toolchain, accept)
            store("SubmitToolchainResult.Success", ask(first + 2, "submit_toolchain", captured.archive, accept))
            store("AssignJobResult.Ready", ask(first + 3, "assign_job", captured.toolchain, accept))
            store("RunJobResult.Complete", ask(first + 3, "run_job", captured.jobs["good"], accept))
            ask(first + 4, "assign_job", captured.toolchain, accept)
            store("RunJobResult.Complete.failed", ask(first + 4, "run_job", captured.jobs["bad"], accept))

        states = {request.body for request in fake_scheduler.requests if "job_state" in request.path}
        for name, index in (("Ready", 1), ("Started", 2), ("Complete", 3)):
            check(struct.pack("<I", index) in states, f"the builder never told of {name}: {states}")
            vectors.store(f"JobState.{name}", "bincode", struct.pack("<I", index))
        return address, beat


def scheduler(lab, tokens, vectors, real_builder):
    """A scheduler of its own for each encoding: it counts jobs from 0, so both tell of the same job."""
    places = []
    for suffix, ip in (("", "127.0.0.1"), (".ipv6", "::1")):
        address = free_address(ip)
        places.append((suffix, ip, address, wire.Certificate.make(lab.directory, address)))
    for encoding in wire.ENCODINGS:
        with lab.scheduler(STOCK, tokens) as url:
            scheduler_of_idle(Speaker(url, tokens, vectors, encoding), *real_builder)
        for suffix, ip, address, certificate in places:
            with lab.scheduler(STOCK, tokens, free_address(ip)) as url:
                speaker = Speaker(url, tokens, vectors, encoding)
                scheduler_of_busy(speaker, suffix, address, certificate, real_builder[1][8:40])


class Speaker:
    """Asks a scheduler in one encoding, as a client or as a builder, and stores what it answers."""

    def __init__(self, url, tokens, vectors, encoding):
        self.url = url
        self.tokens = tokens
        self.vectors = vectors
        self.encoding = encoding

    def ask(self, what, body=None, builder=None):
        token = f"{builder} {self.tokens.server}" if builder else self.tokens.client
        method = "POST" if body is not None else "GET"
        answer = wire.call(
            method, self.url, SCHEDULER + what, token=token, body=body, accept=wire.ENCODINGS[self.encoding]
        )
        check(answer.status == 200, f"{what}: {answer}")
        return answer.body

    def store(self, name, what, body=None, builder=None):
        self.vectors.store(name, self.encoding, self.ask(what, body, builder))


def scheduler_of_idle(speaker, address, beat):
    """What there is to hear without a builder that could do a job: the heartbeats are those of one that is gone."""
    speaker.store("AllocJobResult.Fail", "alloc_job", UNKNOWN_TOOLCHAIN)
    speaker.store("HeartbeatResult.new", "heartbeat_server", beat, address)
    speaker.store("HeartbeatResult.known", "heartbeat_server", beat, address)
    speaker.store("ServerCertificate", f"server_certificate/{address}")
    speaker.store("SchedulerStatus", "status")


def scheduler_of_busy(speaker, suffix, address, certificate, key):
    def ready(_):
        return 200, struct.pack("<IB", 1, 0)

    with wire.FakePeer(address, ready, certificate) as fake_builder:
        speaker.ask("heartbeat_server", wire.heartbeat(key, certificate, cpus=4), address)
        speaker.store(f"AllocJobResult.Success{suffix}", "alloc_job", UNKNOWN_TOOLCHAIN)
        assigned = fake_builder.asked("assign_job")
        speaker.vectors.store("Toolchain.from-scheduler", "bincode", assigned.body)
        speaker.store("SchedulerStatus.busy", "status")
        job = assigned.path.rpartition("/")[2]
        speaker.store("UpdateJobStateResult.Success", f"job_state/{job}", struct.pack("<I", 2), address)
