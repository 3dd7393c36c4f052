"""Cards with the applet on them, of the kind that --card names; where that can be, made once and then restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from cardlab.pytest_plugin import CardSource, LabCard, Prepared
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import ContactMedium, Profile, Slot, Suite
from jpki.package import jpki_library
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.faulting.campaign import Stages
from tests.jpki.applet.tearing.worlds import opened

OpenCard = Callable[[], AbstractContextManager[JpkiCard]]


@dataclass(frozen=True, slots=True)
class Image:
    """A card in a state that tests start from."""

    prepared: Prepared[dict[Slot, SlotPublicKey]]
    source: CardSource

    @contextmanager
    def open(self) -> Iterator[JpkiCard]:
        """A card in this state, its applet selected."""
        with self.prepared.open() as (card, keys):
            jpki = JpkiCard(card, keys)
            jpki.client.select()
            yield jpki

    @property
    def can_copy(self) -> bool:
        """Whether cards can be copied as they are."""
        return self.source.can_fork

    def copy(self, jpki: JpkiCard) -> JpkiCard:
        """A copy of a card as it is."""
        return JpkiCard(self.source.fork(jpki.card), jpki.keys)


class MakeImage(Protocol):
    """Describes a card: its install parameters, and whether it is personalised."""

    def __call__(
        self, profile: Profile, personalised: bool, medium: ContactMedium | None = None, suite: Suite = ...
    ) -> Image: ...


@pytest.fixture(scope="session")
def make_image(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> MakeImage:
    """Makes images. A card is made when its image is opened first."""

    def image(
        profile: Profile,
        personalised: bool,
        medium: ContactMedium | None = None,
        suite: Suite = Suite.RSA_2048,
    ) -> Image:
        def make(card: LabCard) -> dict[Slot, SlotPublicKey]:
            jpki = JpkiCard(card)
            jpki.load()
            jpki.install(suite.chosen_in(profile.parameters if medium is None else profile.with_contact(medium)))
            return jpki.personalise() if personalised else {}

        folder = tmp_path_factory.mktemp("card")
        seed = f"tests of the applet, {profile.name}"
        return Image(Prepared(card_source, jpki_library(), make, seed=seed, image=folder / "card"), card_source)

    return image


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    """Where scenes for faults are prepared: cards of the campaign's worlds."""
    with opened() as worlds:
        yield Stages(worlds)


@pytest.fixture(scope="session")
def blank_image(make_image: MakeImage) -> Image:
    """A phone's card: applet installed, nothing else."""
    return make_image(Profile.PHONE, False)


@pytest.fixture(scope="session")
def phone_image(make_image: MakeImage) -> Image:
    """A phone's card with both slots in use."""
    return make_image(Profile.PHONE, True)


@pytest.fixture(scope="session")
def p384_image(make_image: MakeImage) -> Image:
    """A phone's card with both slots in use, installed with the second suite."""
    return make_image(Profile.PHONE, True, suite=Suite.P_384)


@pytest.fixture(scope="session")
def plastic_image(make_image: MakeImage) -> Image:
    """The same under the card profile."""
    return make_image(Profile.CARD, True)


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
def p384(p384_image: Image) -> Iterator[JpkiCard]:
    """A phone's applet in use, with keys on P-384."""
    with p384_image.open() as card:
        yield card


@pytest.fixture
def plastic(plastic_image: Image) -> Iterator[JpkiCard]:
    """A plastic card's applet in use."""
    with plastic_image.open() as card:
        yield card


@pytest.fixture
def public_keys(jpki: JpkiCard) -> Mapping[Slot, RSAPublicKey]:
    """The keys of ``jpki``, as the card gave them when it generated them."""
    return {slot: key for slot, key in jpki.keys.items() if isinstance(key, RSAPublicKey)}
