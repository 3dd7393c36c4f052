"""BER-TLV data objects (ISO/IEC 8825-1, as ISO/IEC 7816-4:2020, 6.3 uses them)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class MalformedTlvError(ValueError):
    """Bytes that are not a sequence of whole BER-TLV data objects."""


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: its tag as a number (0x9F70 for a two-byte tag) and its value."""

    tag: int
    value: bytes

    @property
    def constructed(self) -> bool:
        """Whether the value is itself a sequence of data objects (bit 6 of the first tag byte)."""
        first = self.tag >> (8 * (_tag_length(self.tag) - 1))
        return bool(first & 0x20)

    def children(self) -> list[Tlv]:
        """The data objects inside; raises MalformedTlvError when they do not fill the value."""
        return parse(self.value)


def _tag_length(tag: int) -> int:
    return max(1, (tag.bit_length() + 7) // 8)


def encode_length(length: int) -> bytes:
    """The length field in its shortest form (ISO/IEC 7816-4:2020, Table 8)."""
    if length < 0x80:
        return bytes((length,))
    size = (length.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + length.to_bytes(size, "big")


def encode(tag: int, *values: bytes) -> bytes:
    """One data object whose value is the given parts one after the other."""
    value = b"".join(values)
    return tag.to_bytes(_tag_length(tag), "big") + encode_length(len(value)) + value


def iterate(raw: bytes) -> Iterator[Tlv]:
    """The data objects in turn; raises MalformedTlvError where the bytes stop making sense."""
    position = 0
    while position < len(raw):
        tag, position = _read_tag(raw, position)
        length, position = _read_length(raw, position)
        if position + length > len(raw):
            raise MalformedTlvError(f"tag {tag:X} says {length} bytes, {len(raw) - position} are left")
        yield Tlv(tag, raw[position : position + length])
        position += length


def parse(raw: bytes) -> list[Tlv]:
    """All data objects; raises MalformedTlvError when the bytes are not whole data objects."""
    return list(iterate(raw))


def find(raw: bytes, *path: int) -> bytes | None:
    """The value found by walking down the tags of ``path``, or None; raises MalformedTlvError."""
    value = raw
    for tag in path:
        found = next((item.value for item in iterate(value) if item.tag == tag), None)
        if found is None:
            return None
        value = found
    return value


def _read_tag(raw: bytes, position: int) -> tuple[int, int]:
    tag = raw[position]
    position += 1
    if tag & 0x1F != 0x1F:
        return tag, position
    while True:
        if position >= len(raw):
            raise MalformedTlvError("the bytes end inside a tag")
        byte = raw[position]
        tag, position = tag << 8 | byte, position + 1
        if not byte & 0x80:
            return tag, position


def _read_length(raw: bytes, position: int) -> tuple[int, int]:
    if position >= len(raw):
        raise MalformedTlvError("the bytes end before a length")
    first, position = raw[position], position + 1
    if first < 0x80:
        return first, position
    size = first & 0x7F
    if size == 0 or size > 4:
        raise MalformedTlvError(f"length field {first:02X} is not allowed")
    if position + size > len(raw):
        raise MalformedTlvError("the bytes end inside a length")
    return int.from_bytes(raw[position : position + size], "big"), position + size
