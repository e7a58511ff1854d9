"""What --dist-status prints and how errors are answered, compared byte by byte. Differences must be known and explained."""

import contextlib
import struct
from dataclasses import dataclass
from functools import partial

import wire
from lab.client import Client
from lab.conditions import check, until
from lab.farm import KINDS, STOCK, Tokens
from lab.ports import free_address
from pieces import side_by_side
from report import say, table

SCHEDULER = "/api/v1/scheduler/"
BUILDER = "/api/v1/distserver/"

# The head of a body of run_job: gcc with no arguments, in /, and no outputs.
COMMAND = wire.string("/usr/bin/gcc") + wire.u64(0) + wire.u64(0) + wire.string("/") + wire.u64(0)
RUN_JOB = struct.pack(">I", len(COMMAND)) + COMMAND

WORDS = "the cause is in jdist's own words"
FAILS = "stock fails the build, jdist compiles here"
REFUSED = "jdist does not say what is wrong with a token"
# What differs on purpose, and why. One that no longer differs is an error too.
KNOWN = {
    "compile, stock farm, wrong token": FAILS,
    "compile, jdist farm, wrong token": FAILS,
    "--dist-status, no scheduler": "stock says when it will look again, jdist has looked",
    "--dist-auth, by a token": "jdist says that there is nothing to do, stock says nothing",
    "alloc_job, empty body": WORDS,
    "alloc_job, cut body": WORDS,
    "alloc_job, immense length": "stock panics",
    "alloc_job, not UTF-8": WORDS,
    "heartbeat, no body": WORDS,
    "heartbeat, cut body": WORDS,
    "heartbeat, X-Real-IP IPv4 in IPv6": "what nginx says on a socket for both; jdist knows it for the IPv4 address",
    "job_state, unknown state": WORDS,
    "assign_job, wrong token": REFUSED,
    "assign_job, token of another job": REFUSED,
    "assign_job, token with another key": REFUSED,
    "assign_job, cut body": WORDS,
    "submit_toolchain, wrong token": REFUSED,
    "run_job, wrong token": REFUSED,
    "run_job, no body": WORDS,
    "run_job, cut request": WORDS,
    "run_job, token from before a restart": "jdist keeps its key, as it keeps its certificate; stock keeps neither",
}


@dataclass
class Comparison:
    """What either kind did in one situation."""

    name: str
    stock: object
    jdist: object


def run(lab):
    comparisons = []
    for title, ask in (
        ("What a client says", clients),
        ("What a scheduler answers", schedulers),
        ("What a builder answers", builders),
    ):
        say(title)
        found = ask(lab)
        table(("situation", "stock", "jdist", "why"), [row(each) for each in found])
        comparisons += found
    problems = [each for each in comparisons if (each.stock == each.jdist) == (each.name in KNOWN)]
    check(
        not problems,
        "not as the list of known differences says:\n"
        + "\n".join(f"{each.name}:\n  stock: {shown(each.stock)}\n  jdist: {shown(each.jdist)}" for each in problems),
    )
    say(f"{len(comparisons)} situations, {len(comparisons) - len(KNOWN)} of them the same byte by byte")


def row(comparison):
    if comparison.stock == comparison.jdist:
        return comparison.name, brief(comparison.stock), "the same", ""
    return comparison.name, brief(comparison.stock), brief(comparison.jdist), KNOWN.get(comparison.name, "?")


def brief(what):
    return f"{what.status}" if isinstance(what, wire.Answer) else f"exit code {what[0]}"


def shown(what):
    """In a word or two, for the table; what is compared is all of it."""
    if isinstance(what, wire.Answer):
        error = what.headers.get("www-authenticate", "")
        return f"{what.status} {error} {words(what.body)}".replace("  ", " ").strip()
    code, out, err = what[:3]
    return f"exit code {code} {words(out)} {words(err)}".replace("  ", " ").strip()


def words(octets):
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = "\0"
    if not text.isprintable() and not text.strip().isprintable():
        return f"({len(octets)} octets)"
    return text.strip().replace("|", "\\|")


def clients(lab):
    """Each situation with a client of either kind; both speak to the same farm, so even the ports are the same."""

    def both(where, url, token):
        """What a client prints of its farm, and then how it compiles."""
        results = []
        for kind in KINDS:
            with lab.client(kind, url, token) as client:
                results.append((dist_status(client), compile_one(client)))
        return [Comparison(f"{what}, {where}", *each) for what, each in zip(("--dist-status", "compile"), zip(*results))]

    def farm(kind):
        with lab.farm(kind, (kind,)) as farm:
            return both(f"{kind} farm", farm.url, farm.tokens.client) + both(f"{kind} farm, wrong token", farm.url, "wrong")

    def scheduler_alone(kind):
        tokens = Tokens.random()
        with lab.scheduler(kind, tokens) as address:
            return both(f"{kind} scheduler without builders", f"http://{address}", tokens.client)

    def no_scheduler():
        nobody = f"http://{free_address()}"
        found = both("no scheduler", nobody, "token") + both("distribution disabled", None, None)
        results = []
        for kind in KINDS:
            with lab.client(kind, nobody, "token") as client:
                results.append(client.run("--dist-auth"))
        return found + [Comparison("--dist-auth, by a token", *results)]

    def scheduler_gone():
        tokens = Tokens.random()
        address = free_address()
        results = []
        for kind in KINDS:
            with contextlib.ExitStack() as stack:
                with lab.scheduler(STOCK, tokens, address):
                    client = stack.enter_context(lab.client(kind, f"http://{address}", tokens.client))
                    dist_status(client)
                results.append(dist_status(client))
        return [Comparison("--dist-status, scheduler gone since", *results)]

    pieces = [partial(each, kind) for kind in KINDS for each in (farm, scheduler_alone)] + [no_scheduler, scheduler_gone]
    return [each for found in side_by_side(lambda piece: piece(), pieces) for each in found]


def dist_status(client):
    return client.run("--dist-status")


def compile_one(client: Client):
    """(exit code, standard output, standard error, the object) of a compile."""
    (client.directory / "unit.c").write_text("int unit(void) { return 1; }\n")
    result = client.run("gcc", "-O1", "-c", "unit.c", "-o", "unit.o", directory=client.directory)
    made = client.directory / "unit.o"
    return *result, made.read_bytes() if made.exists() else None


def compared(answer):
    """What of an answer says something: not when it was given, and by which HTTP library."""
    headers = {name: answer.headers[name] for name in ("content-type", "www-authenticate") if name in answer.headers}
    return wire.Answer(answer.status, headers, answer.body)


def each_kind(ask):
    """Comparisons of the answers that ask(kind) gives by name."""
    stock, jdist = side_by_side(ask, KINDS)
    return [Comparison(name, compared(stock[name]), compared(jdist[name])) for name in stock]


def schedulers(lab):
    tokens = Tokens.random()
    builder = free_address()
    certificate = wire.Certificate.make(lab.directory, builder)
    key = bytes(range(32))

    def ask(kind):
        answers = {}
        with lab.scheduler(kind, tokens) as url:

            def client(name, method, path, **more):
                answers[name] = wire.call(method, url, path, **more)

            def server(name, what, body, token=f"{builder} {tokens.server}", **more):
                client(name, "POST", SCHEDULER + what, token=token, body=body, **more)

            allocations(client, tokens.client)
            certificates(client)
            heartbeats(server, tokens.server, key, certificate)
            statuses(client)
            # Nobody listens at that builder's address.
            job_states(server)
        return answers

    return each_kind(ask)


def allocations(client, token):
    path = SCHEDULER + "alloc_job"
    toolchain = wire.string("0" * 64)

    def alloc(name, body=toolchain, **more):
        client(f"alloc_job, {name}", "POST", path, body=body, **({"token": token} | more))

    alloc("no builders")
    alloc("no builders, JSON", accept=wire.JSON)
    alloc("octets behind the body", toolchain + b"more")
    alloc("no Authorization", token=None)
    alloc("Basic authorization", token=None, more={"Authorization": f"Basic {token}"})
    alloc("lower-case bearer", token=None, more={"Authorization": f"bearer {token}"})
    alloc("wrong token", token="wrong")
    alloc("empty token", token="")
    alloc("no Content-Type", content_type=None)
    alloc("JSON body", b'{"archive_id":"0"}', content_type=wire.JSON)
    alloc("Content-Type with parameters", content_type=wire.BINCODE + "; charset=binary")
    alloc("empty body", b"")
    alloc("cut body", toolchain[:-1])
    alloc("immense length", wire.u64(2**63) + b"x")
    alloc("not UTF-8", wire.octets(b"\xff" * 64))
    client("alloc_job, GET", "GET", path, token=token)


def certificates(client):
    for name, address in (
        ("unknown builder", "127.0.0.1:1"),
        ("IPv6", "[::1]:1"),
        ("escaped IPv6", "%5B::1%5D:1"),
        ("no address", "builder"),
        ("no port", "127.0.0.1"),
        ("nothing", ""),
    ):
        client(f"server_certificate, {name}", "GET", f"{SCHEDULER}server_certificate/{address}")


def heartbeats(server, secret, key, certificate):
    good = wire.heartbeat(key, certificate)

    def beat(name, body=good, **more):
        server(f"heartbeat, {name}", "heartbeat_server", body, **more)

    beat("no Authorization", token=None)
    beat("wrong token", token="127.0.0.1:1 wrong")
    beat("token alone", token=secret)
    beat("not an address", token=f"builder:1 {secret}")
    beat("another machine", token=f"127.0.0.9:1 {secret}")
    beat("X-Real-IP of another machine", more={"X-Real-IP": "127.0.0.9"})
    beat("X-Real-IP is no address", more={"X-Real-IP": "localhost"})
    beat("X-Real-IP with a port", more={"X-Real-IP": "127.0.0.1:80"})
    beat("X-Real-IP short for IPv4", more={"X-Real-IP": "127.1"})
    beat("X-Real-IP IPv4 in IPv6", more={"X-Real-IP": "::ffff:127.0.0.1"})
    beat("X-Real-IP in brackets", more={"X-Real-IP": "[::1]"})
    beat("X-Real-IP with a zone", more={"X-Real-IP": "fe80::1%lo"})
    beat("another machine, by X-Real-IP", token=f"127.0.0.9:1 {secret}", more={"X-Real-IP": "127.0.0.9"})
    beat("no body", b"")
    beat("cut body", good[:-1])
    beat("no Content-Type", content_type=None)
    beat("no CPUs", wire.heartbeat(key, certificate, cpus=0))
    beat("new", wire.heartbeat(key, certificate, nonce=3))
    beat("new, JSON", wire.heartbeat(key, certificate, nonce=2), accept=wire.JSON)
    beat("known", wire.heartbeat(key, certificate, nonce=2))
    beat("known, JSON", wire.heartbeat(key, certificate, nonce=2), accept=wire.JSON)


def statuses(client):
    path = SCHEDULER + "status"
    for accept in (None, wire.BINCODE, wire.JSON, "*/*", "text/html", f"{wire.JSON};q=0.5, {wire.BINCODE};q=0.4"):
        client(f"status, Accept: {accept or '(none)'}", "GET", path, accept=accept)
    client("status, with a query", "GET", path + "?x=1")
    client("status, POST", "POST", path, body=b"")
    client("status, HEAD", "HEAD", path)
    client("unknown path", "GET", "/api/v1/scheduler/nothing")
    client("path of a builder", "POST", BUILDER + "run_job/1", body=b"")
    client("root", "GET", "/")
    client("slash behind", "GET", path + "/")


def job_states(server):
    started = struct.pack("<I", 2)
    server("job_state, unknown job", "job_state/77", started)
    server("job_state, not a number", "job_state/seven", started)
    server("job_state, unknown state", "job_state/77", struct.pack("<I", 9))
    server("job_state, wrong token", "job_state/77", started, token="wrong")


def builders(lab):
    tokens = Tokens.random()

    def ask(kind):
        answers = {}
        scheduler = free_address()

        def accept_all(request):
            return 200, b"\x01" if "heartbeat" in request.path else struct.pack("<I", 0)

        with contextlib.ExitStack() as stack:
            fake = stack.enter_context(wire.FakePeer(scheduler, accept_all))
            directory = lab.new_directory(f"builder-{kind}")
            address = free_address()

            def start():
                return lab.builder(kind, f"http://{scheduler}", tokens, address, directory=directory)

            with start():
                key = until(lambda: fake.asked("heartbeat"), "a heartbeat").body[8:40]
            before = wire.jwt({"exp": 0, "job_id": 7}, key)
            fake.requests.clear()
            stack.enter_context(start())
            key = until(lambda: fake.asked("heartbeat"), "a heartbeat").body[8:40]

            def post(name, what, job, body, token=None, **more):
                if token is None:
                    token = wire.jwt({"exp": 0, "job_id": job}, key)
                path = f"{BUILDER}{what}/{job}"
                answers[name] = wire.call("POST", address, path, token=token, body=body, secure=True, **more)

            jobs(post, key)
            post("run_job, token from before a restart", "run_job", 7, RUN_JOB, token=before)
        return answers

    return each_kind(ask)


def jobs(post, key):
    toolchain = wire.string("0" * 64)
    body = RUN_JOB

    post("assign_job, wrong token", "assign_job", 1, toolchain, token="wrong")
    post("assign_job, token of another job", "assign_job", 1, toolchain, token=wire.jwt({"exp": 0, "job_id": 2}, key))
    post("assign_job, token with another key", "assign_job", 1, toolchain, token=wire.jwt({"exp": 0, "job_id": 1}, b"k" * 32))
    post("assign_job, cut body", "assign_job", 1, toolchain[:-1])
    post("assign_job, no Content-Type", "assign_job", 1, toolchain, content_type=None)
    post("assign_job, unknown toolchain", "assign_job", 1, toolchain)
    post("assign_job, unknown toolchain, JSON", "assign_job", 2, toolchain, accept=wire.JSON)
    post("submit_toolchain, wrong token", "submit_toolchain", 1, b"", token="wrong")
    post("submit_toolchain, unknown job", "submit_toolchain", 7, b"")
    post("submit_toolchain, unknown job, JSON", "submit_toolchain", 7, b"", accept=wire.JSON)
    post("submit_toolchain, another archive", "submit_toolchain", 1, b"no archive")
    post("run_job, wrong token", "run_job", 1, body, token="wrong")
    post("run_job, unknown job", "run_job", 7, body)
    post("run_job, unknown job, JSON", "run_job", 7, body, accept=wire.JSON)
    post("run_job, no body", "run_job", 1, b"")
    post("run_job, cut request", "run_job", 2, body[:-1])
    post("run_job, not a number", "run_job", "seven", body)
