"""Reading the length-value chains and data objects that card content management commands carry."""

from __future__ import annotations

from cardlab.card.manager.refusal import Refusal
from cardlab.iso7816 import aid, tlv
from cardlab.iso7816.status import SW


class FieldReader:
    """Takes length-value fields from the front of some bytes; refuses with 6A80 when they do not add up."""

    def __init__(self, raw: bytes) -> None:
        self._rest = raw

    @property
    def empty(self) -> bool:
        """Whether everything was taken."""
        return not self._rest

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count > len(self._rest):
            raise Refusal(SW.WRONG_DATA, f"a field of {count} bytes, {len(self._rest)} are left")
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def field(self) -> bytes:
        """A field after a length of one byte."""
        return self.take(self.take(1)[0])

    def long_field(self) -> bytes:
        """A field after a length of one to three bytes; 80 is the length 128 (GPCS 11.5.2.3.1)."""
        first = self.take(1)[0]
        if first <= 0x80:
            return self.take(first)
        if first not in (0x81, 0x82):
            raise Refusal(SW.WRONG_DATA, f"length field {first:02X}")
        return self.take(int.from_bytes(self.take(first & 0x7F), "big"))

    def aid(self) -> bytes:
        """An AID."""
        return check_aid(self.field())

    def optional_aid(self) -> bytes:
        """An AID, or nothing."""
        value = self.field()
        return check_aid(value) if value else b""

    def nothing(self) -> None:
        """A field that this form of the command leaves empty."""
        if self.field():
            raise Refusal(SW.WRONG_DATA, "a field that must be empty is not")

    def token(self) -> None:
        """The token at the end: none, for this card verifies none. Some hosts leave its length out as well."""
        if not self.empty and self.long_field():
            raise Refusal(SW.WRONG_DATA, "a token, but no security domain here has the privilege to verify one")
        self.end()

    def end(self) -> None:
        """Nothing may follow."""
        if self._rest:
            raise Refusal(SW.WRONG_DATA, f"{len(self._rest)} bytes after the last field")


def check_aid(value: bytes) -> bytes:
    """The value when its length is that of an AID."""
    if not aid.is_aid(value):
        raise Refusal(SW.WRONG_DATA, f"an AID of {len(value)} bytes")
    return value


def objects(raw: bytes, *, allowed: frozenset[int] | None = None) -> dict[int, bytes]:
    """BER-TLV data objects by tag, each at most once, and only those allowed; 6A80 otherwise."""
    found: dict[int, bytes] = {}
    for item in tlv.parse(raw):
        if item.tag in found:
            raise Refusal(SW.WRONG_DATA, f"tag {item.tag:X} comes twice")
        if allowed is not None and item.tag not in allowed:
            raise Refusal(SW.WRONG_DATA, f"tag {item.tag:X} is not known here")
        found[item.tag] = item.value
    return found
