"""A client that sends any bytes and wants an answer of HTTP to each: for tests of the CA's server."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.waiting import PATIENCE


class DroppedError(Exception):
    """The connection ended without an answer, or in the midst of one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``closing``: the server will end the connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def closing(self) -> bool:
        return self.headers.get("connection") == "close"


class Wire:
    """One connection."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, raw: bytes, *, last: bool = False) -> None:
        """Nothing is sent after ``last``. That the server has closed already is no error here: it may have answered."""
        with suppress(OSError):
            self._socket.sendall(raw)
            if last:
                self._socket.shutdown(socket.SHUT_WR)

    def answer(self, *, head: bool = False) -> Answer:
        """The next answer; to HEAD it has no body. Raises DroppedError."""
        while (found := self._one(head=head)).status < 200:  # 100 Continue
            pass
        return found

    def _one(self, *, head: bool) -> Answer:
        first, _, fields = self._until(b"\r\n\r\n").partition(b"\r\n")
        version, status, *_ = first.split(b" ")
        if not version.startswith(b"HTTP/1."):
            raise DroppedError(f"this is no HTTP: {first!r}")
        headers = {
            name.decode().lower(): value.strip().decode()
            for name, _, value in (line.partition(b":") for line in fields.split(b"\r\n") if line)
        }
        code = int(status)
        if head or code < 200 or code in (204, 304):
            return Answer(code, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Answer(code, headers, self._chunks())
        if "content-length" in headers:
            return Answer(code, headers, self._exactly(int(headers["content-length"])))
        return Answer(code, headers, self._rest())

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._exactly(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return body

    def _until(self, end: bytes) -> bytes:
        while end not in self._read:
            self._more()
        found, _, self._read = self._read.partition(end)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            self._more()
        found, self._read = self._read[:size], self._read[size:]
        return found

    def _rest(self) -> bytes:
        with suppress(DroppedError):
            while True:
                self._more()
        return self._read

    def _more(self) -> None:
        try:
            found = self._socket.recv(65536)
        except ConnectionError as error:
            raise DroppedError(f"after {self._read!r}: {error}") from error
        if not found:
            raise DroppedError(f"after {self._read!r}")
        self._read += found


def post(body: bytes, path: str = "/ocsp") -> bytes:
    """An OCSP request over POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: ca\r\nContent-Type: application/ocsp-request\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def get(path: str, method: str = "GET") -> bytes:
    """Any address."""
    return f"{method} {path} HTTP/1.1\r\nHost: ca\r\n\r\n".encode()


def ask(url: str, raw: bytes, *, head: bool = False) -> Answer:
    """One request on a connection of its own, whose client then has nothing more to say."""
    with Wire(url) as wire:
        wire.send(raw, last=True)
        return wire.answer(head=head)
