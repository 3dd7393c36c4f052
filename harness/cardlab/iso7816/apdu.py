"""Command and response APDUs as immutable values (ISO/IEC 7816-4:2020, 5.1 and 5.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

SHORT_MAX_DATA = 255
SHORT_MAX_LE = 256
EXTENDED_MAX_DATA = 65535
EXTENDED_MAX_LE = 65536

_Header = tuple[int, int, int, int]


class MalformedApduError(ValueError):
    """Bytes that are none of the four cases of ISO/IEC 7816-3:2006, 12.1."""


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command: four header bytes, at most 65,535 data bytes, and the length expected back.

    ``le`` is the number of response bytes expected: None for none, 256 (short) or 65,536 (extended) for "all there is".
    The extended form is used as soon as data or ``le`` need it, or when ``extended`` says so.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        if (self.cla | self.ins | self.p1 | self.p2) & ~0xFF:  # one test for all four: this is done for every command
            names = ("cla", "ins", "p1", "p2")
            name, value = next((one, getattr(self, one)) for one in names if getattr(self, one) & ~0xFF)
            raise MalformedApduError(f"{name} is {value}, it must fit in one byte")
        if len(self.data) > EXTENDED_MAX_DATA:
            raise MalformedApduError(f"{len(self.data)} data bytes, a command holds at most {EXTENDED_MAX_DATA}")
        if self.le is not None and not 1 <= self.le <= EXTENDED_MAX_LE:
            raise MalformedApduError(f"Le {self.le} is not between 1 and {EXTENDED_MAX_LE}")

    @property
    def header(self) -> bytes:
        """CLA, INS, P1, P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def is_extended(self) -> bool:
        """Whether the length fields take their three- or two-byte form."""
        return self.extended or len(self.data) > SHORT_MAX_DATA or (self.le or 0) > SHORT_MAX_LE

    def to_bytes(self) -> bytes:
        """The bytes on the wire."""
        if self.is_extended:
            return self._to_extended_bytes()
        body = bytes((len(self.data),)) + self.data if self.data else b""
        return self.header + body + (b"" if self.le is None else bytes((self.le & 0xFF,)))

    def _to_extended_bytes(self) -> bytes:
        if not self.data and self.le is None:
            return self.header
        body = b"\x00" + (len(self.data).to_bytes(2, "big") + self.data if self.data else b"")
        return self.header + body + (b"" if self.le is None else (self.le & 0xFFFF).to_bytes(2, "big"))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse a short or extended command; raises MalformedApduError when the lengths do not add up."""
        if len(raw) < 4:
            raise MalformedApduError(f"{len(raw)} bytes, a command has at least 4")
        header, body = (raw[0], raw[1], raw[2], raw[3]), raw[4:]
        if not body:
            return cls(*header)
        if len(body) == 1:
            return cls(*header, le=body[0] or SHORT_MAX_LE)
        if body[0]:
            return cls._with_short_data(header, body)
        return cls._with_extended_body(header, body)

    @classmethod
    def _with_short_data(cls, header: _Header, body: bytes) -> Self:
        lc, rest = body[0], body[1:]
        if len(rest) == lc:
            return cls(*header, data=rest)
        if len(rest) == lc + 1:
            return cls(*header, data=rest[:lc], le=rest[lc] or SHORT_MAX_LE)
        raise MalformedApduError(f"Lc is {lc}, but {len(rest)} bytes follow")

    @classmethod
    def _with_extended_body(cls, header: _Header, body: bytes) -> Self:
        if len(body) < 3:
            raise MalformedApduError("an extended length field has three bytes")
        length, rest = int.from_bytes(body[1:3], "big"), body[3:]
        if not rest:
            return cls(*header, le=length or EXTENDED_MAX_LE, extended=True)
        if length and len(rest) == length:
            return cls(*header, data=rest, extended=True)
        if length and len(rest) == length + 2:
            le = int.from_bytes(rest[length:], "big") or EXTENDED_MAX_LE
            return cls(*header, data=rest[:length], le=le, extended=True)
        raise MalformedApduError(f"extended Lc is {length}, but {len(rest)} bytes follow")

    def with_data(self, data: bytes) -> Self:
        """The same command with other data."""
        return replace(self, data=data)


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """A response: data and the two status bytes as one number."""

    data: bytes
    sw: int

    @property
    def ok(self) -> bool:
        """Whether the status word is 9000."""
        return self.sw == 0x9000

    def to_bytes(self) -> bytes:
        """The bytes on the wire."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse a response; raises MalformedApduError when it is shorter than its two status bytes."""
        if len(raw) < 2:
            raise MalformedApduError(f"{len(raw)} bytes, a response has at least 2")
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))
