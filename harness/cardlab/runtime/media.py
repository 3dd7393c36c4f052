"""How a card is reached: transmission protocol and medium, which are two things (ISO/IEC 7816-3, Java Card API)."""

from __future__ import annotations

from enum import IntEnum, unique

from cardlab.errors import UsageError


@unique
class TransmissionProtocol(IntEnum):
    """APDU.PROTOCOL_T0 and PROTOCOL_T1: bits 4 to 1 of APDU.getProtocol() (Java Card API 3.0.5).

    Contactless media have ISO/IEC 14443-4 below them, which the API counts as T=1.
    """

    T0 = 0x00
    T1 = 0x01


@unique
class Media(IntEnum):
    """APDU.PROTOCOL_MEDIA_*: bits 8 to 5 of APDU.getProtocol() (Java Card API 3.0.5, javacard.framework.APDU).

    The API gives no meaning to the reserved ones, but an applet may meet them on a card with an API of its own, or a
    newer one.
    """

    CONTACT = 0x00  # PROTOCOL_MEDIA_DEFAULT
    CONTACTLESS_TYPE_A = 0x80
    CONTACTLESS_TYPE_B = 0x90
    USB = 0xA0
    HCI_OR_TYPE_F = 0xB0  # PROTOCOL_MEDIA_HCI_APDU_GATE and PROTOCOL_MEDIA_CONTACTLESS_TYPE_F are one value
    RESERVED_1 = 0x10
    RESERVED_2 = 0x20
    RESERVED_3 = 0x30
    RESERVED_4 = 0x40
    RESERVED_5 = 0x50
    RESERVED_6 = 0x60
    RESERVED_7 = 0x70
    RESERVED_C = 0xC0
    RESERVED_D = 0xD0
    RESERVED_E = 0xE0
    RESERVED_F = 0xF0


def protocol_byte(protocol: TransmissionProtocol, medium: Media) -> int:
    """What APDU.getProtocol() returns. T=0 is for contacts alone; every other medium counts as T=1."""
    return medium | (protocol if medium is Media.CONTACT else TransmissionProtocol.T1)


MEDIUM_NAMES = {
    "contact": Media.CONTACT,
    "type-a": Media.CONTACTLESS_TYPE_A,
    "type-b": Media.CONTACTLESS_TYPE_B,
    "usb": Media.USB,
    "hci": Media.HCI_OR_TYPE_F,
}
"""As people write them."""


def medium_named(name: str) -> Media:
    """The medium of this name; raises UsageError."""
    if name not in MEDIUM_NAMES:
        raise UsageError(f"there is no medium {name}", hint=f"known: {', '.join(MEDIUM_NAMES)}")
    return MEDIUM_NAMES[name]
