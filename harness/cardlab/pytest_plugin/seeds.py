"""Where a card's seed comes from: the name of the test, or ``--card-seed``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cardlab.errors import UsageError

_BYTES = 8
_RANGE = 1 << (8 * _BYTES)


@dataclass(frozen=True, slots=True)
class Seeds:
    """Gives every card of every test its seed. ``fixed`` is that of ``--card-seed``."""

    fixed: int | None = None
    salt: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From the option's value: hexadecimal digits, ``random`` for others in every run, or nothing.

        Raises UsageError.
        """
        if not text:
            return cls()
        if text == "random":
            return cls(salt=os.urandom(_BYTES))
        try:
            fixed = int(text, 16)
        except ValueError:
            fixed = -1
        if not 0 <= fixed < _RANGE:
            raise UsageError(
                f"--card-seed {text} is no seed",
                hint=f"give up to {2 * _BYTES} hexadecimal digits, as the report of a failure shows them, or `random`",
            )
        return cls(fixed)

    def seed(self, test: str, number: int) -> int:
        """The seed of a test's card; ``number`` tells cards apart that are open at the same time."""
        first = self.fixed
        if first is None:
            first = int.from_bytes(sha256(self.salt + test.encode()).digest()[:_BYTES], "big")
        return (first + number) % _RANGE


def show(seed: int) -> str:
    """A seed as ``--card-seed`` takes it."""
    return f"{seed:0{2 * _BYTES}x}"
