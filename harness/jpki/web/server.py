"""Serves the page, by default to this machine only."""

from __future__ import annotations

from jpki.parties.http_server import LOOPBACK, HttpServer
from jpki.web.application import application
from jpki.web.desk import Desk


def _names(host: str) -> list[str]:
    """Who listens at every address of the machine is called by any of its names."""
    return ["*"] if host in ("0.0.0.0", "") else [host, LOOPBACK, "localhost"]  # noqa: S104


class PageServer(HttpServer):
    """Serves the page of a desk while it is open. Pages listen for as long as they are open."""

    def __init__(self, desk: Desk, *, host: str = LOOPBACK, port: int = 0) -> None:
        super().__init__(application(desk, _names(host)), host=host, port=port, http="h11")

    @property
    def url(self) -> str:
        """With a slash at the end, as people type it."""
        return f"{super().url}/"
