"""Compiles the test applets once, and hands out cards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import class_files, compile_java
from tests.cardlab.runtime.jcardsim.cards import SEED, SOURCES, FakeServices, Limits, RuntimeCard
from tests.cardlab.runtime.jcardsim.raw import RawJCardSim


class MakeCard(Protocol):
    """``make_card("Name", …)``: a card with these applets loaded, not installed."""

    def __call__(
        self,
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
    ) -> RuntimeCard: ...


@pytest.fixture(scope="session")
def applet_folder() -> Path:
    """Where the compiled test applets are."""
    folder = places.build_folder() / "classes" / "tests-runtime"
    # jCardSim's API is that of a later version, which calls some of 3.0.4 deprecated.
    return compile_java(SOURCES, folder, classpath=api_classpath(), warnings_are_errors=False)


@pytest.fixture(scope="session")
def classes(applet_folder: Path) -> Mapping[str, bytes]:
    """The class files of the test applets by binary name."""
    return {
        name: applet_folder.joinpath(*name.split(".")).with_suffix(".class").read_bytes()
        for name in class_files(applet_folder)
    }


@pytest.fixture(scope="session")
def make_card_always(classes: Mapping[str, bytes]) -> MakeCard:
    """As ``make_card``, for property tests, which make many cards in one test and drop them."""

    def make(
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
    ) -> RuntimeCard:
        return RuntimeCard(classes, *names, seed=seed, limits=limits, services=services, choices=choices)

    return make


@pytest.fixture
def make_card(make_card_always: MakeCard) -> Iterator[MakeCard]:
    """Makes cards that are closed at the end of the test."""
    made: list[RuntimeCard] = []

    def make(
        *names: str,
        seed: bytes = SEED,
        limits: Limits | None = None,
        services: FakeServices | None = None,
        choices: PlatformChoices | None = None,
    ) -> RuntimeCard:
        made.append(make_card_always(*names, seed=seed, limits=limits, services=services, choices=choices))
        return made[-1]

    yield make
    for card in made:
        card.runtime.close()


@pytest.fixture(scope="session")
def raw_jcardsim(applet_folder: Path) -> RawJCardSim:
    """JCardSim without anything of ours."""
    return RawJCardSim(applet_folder)
