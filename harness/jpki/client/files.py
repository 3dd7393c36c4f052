"""The contents of the applet's two small files."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Self

from cardlab.errors import CardError
from jpki.client.constants import Slot

_TOKEN_LAYOUT = struct.Struct(">32s32s16s16s11I2s2s16s")
_PRESENT = 0x8F


@dataclass(frozen=True, slots=True)
class TokenInformation:
    """EF 0006: a PKCS #11 CK_TOKEN_INFO record of 160 bytes, its words big-endian."""

    label: str
    manufacturer: str
    model: str
    serial_number: str
    flags: int
    max_pin_length: int
    min_pin_length: int
    hardware_version: str
    firmware_version: str

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse the record; raises CardError when it is not 160 bytes of it."""
        if len(raw) != _TOKEN_LAYOUT.size:
            raise CardError(f"EF 0006 holds {len(raw)} bytes, a token information record has {_TOKEN_LAYOUT.size}")
        label, manufacturer, model, serial, *words, hardware, firmware, _ = _TOKEN_LAYOUT.unpack(raw)
        return cls(
            label=_text(label),
            manufacturer=_text(manufacturer),
            model=_text(model),
            serial_number=_text(serial),
            flags=words[0],
            max_pin_length=words[5],
            min_pin_length=words[6],
            hardware_version=_text(hardware),
            firmware_version=_text(firmware),
        )


def _text(field: bytes) -> str:
    return field.decode("ascii", errors="replace").rstrip(" ")


def parse_presence(raw: bytes) -> frozenset[Slot]:
    """EF 0008: the slots that hold a certificate; raises CardError when it is not three bytes of 8F and 00."""
    if len(raw) != 3 or any(byte not in (0, _PRESENT) for byte in raw[:2]):
        raise CardError(f"EF 0008 holds {raw.hex()}, expected two bytes of 8F or 00, and one more")
    slots = (Slot.SIGNING, Slot.AUTHENTICATION)
    return frozenset(slot for slot, byte in zip(slots, raw, strict=False) if byte == _PRESENT)
