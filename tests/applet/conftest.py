"""Cards with the applet on them, made once and restored for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from harness.jpki.constants import Profile, Slot
from harness.jpki.package import jpki_library
from harness.simulator.card import SimulatedCard
from harness.simulator.config import CardConfig
from tests.applet.cards import JpkiCard, install, load, personalise

OpenCard = Callable[[], AbstractContextManager[JpkiCard]]


@dataclass(frozen=True, slots=True)
class Image:
    """A saved card, and the public keys it generated."""

    path: Path
    keys: dict[Slot, RSAPublicKey]

    @contextmanager
    def open(self) -> Iterator[JpkiCard]:
        """A card like the saved one, its applet selected."""
        with SimulatedCard.restore(self.path) as card:
            jpki = JpkiCard(card)
            jpki.client.select()
            yield jpki


def _make(folder: Path, profile: Profile, *, personalised: bool) -> Image:
    with SimulatedCard(CardConfig(), classes=jpki_library(), seed=f"tests of the applet, {profile.name}") as card:
        load(card)
        install(card, profile.parameters)
        keys = personalise(JpkiCard(card)) if personalised else {}
        card.save(folder / "card")
    return Image(folder / "card", keys)


@pytest.fixture(scope="session")
def blank_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """A phone's card: applet installed, nothing else."""
    return _make(tmp_path_factory.mktemp("blank"), Profile.PHONE, personalised=False)


@pytest.fixture(scope="session")
def phone_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """A phone's card with both slots in use."""
    return _make(tmp_path_factory.mktemp("phone"), Profile.PHONE, personalised=True)


@pytest.fixture(scope="session")
def plastic_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The same under the card profile."""
    return _make(tmp_path_factory.mktemp("plastic"), Profile.CARD, personalised=True)


@pytest.fixture
def blank(blank_image: Image) -> Iterator[JpkiCard]:
    """The applet as installed on a phone."""
    with blank_image.open() as card:
        yield card


@pytest.fixture
def jpki(phone_image: Image) -> Iterator[JpkiCard]:
    """A phone's applet in use: keys, certificates, active PINs; nothing is verified."""
    with phone_image.open() as card:
        yield card


@pytest.fixture
def plastic(plastic_image: Image) -> Iterator[JpkiCard]:
    """A plastic card's applet in use."""
    with plastic_image.open() as card:
        yield card


@pytest.fixture
def public_keys(phone_image: Image) -> dict[Slot, RSAPublicKey]:
    """The keys of ``jpki``, as the card gave them when it generated them."""
    return phone_image.keys
