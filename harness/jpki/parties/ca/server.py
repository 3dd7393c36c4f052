"""Serves the CA's public answers over HTTP, on this machine only."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle

from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.web import MAX_REQUEST, PATIENCE, application
from jpki.parties.http_server import HttpServer

_MOST = 500  # connections at a time: a process may have about 1,000 files open
_LARGEST_HEAD = 4 * MAX_REQUEST  # bytes: base64 of the largest request, its signs escaped, and fields
_LINGER = 0.5  # seconds


class RevocationServer(HttpServer):
    """Serves what ``application`` answers for a CA while it is open, on this machine only.

    Any number of slow senders hold nobody else up: each has 10 s for a request, and no thread.
    """

    def __init__(self, ca: CertificateAuthority, *, port: int = 0) -> None:
        super().__init__(
            application(ca),
            port=port,
            http=_Patient,
            interface="asgi3",
            timeout_keep_alive=int(PATIENCE),
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )


class _Lingering:
    """A transport that closes in two steps (RFC 9112, 9.6): it says that nothing more comes, and hears the client out.

    Who closes while something is unread resets the connection, and the client may lose the answer that it was sent.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._end: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    @property
    def lingering(self) -> bool:
        """Whether only the client may still say something, which nobody reads."""
        return self._end is not None

    def is_closing(self) -> bool:
        return self.lingering or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        self._end = self._loop.call_later(_LINGER, self._transport.close)
        self._transport.write_eof()  # after what waits to be written
        self._transport.resume_reading()

    def lost(self) -> None:
        """The connection is no more."""
        if self._end is not None:
            self._end.cancel()


class _Patient(H11Protocol):
    """Waits so long for a request and no longer, and answers also who has shut down their end after sending it."""

    _waiting: asyncio.TimerHandle | None = None
    _two_steps: _Lingering

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._two_steps = _Lingering(transport, self.loop)
        super().connection_made(cast("asyncio.Transport", self._two_steps))
        self._wait()
        if len(self.connections) > _MOST:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        self._two_steps.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._two_steps.lingering:
            super().data_received(data)

    def handle_events(self) -> None:
        try:
            super().handle_events()
        except h11.LocalProtocolError:  # nonsense after a request that was answered, or refused, already
            self.transport.close()

    def eof_received(self) -> bool:  # type: ignore[override]
        if self._two_steps.lingering:
            return False
        if self._answering() and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return True
        if self._answering() or self.conn.trailing_data[0]:  # in the midst of a request, which h11 then says
            self.conn.receive_data(b"")
            self.handle_events()
            return True
        return False

    def shutdown(self) -> None:
        """The server ends; a connection that is broken off already has nothing more to say."""
        try:
            super().shutdown()
        except h11.LocalProtocolError:
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self._end_wait()
        self._waiting = self.loop.call_later(PATIENCE, self._too_slow)

    def _end_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        """The application looks after bodies; here it is about the head of a request."""
        if not self._answering() and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        head = h11.Response(
            status_code=status,
            headers=[(b"connection", b"close"), (b"content-length", b"0")],
            reason=STATUS_PHRASES[status],
        )
        try:
            for event in (head, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        except h11.LocalProtocolError:
            pass
        self.transport.close()
