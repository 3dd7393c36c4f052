"""The answer to reset in words (ISO/IEC 7816-3:2006, 8.2), and what PC/SC makes of contactless cards (PC/SC part 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Self

_DIRECT, _INVERSE = 0x3B, 0x3F
_CONTACTLESS = bytes((0x80, 0x01))  # TD1: T=0 and TD2 follows; TD2: T=1, nothing follows
_CATEGORY_TLV = 0x80
_STORAGE_CARD = bytes.fromhex("804F")  # PC/SC part 3, 3.1.3.2.3.2
_HISTORICAL_MAX = 15


class MalformedAtrError(ValueError):
    """Bytes that are no answer to reset."""


@dataclass(frozen=True, slots=True)
class Atr:
    """An answer to reset, parsed. ``interface`` has the interface bytes by name, TA1 and so on, in their order."""

    raw: bytes
    interface: dict[str, int]
    protocols: tuple[int, ...]
    historical: bytes
    check_byte: int | None

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Raises MalformedAtrError, which says what is wrong."""
        if len(raw) < 2 or raw[0] not in (_DIRECT, _INVERSE):
            raise MalformedAtrError("it does not begin with 3B or 3F and a format byte")
        interface: dict[str, int] = {}
        protocols: list[int] = []
        present, position, group = raw[1] >> 4, 2, 1
        while present:
            for bit, letter in enumerate("ABCD"):
                if present >> bit & 1:
                    if position >= len(raw):
                        raise MalformedAtrError(f"it ends before T{letter}{group}")
                    interface[f"T{letter}{group}"] = raw[position]
                    position += 1
            following = interface.get(f"TD{group}")
            present = 0 if following is None else following >> 4
            if following is not None and following & 0xF not in protocols:
                protocols.append(following & 0xF)
            group += 1
        end = position + (raw[1] & 0xF)
        checked = any(protocol != 0 for protocol in protocols)  # 8.2.5: TCK is there unless T=0 is all
        if len(raw) != end + checked:
            raise MalformedAtrError(f"it has {len(raw)} bytes, its format byte says {end + checked}")
        if checked and reduce(xor, raw[1:]):
            raise MalformedAtrError(f"its check byte {raw[-1]:02X} is wrong")
        used = tuple(protocol for protocol in protocols if protocol != 15) or (0,)
        return cls(raw, interface, used, raw[position:end], raw[-1] if checked else None)

    @property
    def is_contactless(self) -> bool:
        """Whether a reader made it for a card without contacts."""
        return self.raw[0] == _DIRECT and self.raw[2:4] == _CONTACTLESS and len(self.interface) == 2

    def words(self) -> Iterator[str]:
        """What it says, a line each."""
        yield "direct convention" if self.raw[0] == _DIRECT else "inverse convention"
        yield f"protocols {', '.join(f'T={number}' for number in self.protocols)}"
        if self.is_contactless:
            yield "made by a reader for a contactless card (PC/SC part 3)"
        if "TA1" in self.interface:
            yield f"TA1 {self.interface['TA1']:02X}: fastest clock and bit rate"
        if self.interface.get("TA2") is not None:
            yield f"TA2 {self.interface['TA2']:02X}: specific mode"
        rest = " ".join(f"{name} {value:02X}" for name, value in self.interface.items() if name not in ("TA1", "TA2"))
        if rest:
            yield f"interface bytes {rest}"
        yield from self._historical()
        if self.check_byte is not None:
            yield f"check byte {self.check_byte:02X}, right"

    def _historical(self) -> Iterator[str]:
        raw = self.historical
        if not raw:
            yield "no historical bytes"
            return
        text = raw.decode("ascii", errors="replace")
        yield f"historical bytes {raw.hex().upper()}" + (f' "{text}"' if text.isprintable() and text.isascii() else "")
        if raw.startswith(_STORAGE_CARD):
            yield "a storage card, no APDUs"
        elif raw[0] == _CATEGORY_TLV:
            yield from _compact(raw[1:])


def _compact(raw: bytes) -> Iterator[str]:
    """COMPACT-TLV objects (ISO/IEC 7816-4:2020, 12.1.1.2), those that say what a card can do."""
    names = {0x3: "card service data", 0x4: "initial access data", 0x5: "issuer's data", 0x6: "pre-issuing data",
             0x7: "card capabilities", 0x8: "status"}  # fmt: skip
    position = 0
    while position < len(raw):
        tag, length = raw[position] >> 4, raw[position] & 0xF
        value = raw[position + 1 : position + 1 + length]
        if len(value) < length:
            return
        yield f"  {names.get(tag, f'object {tag:X}')}: {value.hex().upper()}"
        if tag == 0x7 and length == 3:  # Table 119: third software function table
            can = [word for bit, word in ((0x80, "command chaining"), (0x40, "extended lengths")) if value[2] & bit]
            yield f"  it has {' and '.join(can) or 'neither command chaining nor extended lengths'}"
        position += 1 + length


def type_a_atr(historical: bytes) -> bytes:
    """What a reader answers for a type A card: the historical bytes of its ATS (PC/SC part 3, 3.1.3.2.3.1)."""
    return _contactless(historical[:_HISTORICAL_MAX])


def type_b_atr(application_data: bytes, protocol_info: bytes, mbli: int = 0) -> bytes:
    """What a reader answers for a type B card: four bytes and three of its ATQB, and MBLI of its ATTRIB answer."""
    if len(application_data) != 4 or len(protocol_info) != 3 or not 0 <= mbli <= 0xF:
        raise ValueError("a type B card has 4 bytes of application data, 3 of protocol information, MBLI 0 to 15")
    return _contactless(application_data + protocol_info + bytes((mbli << 4,)))


def _contactless(historical: bytes) -> bytes:
    body = bytes((0x80 | len(historical), *_CONTACTLESS)) + historical
    return bytes((_DIRECT, *body, reduce(xor, body)))
