"""Bounds-checked big-endian reading and writing, shared by the class, export and CAP file formats."""

from __future__ import annotations

from collections.abc import Callable


class Octets:
    """A cursor over bytes; reading past the end raises the error that `fail` makes of a message."""

    def __init__(self, data: bytes, fail: Callable[[str], Exception], what: str) -> None:
        self.data = data
        self.pos = 0
        self._fail = fail
        self._what = what

    def error(self, message: str) -> Exception:
        """The error to raise: `message` with the place in the input."""
        return self._fail(f"{self._what}, offset {self.pos}: {message}")

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.pos

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.pos + count
        if end > len(self.data):
            raise self.error(f"{count} bytes expected, {self.left} left")
        found = self.data[self.pos : end]
        self.pos = end
        return found

    def u1(self) -> int:
        """One unsigned byte."""
        return self.take(1)[0]

    def u2(self) -> int:
        """Two bytes, unsigned."""
        return int.from_bytes(self.take(2), "big")

    def u4(self) -> int:
        """Four bytes, unsigned."""
        return int.from_bytes(self.take(4), "big")

    def s4(self) -> int:
        """Four bytes, two's complement."""
        return int.from_bytes(self.take(4), "big", signed=True)

    def end(self) -> None:
        """Refuse bytes that nothing has read."""
        if self.left:
            raise self.error(f"{self.left} bytes too many")


def u1(value: int) -> bytes:
    """`value` (0 to 255) as one byte."""
    return value.to_bytes(1, "big")


def u2(value: int) -> bytes:
    """`value` (0 to 65535) as two bytes."""
    return value.to_bytes(2, "big")


def u4(value: int) -> bytes:
    """`value` (unsigned) as four bytes."""
    return value.to_bytes(4, "big")
