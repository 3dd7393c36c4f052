"""One POST over HTTP within a time that nobody can stretch: neither a slow server nor a slow look-up of its name."""

from __future__ import annotations

import asyncio
import ssl
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from urllib.parse import SplitResult, urlsplit

import h11

from cardlab.errors import UsageError

LIMIT = 10.0  # seconds for everything
_PART = 65536  # bytes read at once


@dataclass(frozen=True, slots=True)
class Address:
    """Where to; ``target`` is path and query."""

    host: str
    port: int
    secure: bool
    target: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises UsageError for what is no http or https address."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            if parts.scheme in ("http", "https") and parts.hostname and url.isascii() and url.isprintable():
                return cls(parts.hostname, port, parts.scheme == "https", _target(parts))
        except ValueError:
            pass
        raise UsageError(f"{url} is no address of a server", hint="write it like http://127.0.0.1:8080/ocsp")


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def post(address: Address, content_type: str, body: bytes, *, most: int) -> bytes:
    """The body of the answer, at most so many bytes.

    Raises OSError when there is none within 10 s, when it is longer, no HTTP, or its status is not 200.
    """
    found: Future[bytes] = Future()

    def run() -> None:
        try:
            found.set_result(asyncio.run(_limited(address, content_type, body, most)))
        except BaseException as error:
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        # Of its own accord it ends a moment earlier; a look-up of a name cannot be ended, and goes on without us.
        return found.result(LIMIT + 0.5)
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {LIMIT:.0f} s") from error


async def _limited(address: Address, content_type: str, body: bytes, most: int) -> bytes:
    async with asyncio.timeout(LIMIT):
        context = ssl.create_default_context() if address.secure else None
        reader, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
        try:
            return await _exchange(reader, writer, _events(address, content_type, body), most)
        except h11.ProtocolError as error:
            raise OSError(f"this is no HTTP: {error}") from error
        finally:
            writer.close()


def _events(address: Address, content_type: str, body: bytes) -> list[h11.Event]:
    host = f"[{address.host}]" if ":" in address.host else address.host
    headers = [
        ("Host", f"{host}:{address.port}"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    request = h11.Request(method="POST", target=address.target, headers=headers)
    return [request, h11.Data(data=body), h11.EndOfMessage()]


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, events: list[h11.Event], most: int
) -> bytes:
    connection, body = h11.Connection(h11.CLIENT), bytearray()
    for event in events:
        writer.write(connection.send(event) or b"")
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(_PART))
            case h11.Response(status_code=status) if status != 200:
                raise OSError(f"it answers with the HTTP status {status}")
            case h11.Data(data=data):
                body += data
                if len(body) > most:
                    raise OSError(f"its answer is longer than {most:,} bytes")
            case h11.EndOfMessage() | h11.ConnectionClosed():
                return bytes(body)
