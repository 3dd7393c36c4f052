"""Which mutants are hunted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cardlab.campaign.mutate.mutation import Mutation, Operator
from cardlab.errors import UsageError

_LINES = re.compile(r"(?P<file>[^:]+\.java)(:(?P<first>\d+)(-(?P<last>\d+))?)?")


@dataclass(frozen=True, slots=True)
class Lines:
    """Of one file, from 1; all of them without numbers."""

    file: str
    first: int = 1
    last: int = 1 << 30

    @classmethod
    def parse(cls, text: str) -> Lines:
        """``Pin.java``, ``Pin.java:61``, ``Pin.java:61-70``; raises UsageError."""
        found = _LINES.fullmatch(text)
        if found is None:
            raise UsageError(f"{text!r} names no lines", hint="write Pin.java, Pin.java:61 or Pin.java:61-70")
        if found["first"] is None:
            return cls(found["file"])
        first = int(found["first"])
        return cls(found["file"], first, int(found["last"] or first))

    def has(self, mutation: Mutation) -> bool:
        """Whether the statement that is changed has one of the lines."""
        first, last = mutation.lines
        return self.file == mutation.identity.file and first <= self.last and last >= self.first


@dataclass(frozen=True, slots=True)
class Choices:
    """Lines, operators, how many of those (0: all), and the seed that draws them."""

    lines: tuple[Lines, ...] = ()
    operators: tuple[Operator, ...] = ()
    sample: int = 0
    seed: int = 1

    def of(self, mutations: Sequence[Mutation]) -> list[Mutation]:
        """Those chosen, in their order; UsageError when there is none."""
        found = [one for one in mutations if self._has(one)]
        if not found:
            raise UsageError("there is no such mutant", hint="leave out --lines or --operator, or name others")
        if not self.sample:
            return found
        drawn = {one.identity for one in self.drawn(found)[: self.sample]}
        return [one for one in found if one.identity in drawn]

    def drawn(self, mutations: Sequence[Mutation]) -> list[Mutation]:
        """In the order that the seed draws, whatever else there is: whoever stops early has a sample of all."""
        return sorted(mutations, key=lambda one: sha256(f"{self.seed} {one.identity}".encode()).digest())

    def _has(self, one: Mutation) -> bool:
        in_lines = not self.lines or any(lines.has(one) for lines in self.lines)
        return in_lines and (not self.operators or Operator(one.identity.operator) in self.operators)
