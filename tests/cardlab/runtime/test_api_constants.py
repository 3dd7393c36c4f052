"""Numbers that are the Java Card API's are those of its token tables (Java Card API 3.0.5)."""

from __future__ import annotations

import pytest

from cardlab.cap.exports import builtin
from cardlab.runtime.media import MEDIUM_NAMES, Media, TransmissionProtocol, medium_named, protocol_byte
from cardlab.runtime.reasons import REASONS, in_words


def constants(name: str) -> dict[str, int]:
    """Compile-time constants of a class by name."""
    found = builtin("3.0.5").find(name.replace(".", "/"))
    assert found is not None
    return {one.name: one.constant for one in found.fields if one.constant is not None}


@pytest.mark.parametrize("exception", REASONS)
def test_reasons_of_exceptions(exception: str) -> None:
    """All that the class has, and no other."""
    assert {name: code for code, name in REASONS[exception].items()} == constants(exception)


def test_exceptions_with_reasons() -> None:
    """None of the API's is left out that has constants of its own."""
    every = (one for package in builtin("3.0.5").packages() for one in package.classes)
    named = {one.name.replace("/", ".") for one in every if one.name.endswith("Exception") and constants(one.name)}
    assert named == REASONS.keys()


def test_reasons_in_words() -> None:
    assert in_words("javacard.security.CryptoException", 2) == "UNINITIALIZED_KEY (2)"
    assert in_words("javacard.framework.APDUException", 0xAA - 0x10000 + 0xFF00) == str(0xAA - 0x10000 + 0xFF00)
    assert in_words("javacard.framework.ISOException", 0x6985 - 0x10000) == "6985"
    assert in_words("javacard.framework.UserException", 7) == "7"


def test_media() -> None:
    """Those with a name in the API; the others are what is left of the upper four bits."""
    told = {name: value & 0xFF for name, value in constants("javacard/framework/APDU").items() if "_MEDIA_" in name}
    assert told.pop("PROTOCOL_MEDIA_MASK") == 0xF0
    assert {*told.values()} == {
        Media.CONTACT,
        Media.CONTACTLESS_TYPE_A,
        Media.CONTACTLESS_TYPE_B,
        Media.USB,
        Media.HCI_OR_TYPE_F,
    }
    assert told["PROTOCOL_MEDIA_CONTACTLESS_TYPE_A"] == Media.CONTACTLESS_TYPE_A
    assert told["PROTOCOL_MEDIA_CONTACTLESS_TYPE_B"] == Media.CONTACTLESS_TYPE_B
    assert told["PROTOCOL_MEDIA_USB"] == Media.USB
    assert {int(one) for one in Media} == {*range(0, 0x100, 0x10)}
    assert {one.name: int(one) for one in Media if one.name.startswith("RESERVED_")} == {
        f"RESERVED_{digit:X}": digit << 4 for digit in (1, 2, 3, 4, 5, 6, 7, 0xC, 0xD, 0xE, 0xF)
    }


def test_protocols() -> None:
    """T=0 is for contacts alone."""
    api = constants("javacard/framework/APDU")
    assert (api["PROTOCOL_T0"], api["PROTOCOL_T1"]) == (TransmissionProtocol.T0, TransmissionProtocol.T1)
    for protocol in TransmissionProtocol:
        assert protocol_byte(protocol, Media.CONTACT) == int(protocol)
        assert protocol_byte(protocol, Media.USB) == 0xA1


def test_media_by_their_names() -> None:
    assert {name: medium_named(name) for name in MEDIUM_NAMES} == MEDIUM_NAMES
    assert [*MEDIUM_NAMES.values()] == [one for one in Media if not one.name.startswith("RESERVED_")]
