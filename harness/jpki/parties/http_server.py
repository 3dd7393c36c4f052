"""An HTTP server in the background, on this machine unless somebody says otherwise."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from cardlab.errors import BusyError
from cardlab.system_errors import explained

LOOPBACK = "127.0.0.1"
_WAIT = 0.01  # seconds between two looks whether it has started


class HttpServer:
    """Serves an application while it is open. Port 0 takes a free one; ``url``, without a slash at the end, says which.

    ``settings`` are further ones of uvicorn's. Raises BusyError when another program has the port, StorageError or
    UsageError for one that this process may not have or an address that is not this machine's.
    """

    def __init__(self, served: ASGIApp, *, host: str = LOOPBACK, port: int = 0, **settings: Any) -> None:
        self._socket = _listening(host, port)
        self._host = host
        config = uvicorn.Config(
            served,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # what clients do wrong is their affair
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            **settings,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self._host}:{self._socket.getsockname()[1]}"

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


def _listening(host: str, port: int) -> socket.socket:
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
