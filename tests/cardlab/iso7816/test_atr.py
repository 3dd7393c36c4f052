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
