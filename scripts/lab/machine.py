"""Where a program runs: this machine, or one that is played by a network namespace and perhaps a cgroup."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab.conditions import Failure, check, until
from lab.isolation import ends_with_this

CLONE_NEWNET = 0x40000000
END_SECONDS = 10
# What a played machine calls its only network device.
CABLE = "eth0"


class NetworkNamespace:
    """
    A network namespace without a name, held by a process. It vanishes when that ends, at the latest with the thread that made
    it.
    """

    def __init__(self, prefix=lambda words: words):
        """The prefix makes of a command one that does more, such as to join a cgroup."""
        command = ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"]
        self.holder = subprocess.Popen(
            prefix(ends_with_this(command, "KILL")),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self.holder.stdout as told:
            if told.readline() != b"up\n":
                _, problem = self.holder.communicate()
                raise Failure(
                    f"no network namespace can be made: {problem.decode().strip()}; it takes root and iproute2"
                )
        self.holder.stderr.close()
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.identity = os.readlink(self.path)

    @property
    def pid(self):
        return self.holder.pid

    def command(self, words):
        return ["nsenter", f"--net={self.path}", *words]

    def ip(self, *words):
        done = subprocess.run(self.command(["ip", *words]), capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}")

    def call(self, function):
        """The value of a function called in this namespace. Sockets that it makes stay there, wherever they are used."""

        def inside():
            with open(self.path, "rb") as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {self.path}")
            return function()

        # A thread, which ends with this call, as a namespace is that of a thread.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(inside).result()

    def members(self):
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "ns/net") == self.identity:
                    yield int(process.name)

    def close(self):
        def empty():
            members = list(self.members())
            for process in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.holder.poll()
            return not members

        until(empty, "the processes of a played machine to end", END_SECONDS, while_ending=True)
        self.holder.wait()


class Machine:
    """
    A machine by its name and address. HERE is the one that this script runs on; a Switch has others.

    Without a namespace, all is done on this machine. The cgroup, if there is one, limits or counts its processor time.
    """

    def __init__(self, name, ip, namespace=None, group=None):
        self.name = name
        self.ip = ip
        self.namespace = namespace
        self.group = group

    def command(self, words):
        """What to start here to have a command run on this machine; its process is the one that is started."""
        inside = self.namespace.command(words) if self.namespace else list(words)
        return self.group.command(inside) if self.group else inside

    def connect(self, endpoint, seconds=1):
        """A socket that is connected to "IP:PORT", or to a Unix socket at a Path, as seen from this machine."""
        if isinstance(endpoint, Path):
            peer = socket.socket(socket.AF_UNIX)
            peer.settimeout(seconds)
            try:
                peer.connect(str(endpoint))
            except BaseException:
                peer.close()
                raise
            return peer
        host, _, port = endpoint.rpartition(":")
        place = (host.strip("[]"), int(port))
        if not self.namespace:
            return socket.create_connection(place, seconds)
        return self.namespace.call(lambda: socket.create_connection(place, seconds))

    def listens(self, endpoint):
        """Whether a program accepts connections there."""
        with contextlib.suppress(OSError):
            self.connect(endpoint).close()
            return True
        return False

    def traffic(self):
        """(bytes received, bytes sent) so far by the cable of a played machine."""
        # The holder's, as /sys shows the network of the mount namespace.
        for line in Path(f"/proc/{self.namespace.pid}/net/dev").read_text().splitlines():
            name, _, counts = line.partition(":")
            if name.strip() == CABLE:
                return int(counts.split()[0]), int(counts.split()[8])
        raise Failure(f"{self.name} has no cable")

    def close(self):
        with contextlib.ExitStack() as stack:
            if self.group:
                stack.callback(self.group.close)
            if self.namespace:
                stack.callback(self.namespace.close)


HERE = Machine("here", "127.0.0.1")
