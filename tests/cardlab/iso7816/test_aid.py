"""The rule for application identifiers (ISO/IEC 7816-4:2020, 12.2.3)."""

from __future__ import annotations

import pytest

from cardlab.iso7816 import aid

ISD = bytes.fromhex("A000000151000000")


@pytest.mark.parametrize("length, is_one", [(0, False), (4, False), (5, True), (16, True), (17, False)])
def test_the_length(length: int, is_one: bool) -> None:
    value = bytes(length)
    assert aid.is_aid(value) == is_one
    assert aid.length_fault(value) == ("" if is_one else f"has {length} bytes, an AID has 5 to 16")


def test_provider_and_extension() -> None:
    assert (aid.rid(ISD), aid.pix(ISD)) == (ISD[:5], ISD[5:])
    assert aid.same_provider(ISD, ISD[:5])
    assert not aid.same_provider(ISD, b"\xf0" + ISD[1:])


@pytest.mark.parametrize("written", ["A000000151000000", "a0 00 00 01 51 00 00 00", "0xA0:0x00:00:01:51:00:00:00"])
def test_reading_what_people_write(written: str) -> None:
    assert aid.parse(written) == ISD
    assert aid.text(ISD) == "A000000151000000"


@pytest.mark.parametrize("written", ["A0000", "xx", "A0-00"])
def test_what_is_not_hexadecimal(written: str) -> None:
    with pytest.raises(ValueError, match=f"'{written}' is no AID in hex"):
        aid.parse(written)
