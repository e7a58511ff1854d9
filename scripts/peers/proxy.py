"""A scheduler behind nginx, as sccache's documentation has it: who a builder is comes in X-Real-IP."""

import contextlib
import itertools
import shutil
import time

from lab.conditions import check, until
from lab.daemon import Daemon, clean_environment
from lab.farm import JDIST, KINDS, Tokens, status
from lab.ports import free_address
from report import say, table

# Where nginx's own connections come from: not from where builders are.
PROXY_IP = "127.0.0.77"
FORWARD = "proxy_set_header X-Real-IP $remote_addr;"


def run(lab):
    rows = []
    for scheduler, builder in itertools.product(KINDS, KINDS):
        say(f"A {scheduler} scheduler behind nginx, a {builder} builder")
        with proxied(lab, scheduler, FORWARD) as (url, tokens):
            with lab.builder(builder, url, tokens):
                until(lambda: status(url)["num_servers"] == 1, "the builder to register through nginx")
                compiles(lab, url, tokens)
        rows.append((scheduler, builder, "sends X-Real-IP", "registered, compiled"))
        with proxied(lab, scheduler, "") as (url, tokens):
            with lab.builder(builder, url, tokens):
                time.sleep(1.5)
                check(status(url)["num_servers"] == 0, "a builder was believed whose requests come from elsewhere")
        rows.append((scheduler, builder, "does not", "refused: its requests come from nginx"))
    for builder in KINDS:
        rows += trusted(lab, builder)
    table(("scheduler", "builder", "nginx", "builder is"), rows)


def trusted(lab, builder):
    """jdist alone: X-Real-IP is believed from the proxies that the settings name, and ignored from anybody else."""
    rows = []
    for proxies, believed in ((f'["{PROXY_IP}"]', True), ('["127.0.0.78"]', False), ("[]", False)):
        say(f"A jdist scheduler with trusted_proxies = {proxies} behind nginx, a {builder} builder")
        own = f"[jdist]\ntrusted_proxies = {proxies}\n"
        with proxied(lab, JDIST, FORWARD, own) as (url, tokens), lab.builder(builder, url, tokens):
            if believed:
                until(lambda: status(url)["num_servers"] == 1, "the builder to register through nginx")
            else:
                time.sleep(1.5)
                check(status(url)["num_servers"] == 0, f"X-Real-IP was believed with trusted_proxies = {proxies}")
        what = "registered" if believed else "refused: nginx is not believed"
        rows.append((f"jdist, trusted_proxies = {proxies}", builder, "sends X-Real-IP", what))
    return rows


@contextlib.contextmanager
def proxied(lab, scheduler, header, own=""):
    """Yields the URL of nginx in front of a scheduler, and the farm's tokens."""
    directory = lab.new_directory("nginx")
    tokens = Tokens.random()
    front = free_address()
    with lab.scheduler(scheduler, tokens, own=own) as back:
        config = directory / "nginx.conf"
        config.write_text(
            f"daemon off; pid {directory}/pid; error_log {directory}/error.log; user root;\n"
            "events {}\n"
            f"http {{ access_log {directory}/access.log; client_body_temp_path {directory}/body;\n"
            f"  proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u;\n"
            f"  scgi_temp_path {directory}/s;\n"
            f"  server {{ listen {front};\n"
            f"    location / {{ proxy_pass http://{back}; proxy_bind {PROXY_IP}; {header} }} }} }}\n"
        )
        command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(config), "-e", f"{directory}/error.log"]
        with Daemon(command, clean_environment(directory / "home"), directory / "log") as nginx:
            nginx.await_listener(front)
            yield f"http://{front}", tokens


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
