"""Method component and RefLocation component (JCVM 3.0.4, 6.10 and 6.12)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import FAR, HANDLER_SIZE, STOP_BIT, MethodFlag
from cardlab.cap.errors import CapError
from cardlab.classfile.octets import Octets, u1, u2


@dataclass(frozen=True)
class HandlerInfo:
    """exception_handler_info (6.10.1); offsets in the component's info."""

    start: int
    length: int
    stop: bool
    target: int
    catch_type: int


@dataclass(frozen=True)
class Methods:
    """Method component (6.10): handlers, and all the bytes of the info, in which methods are found by offset."""

    handlers: tuple[HandlerInfo, ...]
    info: bytes

    @staticmethod
    def read(d: Octets) -> Methods:
        handlers = []
        for _ in range(d.u1()):
            start, bits, target, catch_type = d.u2(), d.u2(), d.u2(), d.u2()
            handlers.append(HandlerInfo(start, bits & ~STOP_BIT, bool(bits & STOP_BIT), target, catch_type))
        d.pos = len(d.data)
        return Methods(tuple(handlers), d.data)

    @property
    def start(self) -> int:
        """The offset of the first method."""
        return 1 + HANDLER_SIZE * len(self.handlers)

    def encode(self) -> bytes:
        rows = [
            u2(h.start) + u2(h.length | (STOP_BIT if h.stop else 0)) + u2(h.target) + u2(h.catch_type)
            for h in self.handlers
        ]
        return u1(len(rows)) + b"".join(rows) + self.info[self.start :]


@dataclass(frozen=True)
class MethodHeader:
    """method_header_info (6.10.2)."""

    flags: MethodFlag
    max_stack: int
    arguments: int
    max_locals: int
    size: int

    @property
    def is_abstract(self) -> bool:
        """Whether the header is all there is."""
        return MethodFlag.ABSTRACT in self.flags

    @staticmethod
    def read(info: bytes, offset: int) -> MethodHeader:
        raw = info[offset : offset + 4]
        if len(raw) < 2 or (raw[0] & MethodFlag.EXTENDED and len(raw) < 4):
            raise CapError(f"Method component: no method header at {offset}")
        flags = MethodFlag(raw[0] & 0xF0)
        if MethodFlag.EXTENDED in flags:
            return MethodHeader(flags, raw[1], raw[2], raw[3], 4)
        return MethodHeader(flags, raw[0] & 0xF, raw[1] >> 4, raw[1] & 0xF, 2)


@dataclass(frozen=True)
class ReferenceLocations:
    """RefLocation component (6.12): the distances as read; `places` adds them up."""

    one_byte: bytes
    two_byte: bytes

    @staticmethod
    def read(d: Octets) -> ReferenceLocations:
        one = d.take(d.u2())
        return ReferenceLocations(one, d.take(d.u2()))

    def encode(self) -> bytes:
        return u2(len(self.one_byte)) + self.one_byte + u2(len(self.two_byte)) + self.two_byte

    @staticmethod
    def places(distances: bytes) -> tuple[int, ...]:
        """Offsets in the Method component's info."""
        out, at = [], 0
        for d in distances:
            at += d
            if d != FAR:
                out.append(at)
        return tuple(out)
