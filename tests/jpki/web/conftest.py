"""A page on a world, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from jpki.parties.world import World
from jpki.web.desk import Desk
from jpki.web.sample import SAMPLE_PASSWORD, SAMPLE_RESIDENT, make_sample
from jpki.web.server import PageServer
from tests.browser import Browser, browser


@dataclass(frozen=True)
class Served:
    """A world and its page."""

    world: World
    desk: Desk
    server: PageServer


Serve = Callable[[], Served]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world with nothing issued, as the command makes it."""
    folder = tmp_path_factory.mktemp("sample") / "world"
    with World.open(folder, durable=False) as world:
        make_sample(world)
    return folder


@pytest.fixture(scope="module")
def serve(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Makes pages, each on a copy of it."""
    with ExitStack() as open_until_end:

        def made() -> Served:
            folder = tmp_path_factory.mktemp("served") / "world"
            shutil.copytree(sample, folder)
            world = open_until_end.enter_context(World.open(folder, durable=False))
            desk = open_until_end.enter_context(Desk(world, {SAMPLE_RESIDENT: SAMPLE_PASSWORD}))
            desk.look()
            return Served(world, desk, open_until_end.enter_context(PageServer(desk)))

        yield made


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all of them."""
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found
