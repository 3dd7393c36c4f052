"""Images of worlds, made once for each process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jpki.parties.world import World
from tests.jpki.flows.worlds import HandSet, Images, make_images


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Images:
    """Worlds to start from, their cards on the runtime that ``--card-runtime`` names."""
    return make_images(tmp_path_factory.mktemp("worlds"), pytestconfig.getoption("--card-runtime") or None)


@pytest.fixture
def empty(images: Images, tmp_path: Path) -> Iterator[World]:
    """Residents hanako and taro, phones p1 and p2, nothing issued."""
    with images.world("empty", tmp_path / "world") as world:
        yield world


@pytest.fixture
def issued(images: Images, tmp_path: Path) -> Iterator[World]:
    """Hanako has both certificates and biometrics on p1."""
    with images.world("issued", tmp_path / "world") as world:
        yield world


@pytest.fixture
def later() -> HandSet:
    """The clock of ``dated``."""
    return HandSet()


@pytest.fixture
def dated(images: Images, tmp_path: Path, later: HandSet) -> Iterator[World]:
    """The same as ``issued``; what time it is, ``later`` says."""
    with images.world("issued", tmp_path / "world", clock=later) as world:
        yield world
