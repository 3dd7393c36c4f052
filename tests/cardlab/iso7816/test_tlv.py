"""BER-TLV: what goes in comes out, and what is no TLV is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError, Tlv

one_byte_tags = st.integers(1, 0xFE).filter(lambda tag: tag & 0x1F != 0x1F)
two_byte_tags = st.builds(
    lambda first, second: (first | 0x1F) << 8 | second, st.integers(0, 7).map(lambda n: n << 5), st.integers(0, 0x7F)
)
tags = one_byte_tags | two_byte_tags
objects = st.builds(Tlv, tags, st.binary(max_size=300))


@given(st.lists(objects, max_size=5))
def test_objects_come_back(items: list[Tlv]) -> None:
    assert tlv.parse(b"".join(tlv.encode(item.tag, item.value) for item in items)) == items


@given(st.binary(max_size=80))
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    try:
        items = tlv.parse(raw)
    except MalformedTlvError:
        return
    assert sum(len(item.value) for item in items) <= len(raw)


@pytest.mark.parametrize(
    ("length", "field"), [(0, "00"), (127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100"), (65536, "83010000")]
)
def test_lengths(length: int, field: str) -> None:
    assert tlv.encode_length(length).hex().upper() == field


def test_a_longer_length_field_than_needed_is_read() -> None:
    assert tlv.parse(bytes.fromhex("8282000141")) == [Tlv(0x82, b"A")]


DAMAGED = {
    "5F": "the bytes end inside a tag",
    "5FFF": "the bytes end inside a tag",
    "82": "the bytes end before a length",
    "8202AA": "tag 82 says 2 bytes, 1 are left",
    "8280": "length field 80 is not allowed",
    "8285": "length field 85 is not allowed",
    "820201": "tag 82 says 2 bytes, 1 are left",
    "82 84 00 00 00": "the bytes end inside a length",
    "82FF": "length field FF is not allowed",
}


@pytest.mark.parametrize("raw", DAMAGED)
def test_damaged_objects(raw: str) -> None:
    with pytest.raises(MalformedTlvError, match=f"^{DAMAGED[raw]}$"):
        tlv.parse(bytes.fromhex(raw))


def test_find_walks_down() -> None:
    raw = tlv.encode(
        0x6F, tlv.encode(0x84, b"aid"), tlv.encode(0xA5, tlv.encode(0x9F65, b"\xff"), tlv.encode(0x9F65, b"2"))
    )
    assert tlv.find(raw, 0x6F, 0xA5, 0x9F65) == b"\xff"
    assert tlv.find(raw, 0x6F, 0x50) is None
    assert tlv.find(raw) == raw


def test_constructed() -> None:
    assert Tlv(0xA5, tlv.encode(0x80, b"x")).constructed
    assert Tlv(0x7F49, b"").constructed
    assert not Tlv(0x9F70, b"").constructed
    assert Tlv(0xA5, tlv.encode(0x80, b"x")).children() == [Tlv(0x80, b"x")]
    with pytest.raises(MalformedTlvError):
        Tlv(0xA5, b"\x80").children()
