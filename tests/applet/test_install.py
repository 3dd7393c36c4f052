"""Installation: profiles, and parameters that are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.jpki.constants import Profile
from harness.jpki.package import jpki_library
from harness.simulator.card import SimulatedCard
from harness.simulator.config import CardConfig
from harness.status import SW, UnexpectedStatusError
from tests.applet.cards import JpkiCard, install, load


@pytest.fixture
def empty() -> Iterator[SimulatedCard]:
    """A card that holds the package but no instance."""
    with SimulatedCard(CardConfig(), classes=jpki_library(), seed="installation") as card:
        load(card)
        yield card


@pytest.mark.parametrize(
    ("parameters", "profile", "label"),
    [
        (b"", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x01", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x02", Profile.CARD, "JPKIAPICCTOKEN2"),
    ],
)
def test_parameters_choose_the_profile(empty: SimulatedCard, parameters: bytes, profile: Profile, label: str) -> None:
    install(empty, parameters)
    jpki = JpkiCard(empty)
    assert jpki.status().profile is profile
    assert jpki.client.token_information().label == label


@pytest.mark.parametrize("parameters", [b"\x00", b"\x03", b"\xff", b"\x01\x01", b"\x02\x00", bytes(16)])
def test_other_parameters_are_refused_and_leave_nothing(empty: SimulatedCard, parameters: bytes) -> None:
    free = empty.free_memory
    with pytest.raises(UnexpectedStatusError) as error:
        install(empty, parameters)
    assert error.value.sw == SW.WRONG_DATA
    assert empty.free_memory == free
    install(empty)
    assert JpkiCard(empty).status().profile is Profile.PHONE


def test_persistent_memory_is_what_the_readme_says(empty: SimulatedCard) -> None:
    """applet/README.md: about 14 KB of data; a quarter more would be a surprise for an element with 64 KB (D3)."""
    free = empty.free_memory
    install(empty)
    assert 12_000 < free - empty.free_memory < 17_000
