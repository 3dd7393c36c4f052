"""Serves the CA's public answers over HTTP, on this machine only."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle

from cardlab.errors import BusyError
from cardlab.system_errors import explained
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.ca.web import MAX_REQUEST, PATIENCE, application

LOOPBACK = "127.0.0.1"
_MOST = 500  # connections at a time: a process may have about 1,000 files open
_LARGEST_HEAD = 4 * MAX_REQUEST  # bytes: base64 of the largest request, its signs escaped, and fields
_LINGER = 0.5  # seconds
_WAIT = 0.01  # seconds between two looks whether it has started


class RevocationServer:
    """Serves what ``application`` answers for a CA while it is open. Port 0 takes a free one; ``url`` says which.

    Any number of slow senders hold nobody else up: each has 10 s for a request, and no thread. Raises BusyError when
    another program has the port.
    """

    def __init__(self, ca: CertificateAuthority, *, port: int = 0) -> None:
        self._socket = listening(port)
        config = uvicorn.Config(
            application(ca),
            http=_Patient,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",  # what clients do wrong is their affair
            access_log=False,
            server_header=False,
            timeout_keep_alive=int(PATIENCE),
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://{LOOPBACK}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(_WAIT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def listening(port: int, host: str = LOOPBACK) -> socket.socket:
    """A socket that listens; raises BusyError when another program has the port."""
    # Named as TCP, so that asyncio lets small answers go at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(socket.SOMAXCONN)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            hint = "--port names another; without it a free one is taken"
            raise BusyError(f"port {port} is in use by another program", hint=hint) from error
        raise explained(error, f"port {port} cannot be used") from error
    return listener


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
