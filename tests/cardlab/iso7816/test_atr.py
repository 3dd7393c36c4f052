"""The answer to reset: parsed, described, and made for contactless cards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816.atr import Atr, MalformedAtrError, type_a_atr, type_b_atr


@pytest.mark.parametrize(
    ("raw", "protocols", "historical", "said"),
    [
        ("3BE000FF8131FE4514", (1,), "", "no historical bytes"),
        ("3B00", (0,), "", "protocols T=0"),
        ("3F6525082200F39000", (0,), "2200F39000", "inverse convention"),
        (
            "3B8F8001804F0CA000000306030001000000006A",
            (0, 1),
            "804F0CA00000030603000100000000",
            "a storage card, no APDUs",
        ),
        ("3BFD1300008131FE158073C021C057597562694B657940", (1,), "8073C021C057597562694B6579", "check byte 40, right"),
    ],
)
def test_known_cards(raw: str, protocols: tuple[int, ...], historical: str, said: str) -> None:
    atr = Atr.parse(bytes.fromhex(raw))
    assert (atr.protocols, atr.historical.hex().upper()) == (protocols, historical)
    assert said in list(atr.words())


SAID: dict[str, list[str]] = {
    "3B98969181018031C0619983004154": [  # its last object is cut short
        "direct convention",
        "protocols T=1",
        "TA1 96: fastest clock and bit rate",
        "TA2 81: specific mode",
        "interface bytes TD1 91 TD2 01",
        "historical bytes 8031C06199830041",
        "  card service data: C0",
        "  pre-issuing data: 99",
        "check byte 54, right",
    ],
    "3B801FC758": [  # T=15 says what counts for all protocols, and is none
        "direct convention",
        "protocols T=0",
        "TA2 C7: specific mode",
        "interface bytes TD1 1F",
        "no historical bytes",
        "check byte 58, right",
    ],
    "3B8880018052414273400040AB": [
        "direct convention",
        "protocols T=0, T=1",
        "made by a reader for a contactless card (PC/SC part 3)",
        "interface bytes TD1 80 TD2 01",
        "historical bytes 8052414273400040",
        "  issuer's data: 4142",
        "  card capabilities: 400040",
        "  it has extended lengths",
        "check byte AB, right",
    ],
    "3B058083102030": ["direct convention", "protocols T=0", "historical bytes 8083102030", "  status: 102030"],
    "3B034A4350": ["direct convention", "protocols T=0", 'historical bytes 4A4350 "JCP"'],
    "3B03004350": ["direct convention", "protocols T=0", "historical bytes 004350"],
    "3B6200FF4100": [
        "direct convention",
        "protocols T=0",
        "interface bytes TB1 00 TC1 FF",
        "historical bytes 4100",
    ],
    "3B0480411244": [
        "direct convention",
        "protocols T=0",
        "historical bytes 80411244",
        "  initial access data: 12",
    ],
}


@pytest.mark.parametrize("raw", SAID)
def test_all_that_is_said(raw: str) -> None:
    assert list(Atr.parse(bytes.fromhex(raw)).words()) == SAID[raw]


def test_a_card_says_what_it_can_do() -> None:
    words = "\n".join(Atr.parse(type_a_atr(bytes.fromhex("8073C84000"))).words())
    assert "card capabilities: C84000" in words
    assert "neither command chaining nor extended lengths" in words
    words = "\n".join(Atr.parse(type_a_atr(bytes.fromhex("80730000C0"))).words())
    assert "it has command chaining and extended lengths" in words


@given(st.binary(max_size=40))
def test_nothing_else_is_raised(raw: bytes) -> None:
    try:
        atr = Atr.parse(raw)
    except MalformedAtrError:
        return
    assert atr.raw == raw
    assert all(word.isprintable() for word in atr.words())


@given(st.binary(max_size=33))
def test_type_a_has_the_historical_bytes_of_the_ats(historical: bytes) -> None:
    atr = Atr.parse(type_a_atr(historical))
    assert atr.is_contactless
    assert (atr.protocols, atr.historical) == ((0, 1), historical[:15])


def test_type_b_is_the_example_of_the_standard() -> None:
    """PC/SC part 3, 3.1.3.2.3.1: application data, protocol information, and the length integer in the high nibble."""
    raw = type_b_atr(bytes.fromhex("01020304"), bytes.fromhex("007171"), 5)
    assert raw[:-1].hex().upper() == "3B8880010102030400717150"
    assert Atr.parse(raw).is_contactless
    with pytest.raises(ValueError, match="4 bytes of application data"):
        type_b_atr(b"", b"\0\0\0")
    assert type_b_atr(bytes(4), bytes(3), 15)[-2] == 0xF0
    for short in ((bytes(3), bytes(3), 0), (bytes(4), bytes(2), 0), (bytes(4), bytes(3), 16), (bytes(4), bytes(3), -1)):
        with pytest.raises(ValueError, match="4 bytes of application data"):
            type_b_atr(*short)
    assert type_a_atr(b"")[2:4].hex() == "8001"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "begin with 3B or 3F"),
        ("3B", "begin with 3B or 3F"),
        ("3B80", "ends before TD1"),
        ("3BE000FF8131FE4515", "check byte 15 is wrong"),
        ("3BE000FF8131FE451400", "has 10 bytes, its format byte says 9"),
    ],
)
def test_what_is_wrong_is_said(raw: str, why: str) -> None:
    with pytest.raises(MalformedAtrError, match=why):
        Atr.parse(bytes.fromhex(raw))
