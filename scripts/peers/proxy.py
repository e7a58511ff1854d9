"""A scheduler behind nginx, as sccache's documentation has it: who a builder is comes in X-Real-IP."""

import contextlib
import itertools
import shutil
from functools import partial

from lab.conditions import check, until
from lab.daemon import Daemon, clean_environment
from lab.farm import JDIST, KINDS, Tokens, status
from lab.ports import free_address
from pieces import side_by_side
from report import say, table

# Where nginx's own connections come from: not from where builders are.
PROXY_IP = "127.0.0.77"
FORWARD = "proxy_set_header X-Real-IP $remote_addr;"


def run(lab):
    say("Schedulers behind nginx")
    believing = [partial(by_real_ip, lab, *kinds) for kinds in itertools.product(KINDS, KINDS)]
    # jdist alone: X-Real-IP is believed from the proxies that the settings name, and ignored from anybody else.
    choosing = [
        partial(by_trusted_proxies, lab, *case)
        for case in ((f'["{PROXY_IP}"]', True), ('["127.0.0.78"]', False), ("[]", False))
    ]
    rows = [row for rows in side_by_side(lambda piece: piece(), believing + choosing) for row in rows]
    table(("scheduler", "builder", "nginx", "builder is"), rows)


def by_real_ip(lab, scheduler, builder):
    with proxied(lab, scheduler) as (sending, silent, tokens):
        lab.check_refused(builder, silent, tokens, "a builder was believed whose requests come from elsewhere")
        with lab.builder(builder, sending, tokens):
            until(lambda: status(sending)["num_servers"] == 1, "the builder to register through nginx")
            compiles(lab, sending, tokens)
    return [
        (scheduler, builder, "sends X-Real-IP", "registered, compiled"),
        (scheduler, builder, "does not", "refused: its requests come from nginx"),
    ]


def by_trusted_proxies(lab, proxies, believed):
    own = f"[jdist]\ntrusted_proxies = {proxies}\n"
    with proxied(lab, JDIST, own) as (sending, _, tokens), contextlib.ExitStack() as builders:
        for number, builder in enumerate(KINDS, 1):
            if believed:
                builders.enter_context(lab.builder(builder, sending, tokens))
                until(lambda: status(sending)["num_servers"] == number, "the builder to register through nginx")
            else:
                lab.check_refused(builder, sending, tokens, f"X-Real-IP was believed with trusted_proxies = {proxies}")
    what = "registered" if believed else "refused: nginx is not believed"
    return [(f"jdist, trusted_proxies = {proxies}", builder, "sends X-Real-IP", what) for builder in KINDS]


@contextlib.contextmanager
def proxied(lab, scheduler, own=""):
    """Yields the URLs of nginx in front of a scheduler, one that sends X-Real-IP and one that does not, and the tokens."""
    directory = lab.new_directory("nginx")
    tokens = Tokens.random()
    fronts = free_address(), free_address()
    with lab.scheduler(scheduler, tokens, own=own) as back:
        servers = "".join(
            f"  server {{ listen {front};\n"
            f"    location / {{ proxy_pass http://{back}; proxy_bind {PROXY_IP}; {header} }} }}\n"
            for front, header in zip(fronts, (FORWARD, ""))
        )
        config = directory / "nginx.conf"
        config.write_text(
            f"daemon off; pid {directory}/pid; error_log {directory}/error.log; user root;\n"
            "events {}\n"
            f"http {{ access_log {directory}/access.log; client_body_temp_path {directory}/body;\n"
            f"  proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u;\n"
            f"  scgi_temp_path {directory}/s;\n{servers} }}\n"
        )
        command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-e", f"{directory}/error.log"]
        with Daemon(command, clean_environment(directory / "home"), directory / "log") as nginx:
            for front in fronts:
                nginx.await_listener(front)
            yield *(f"http://{front}" for front in fronts), tokens


def compiles(lab, url, tokens):
    """Clients of either kind work through nginx too."""
    for kind in KINDS:
        with lab.client(kind, url, tokens.client) as client:
            (client.directory / "unit.c").write_text("int unit(void) { return 1; }\n")
            client.run("gcc", "-O1", "-c", "unit.c", "-o", "unit.o", directory=client.directory)
            stats = client.stats()
            check(
                sum(stats["dist_compiles"].values()) == 1 and stats["dist_errors"] == 0,
                f"a {kind} client did not distribute through nginx; its log ends so:\n{client.daemon.tail()}",
            )
