"""What either `auth` command makes is what the other understands: keys, tokens of builders, shared tokens."""

import contextlib
import itertools
import re
import time

from lab.conditions import check, until
from lab.farm import JDIST, KINDS, STOCK, Tokens, status, toml
from lab.ports import free_address
from report import say, table
from wire import JSON, call, string

KEY = re.compile(r"[A-Za-z0-9_-]{43}\n")


def run(lab):
    say("The same key and builder give the same token")
    for server in ("127.0.0.1:10501", "[fd00::1]:10501"):
        for maker in KINDS:
            key = auth(lab, maker, "generate-jwt-hs256-key")
            tokens = {kind: server_token(lab, kind, server, by_key(key)) for kind in KINDS}
            check(tokens[STOCK] == tokens[JDIST], f"the tokens of {server} differ: {tokens}")
            config = lab.new_directory("auth") / "scheduler.conf"
            config.write_text(
                'public_addr = "127.0.0.1:10600"\n[client_auth]\ntype = "token"\ntoken = "client"\n' + jwt_auth(key)
            )
            for kind in KINDS:
                check(
                    server_token(lab, kind, server, "--config", str(config)) == tokens[kind],
                    f"{kind} takes another key from a settings file than from --secret-key",
                )

    shared = {kind: auth(lab, kind, "generate-shared-token") for kind in KINDS}
    long = {kind: auth(lab, kind, "generate-shared-token", "--bits", "512") for kind in KINDS}
    check(len(set(map(len, long.values()))) == 1 and shared[STOCK] != shared[JDIST], f"{shared}, {long}")

    say("Builders join with them")
    rows = []
    for scheduler, builder, maker in itertools.product(KINDS, KINDS, KINDS):
        other = JDIST if maker == STOCK else STOCK
        with_key = joins_by_jwt(lab, scheduler, builder, maker, other)
        with_shared = joins_by_shared(lab, scheduler, builder, Tokens(shared[other], shared[maker]))
        rows.append((scheduler, builder, maker, with_key, other, with_shared))
    table(
        ("scheduler", "builder", "key, shared token by", "token of the builder by the other", "client token by", "job"),
        rows,
    )

    say("Tokens that must not be believed")
    rows = []
    for scheduler, builder in itertools.product(KINDS, KINDS):
        rows.append((scheduler, builder, "another key", refused(lab, scheduler, builder)))
    table(("scheduler", "builder", "token", "registered"), rows)


def auth(lab, kind, *arguments):
    code, out, err = lab.run(lab.programs.farm(kind), "auth", *arguments)
    check(code == 0, f"{kind} auth {' '.join(arguments)}: {err.decode()}")
    text = out.decode()
    if arguments[0] == "generate-jwt-hs256-key" or arguments == ("generate-shared-token",):
        check(KEY.fullmatch(text), f"{kind} auth {arguments[0]} printed {text!r}")
    return text.strip()


def server_token(lab, kind, server, *source):
    return auth(lab, kind, "generate-jwt-hs256-server-token", "--server", server, *source)


def by_key(key):
    """One word: every 64th key begins with a dash, and stock takes that for an option of its own."""
    return f"--secret-key={key}"


def jwt_auth(key):
    return f'[server_auth]\ntype = "jwt_hs256"\nsecret_key = {toml(key)}\n'


@contextlib.contextmanager
def builder_with_jwt(lab, scheduler, builder, key, token, address):
    """Yields the URL of a scheduler with that key, with a builder that listens and shows that token."""
    tokens = Tokens.random()
    with lab.scheduler(scheduler, tokens, server_auth=jwt_auth(key)) as scheduler_address:
        url = f"http://{scheduler_address}"
        scheduler_auth = f'[scheduler_auth]\ntype = "jwt_token"\ntoken = {toml(token)}\n'
        with lab.builder(builder, url, tokens, address, auth=scheduler_auth):
            yield url


def joins_by_jwt(lab, scheduler, builder, maker, other):
    key = auth(lab, maker, "generate-jwt-hs256-key")
    address = free_address()
    token = server_token(lab, other, address, by_key(key))
    with builder_with_jwt(lab, scheduler, builder, key, token, address) as url:
        until(lambda: status(url)["num_servers"] == 1, f"a {builder} builder at a {scheduler} scheduler")
    return "registered"


def joins_by_shared(lab, scheduler, builder, tokens):
    """With both shared tokens: a builder registers, and the client may have a job."""
    with lab.scheduler(scheduler, tokens) as address:
        url = f"http://{address}"
        with lab.builder(builder, url, tokens):
            until(lambda: status(url)["num_servers"] == 1, f"a {builder} builder at a {scheduler} scheduler")
            toolchain = string("0" * 64)
            path = "/api/v1/scheduler/alloc_job"
            answer = call("POST", address, path, token=tokens.client, body=toolchain, accept=JSON)
            check(answer.status == 200 and b'"Success"' in answer.body, f"alloc_job: {answer}")
    return "assigned"


def refused(lab, scheduler, builder):
    key, wrong = (auth(lab, kind, "generate-jwt-hs256-key") for kind in KINDS)
    address = free_address()
    token = server_token(lab, STOCK, address, by_key(wrong))
    with builder_with_jwt(lab, scheduler, builder, key, token, address) as url:
        # Its first heartbeat comes at once.
        time.sleep(1.5)
        servers = status(url)["num_servers"]
    check(servers == 0, f"a {scheduler} scheduler believed a token that was signed with another key")
    return "no"
