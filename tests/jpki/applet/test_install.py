"""Installation: profiles, and parameters that are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cardlab.iso7816 import tlv
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.pytest_plugin import CardSource
from jpki.client.constants import INSTANCE_AID, Profile
from jpki.client.installation import jpki_installation
from jpki.package import jpki_executable, jpki_library
from tests.jpki.applet.cards import JpkiCard


@pytest.fixture
def empty(card_source: CardSource) -> Iterator[JpkiCard]:
    """A card that holds the package but no instance."""
    with card_source.open(jpki_library(), seed="installation") as card:
        jpki = JpkiCard(card)
        jpki.load()
        yield jpki


def free_memory(jpki: JpkiCard) -> int:
    """Persistent bytes that are left, as the card's issuer is told (GPCS 11.3, TS 102 226 8.2.1.7.2)."""
    answer = jpki.issuer().get_data(0xFF21)
    assert answer is not None
    free = tlv.find(answer, 0xFF21, 0x82)
    assert free is not None
    return int.from_bytes(free, "big")


@pytest.mark.parametrize(
    ("parameters", "profile", "label"),
    [
        (b"", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x01", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x02", Profile.CARD, "JPKIAPICCTOKEN2"),
        (b"\x01\xa0", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x01\xb0", Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x02\xa0", Profile.CARD, "JPKIAPICCTOKEN2"),
        (b"\x02\xb0", Profile.CARD, "JPKIAPICCTOKEN2"),
        (b"\x01\x00" + bytes(32), Profile.PHONE, "JPKIAPGPSETOKEN"),
        (b"\x02\xa0" + b"\xff" * 32, Profile.CARD, "JPKIAPICCTOKEN2"),
    ],
)
def test_parameters_choose_the_profile(empty: JpkiCard, parameters: bytes, profile: Profile, label: str) -> None:
    empty.install(parameters)
    assert empty.status().profile is profile
    assert empty.client.token_information().label == label


@pytest.mark.parametrize(
    "parameters",
    [
        b"\x00",
        b"\x03",
        b"\xff",
        b"\x01\x00",
        b"\x01\x01",
        b"\x02\x00",
        b"\x01\x80",
        b"\x02\x90",
        b"\x01\xb1",
        b"\x02\xa1",
        b"\x00\xb0",
        b"\x03\xa0",
        b"\xb0",
        b"\xb0\x01",
        b"\x01\xa0\xb0",
        b"\x02\xb0\x00",
        bytes(16),
        b"\x01\x00" + bytes(31),
        b"\x01\x00" + bytes(33),
        b"\x03\x00" + bytes(32),
        b"\x01\x01" + bytes(32),
        b"\x01\x80" + bytes(32),
        b"\x02\xb1" + bytes(32),
    ],
)
def test_other_parameters_are_refused_and_leave_nothing(empty: JpkiCard, parameters: bytes) -> None:
    free = free_memory(empty)
    with pytest.raises(UnexpectedStatusError) as error:
        empty.install(parameters)
    assert error.value.sw == SW.WRONG_DATA
    assert free_memory(empty) == free
    empty.install()
    assert empty.status().profile is Profile.PHONE


@pytest.mark.needs("expendable")  # some five hundred installations that fail
@pytest.mark.parametrize("profile", Profile)
def test_of_all_media_two_may_be_named(empty: JpkiCard, profile: Profile) -> None:
    """D5: never Type A or B, which are contactless on every card, and nothing that only looks like a medium."""
    free = free_memory(empty)
    client = empty.issuer()
    accepted = []
    for medium in range(256):
        try:
            client.install(jpki_installation(bytes((profile, medium))))
        except UnexpectedStatusError as error:
            assert error.sw == SW.WRONG_DATA
        else:
            accepted.append(medium)
            client.delete(INSTANCE_AID)
    assert accepted == [0xA0, 0xB0]
    assert free_memory(empty) == free


def test_the_load_file_is_small() -> None:
    """D3: the limit is 64 KB; applet/README.md says 15, and more than 16 would be a surprise."""
    assert 8_000 < len(jpki_executable().data_block) < 16_384


@pytest.mark.needs("inside")  # the figure is that of the simulated card's way of counting
def test_persistent_memory_is_what_the_readme_says(empty: JpkiCard) -> None:
    """applet/README.md: about 17.5 KB of data; a tenth more would be a surprise for an element with 64 KB (D3)."""
    free = free_memory(empty)
    empty.install()
    assert 15_500 < free - free_memory(empty) < 19_000
