"""What either `auth` command makes is what the other understands: keys, tokens of builders, shared tokens."""

import itertools
import re

from lab.conditions import check, until
from lab.farm import JDIST, KINDS, STOCK, Tokens, status, toml
from lab.ports import free_address
from pieces import side_by_side
from report import say, table
from wire import JSON, call, string

KEY = re.compile(r"[A-Za-z0-9_-]{43}\n")


def run(lab):
    say("The same key and builder give the same token")
    side_by_side(lambda each: same_token(lab, *each), itertools.product(("127.0.0.1:10501", "[fd00::1]:10501"), KINDS))

    shared = {kind: auth(lab, kind, "generate-shared-token") for kind in KINDS}
    long = {kind: auth(lab, kind, "generate-shared-token", "--bits", "512") for kind in KINDS}
    check(len(set(map(len, long.values()))) == 1 and shared[STOCK] != shared[JDIST], f"{shared}, {long}")

    say("Builders join with them")

    def joins(each):
        """One of the two ways to join; both of a row are asked for at once."""
        scheduler, builder, maker, by_key_of_it = each
        other = JDIST if maker == STOCK else STOCK
        if by_key_of_it:
            return joins_by_jwt(lab, scheduler, builder, maker, other)
        return joins_by_shared(lab, scheduler, builder, Tokens(shared[other], shared[maker]))

    cases = list(itertools.product(KINDS, KINDS, KINDS))
    joined = side_by_side(joins, [(*case, by_key_of_it) for case in cases for by_key_of_it in (True, False)])
    table(
        ("scheduler", "builder", "key, shared token by", "token of the builder by the other", "client token by", "job"),
        [
            (*case, with_key, JDIST if case[2] == STOCK else STOCK, with_shared)
            for case, with_key, with_shared in zip(cases, joined[::2], joined[1::2])
        ],
    )

    say("Tokens that must not be believed")
    cases = list(itertools.product(KINDS, KINDS))
    seen = side_by_side(lambda case: refused(lab, *case), cases)
    table(("scheduler", "builder", "token", "registered"), [(*case, "another key", each) for case, each in zip(cases, seen)])


def same_token(lab, server, maker):
    """Of a key that `maker` made: what either makes of it, also where it finds the key in a settings file."""
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


def jwt_token(token):
    return f'[scheduler_auth]\ntype = "jwt_token"\ntoken = {toml(token)}\n'


def joins_by_jwt(lab, scheduler, builder, maker, other):
    key = auth(lab, maker, "generate-jwt-hs256-key")
    address = free_address()
    token = server_token(lab, other, address, by_key(key))
    tokens = Tokens.random()
    with lab.scheduler(scheduler, tokens, server_auth=jwt_auth(key)) as scheduler_address:
        url = f"http://{scheduler_address}"
        with lab.builder(builder, url, tokens, address, auth=jwt_token(token)):
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
    tokens = Tokens.random()
    with lab.scheduler(scheduler, tokens, server_auth=jwt_auth(key)) as scheduler_address:
        lab.check_refused(
            builder,
            f"http://{scheduler_address}",
            tokens,
            f"a {scheduler} scheduler believed a token that was signed with another key",
            address=address,
            auth=jwt_token(token),
        )
    return "no"
