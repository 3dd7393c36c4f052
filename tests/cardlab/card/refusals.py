"""A refusal is compared with its reason: a dozen rules of the card manager share a status word.

assert session.delete(PACKAGE) == refused(0x6985, "it has applications")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

SHARED = frozenset(
    (0x6700, 0x6881, 0x6882, 0x6982, 0x6985, 0x6A80, 0x6A81, 0x6A84, 0x6A86, 0x6A88, 0x6E00),
)
"""Status words that several rules answer with: each needs its reason."""


class Status(int):
    """A status word, and why the card answers it (``explain()``); the reason is empty where it does not say."""

    reason: str

    def __new__(cls, sw: int, reason: str = "") -> Self:
        made = super().__new__(cls, sw)
        made.reason = reason
        return made

    def __eq__(self, other: object) -> bool:
        """Two are the same if their reasons are; AssertionError when a shared status word would pass without one."""
        if isinstance(other, Refused):
            return other == self
        same = int.__eq__(self, other) if isinstance(other, int) else False
        if isinstance(other, Status):
            return same and (int(self) not in SHARED or self.reason == other.reason)
        if same and int(self) in SHARED:
            raise AssertionError(f"{self!r} has many reasons: compare it with refused(0x{self:04X}, '...')")
        return same

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __repr__(self) -> str:
        return f"{int(self):04X} ({self.reason})" if self.reason else f"{int(self):04X}"


@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """What a test expects: the status word, and words of the reason; no words: none may be there."""

    sw: int
    reason: str

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Status) or int(other) != self.sw:
            return False
        return self.reason in other.reason if self.reason else not other.reason

    def __hash__(self) -> int:
        return hash(self.sw)

    def __repr__(self) -> str:
        return f"{self.sw:04X} ({self.reason})"


def refused(sw: int, reason: str) -> Refused:
    """A status word and words of the reason."""
    assert reason, "without words it would be any reason"
    return Refused(sw, reason)


def thrown(sw: int) -> Refused:
    """A status word that an applet throws: the card has no words for it."""
    return Refused(sw, "")
