"""Status words that a command may be answered with, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self, TypeAlias

from cardlab.errors import UsageError

Expectation: TypeAlias = int | str | Iterable[int | str]
"""``0x9000``, ``"63Cx"`` (x: any digit), ``"9000,63Cx"``, or several of these."""

_PATTERN = re.compile(r"(?:0[xX])?(?P<digits>(?!0[xX])[0-9A-Fa-fxX]{4})")  # "0x90" is half of one
_HOW = 'write 0x9000, "63Cx" (x stands for any digit), or several: (0x9000, "63Cx")'


@dataclass(frozen=True, slots=True)
class ExpectedStatus:
    """One or more patterns of four hexadecimal digits in capitals, in which x stands for any."""

    patterns: tuple[str, ...]

    @classmethod
    def parse(cls, expected: Expectation) -> Self:
        """What was written; raises UsageError that says what to write."""
        several = _several(expected)
        found = tuple(pattern for one in several for pattern in _patterns(one))
        if not found:
            raise _wrong(expected)
        return cls(found)

    def allows(self, sw: int) -> bool:
        """Whether the status word is one of these."""
        digits = f"{sw:04X}"
        return any(all(mask in ("x", digit) for mask, digit in zip(one, digits, strict=True)) for one in self.patterns)

    def __str__(self) -> str:
        return " or ".join(self.patterns)


def _several(expected: object) -> Iterable[object]:
    if isinstance(expected, Iterable) and not isinstance(expected, str | bytes | bytearray):
        return expected
    return (expected,)


def _patterns(one: object) -> tuple[str, ...]:
    if isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 0xFFFF:
        return (f"{one:04X}",)
    if isinstance(one, str):
        found = [_PATTERN.fullmatch(part.strip()) for part in one.split(",")]
        if all(found):
            return tuple(part["digits"].upper().replace("X", "x") for part in found if part)
    raise _wrong(one)


def _wrong(value: object) -> UsageError:
    shown = f"{value:#x}" if isinstance(value, int) and not isinstance(value, bool) else repr(value)
    return UsageError(f"{shown} is no status word: {_HOW}", hint=_HOW)
