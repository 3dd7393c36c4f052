"""Takes the pictures of the guide: python -m tests.jpki.web.pictures docs/guide/pictures"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from jpki.parties.world import World
from jpki.web.desk import Desk
from jpki.web.sample import make_sample
from jpki.web.server import PageServer
from tests.browser import Browser, browser
from tests.jpki.web import life
from tests.jpki.web.hands import Hands

NAMES = ("apply", "password", "push", "login", "old-phone", "messages")
"""Those that the guide shows."""


def into(folder: Path, hands: Hands) -> life.Album:
    """An album in a folder: the phone alone, as WebP files."""

    def keep(name: str) -> None:
        (folder / f"{name}.webp").write_bytes(hands.page.picture("#phone .device"))

    return keep


def beside(folder: Path, chromium: Browser, url: str) -> None:
    """What stands beside the phone, in a tab of its own."""
    page = chromium.open(url, width=1000)
    page.wait("document.querySelectorAll('#exchanges .message').length > 20")
    page.value("document.getElementById('exchanges').scrollTop = 0")
    (folder / "messages.webp").write_bytes(page.picture("#traffic"))


def take(folder: Path) -> None:
    """All of them."""
    with _page() as (hands, chromium, url):
        album = into(folder, hands)
        life.apply(hands, album)
        life.register(hands, album)
        life.home(hands)
        life.activate(hands)
        life.log_in(hands, album)
        life.change_device(hands, album)
        beside(folder, chromium, url)


@contextmanager
def _page() -> Iterator[tuple[Hands, Browser, str]]:
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "browser").mkdir()
        with World.open(folder / "world", durable=False) as world, Desk(world, make_sample(world)) as desk:
            desk.look()
            with PageServer(desk) as server, browser(folder / "browser") as chromium:
                hands = Hands(chromium.open(server.url, width=390))
                hands.reach("home")
                yield hands, chromium, server.url


if __name__ == "__main__":
    take(Path(sys.argv[1]))
