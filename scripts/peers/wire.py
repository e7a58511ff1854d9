"""What the recording scripts must speak themselves: a little bincode, job tokens, HTTP as either side."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import socket
import ssl
import struct
import subprocess
import threading
from dataclasses import dataclass

BINCODE = "application/octet-stream"
JSON = "application/json"
ENCODINGS = {"bincode": BINCODE, "json": JSON}


def u64(number):
    return struct.pack("<Q", number)


def octets(data):
    return u64(len(data)) + data


def string(text):
    return octets(text.encode())


def socket_address(address):
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return struct.pack("<I", family == socket.AF_INET6) + socket.inet_pton(family, host) + struct.pack("<H", int(port))


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(claims, key):
    """HS256, with the header and the spacing that sccache writes."""
    parts = (b'{"typ":"JWT","alg":"HS256"}', json.dumps(claims, separators=(",", ":")).encode())
    signed = ".".join(base64url(part) for part in parts)
    return f"{signed}.{base64url(hmac.digest(key, signed.encode(), hashlib.sha256))}"


@dataclass(frozen=True)
class Certificate:
    """A builder's certificate, as sccache makes it, with the file that holds it and its key."""

    file: str
    pem: bytes
    digest: bytes

    @staticmethod
    def make(directory, address):
        ip = address.rpartition(":")[0].strip("[]")
        file = directory / f"{hashlib.sha256(address.encode()).hexdigest()[:8]}.pem"
        key = file.with_suffix(".key")
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={address}", "-days", "2"]
        command += ["-addext", f"subjectAltName=IP:{ip}", "-addext", "extendedKeyUsage=serverAuth"]
        subprocess.run([*command, "-keyout", key, "-out", file], check=True, stderr=subprocess.DEVNULL)
        pem = file.read_bytes()
        file.write_bytes(pem + key.read_bytes())
        return Certificate(str(file), pem, hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem.decode())).digest())


def heartbeat(key, certificate, cpus=2, nonce=1):
    return octets(key) + u64(cpus) + u64(nonce) + octets(certificate.digest) + octets(certificate.pem)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: bytes


def call(method, address, path, *, token=None, body=None, accept=None, content_type=BINCODE, secure=False, more=()):
    """One request on a connection of its own."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if secure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, int(port), timeout=60, context=context)
    else:
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
    headers = {"Connection": "close"} | dict(more)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if accept is not None:
        headers["Accept"] = accept
    if body is not None and content_type is not None:
        headers["Content-Type"] = content_type
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict
    body: bytes


class FakePeer:
    """A scheduler or builder that writes down what it is asked, and says what `answer` tells it to."""

    def __init__(self, address, answer, certificate=None):
        self.requests = []
        self.answer = answer
        host, _, port = address.rpartition(":")
        peer = self

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if "[" in host else socket.AF_INET

            def handle_error(self, request, client_address):
                # Somebody who left, as those do who only see whether anybody listens.
                pass

        class Handler(http.server.BaseHTTPRequestHandler):
            def do(self):
                request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, self.all())
                peer.requests.append(request)
                status, body = peer.answer(request)
                self.send_response(status)
                self.send_header("Content-Type", BINCODE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do

            def all(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_):
                pass

        self.server = Server((host.strip("[]"), int(port)), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.file)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def asked(self, part):
        """The first request whose path holds this, or None."""
        return next((request for request in list(self.requests) if part in request.path), None)
