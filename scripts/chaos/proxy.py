"""A TCP proxy that can fall silent, as a firewall that has forgotten a connection does, or pass on a byte at a time."""

import contextlib
import selectors
import socket
import threading
import time

PIECE = 64 << 10
TICK = 0.05
DRIP_SECONDS = 1.0

PASS = "pass"
SILENT = "silent"
DRIP = "drip"


class Proxy:
    """Listens on a machine at an address, and passes all on to another port of that machine."""

    def __init__(self, machine, port, inner):
        self.machine = machine
        self.inner = f"{machine.ip}:{inner}"
        self.mood = PASS
        self.listener = machine.namespace.call(lambda: socket.create_server((machine.ip, port)))
        self.ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                outer, _ = self.listener.accept()
            except OSError:
                return
            try:
                inner = self.machine.connect(self.inner)
            except OSError:
                outer.close()
                continue
            threading.Thread(target=self._pass_on, args=(outer, inner), daemon=True).start()

    def _pass_on(self, *ends):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack, selectors.DefaultSelector() as ready:
            for end, other in zip(ends, reversed(ends), strict=True):
                stack.callback(end.close)
                end.settimeout(30)
                ready.register(end, selectors.EVENT_READ, other)
            last = 0.0
            while not self.ended:
                mood = self.mood
                if mood == SILENT or (mood == DRIP and time.monotonic() - last < DRIP_SECONDS):
                    time.sleep(TICK)
                    continue
                for key, _ in ready.select(TICK):
                    piece = key.fileobj.recv(1 if mood == DRIP else PIECE)
                    if not piece:
                        return
                    key.data.sendall(piece)
                    last = time.monotonic()

    def close(self):
        self.ended = True
        # Whoever accepts would not notice that it is closed.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
