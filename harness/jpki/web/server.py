"""Serves the page, by default to this machine only."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Self

import uvicorn

from jpki.parties.ca.server import LOOPBACK, listening
from jpki.web.application import application
from jpki.web.desk import Desk

_WAIT = 0.01  # seconds between two looks whether it has started


def _names(host: str) -> list[str]:
    """Who listens at every address of the machine is called by any of its names."""
    return ["*"] if host in ("0.0.0.0", "") else [host, LOOPBACK, "localhost"]  # noqa: S104


class PageServer:
    """Serves the page of a desk while it is open. Port 0 takes a free one; ``url`` says which.

    Raises BusyError when another program has the port, UsageError for an address that is not this machine's.
    """

    def __init__(self, desk: Desk, *, host: str = LOOPBACK, port: int = 0) -> None:
        self._socket = listening(port, host)
        self._host = host
        config = uvicorn.Config(
            application(desk, _names(host)),
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",  # what clients do wrong is their affair
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,  # pages listen for as long as they are open
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """With a slash at the end."""
        return f"http://{self._host}:{self._socket.getsockname()[1]}/"

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
