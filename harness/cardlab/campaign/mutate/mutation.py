"""One change of the sources, as it is found, chosen, told and recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256
from typing import NamedTuple

_AROUND = 60  # characters that are shown before and behind a change in a long statement
_MORE = " … "


@unique
class Operator(StrEnum):
    """What is done to sources (Java: cardlab.mutate.Operator)."""

    CONDITION = "condition"  # negated, or a ! dropped
    OPERAND = "operand"  # of && and || one dropped, or the other connective
    COMPARISON = "comparison"  # < <= > >= == != replaced by one another
    CONSTANT = "constant"  # one more, one less, 0, another bit; true and false
    ARITHMETIC = "arithmetic"  # of numbers and bits, ++ and --, signs
    CALL = "call"  # not made; where its value is used: 0, null, true or false
    STATEMENT = "statement"  # left out, a block emptied
    ORDER = "order"  # of two neighbouring statements
    TRANSACTION = "transaction"  # none, one of its ends left out, a statement moved out of it
    RETURN = "return"  # another value


class Identity(NamedTuple):
    """What tells a mutant from others and outlives other edits of its file: no line numbers.

    ``original`` and ``mutated`` are the statement, or what is around the change in a long one, white space folded.
    ``number`` counts from 1 where all the rest is equal.
    """

    file: str
    member: str
    operator: str
    original: str
    mutated: str
    number: int = 1

    def __str__(self) -> str:
        count = f" ({self.number})" if self.number > 1 else ""
        return f"{self.file} {self.member}, {self.operator}{count}: {self.original}  ->  {self.mutated or '(nothing)'}"


class Edit(NamedTuple):
    """Characters of a file from ``start`` to before ``end`` become ``text``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change; ``path`` is the file's, ``lines`` are those of its statement, from 1.

    ``places`` are other lines whose code it changes: those where a constant is used.
    """

    identity: Identity
    path: str
    edits: tuple[Edit, ...]
    lines: tuple[int, int]
    places: tuple[tuple[str, int], ...] = ()
    in_field: bool = False

    @property
    def where(self) -> str:
        """``Pin.java:61``."""
        return f"{self.identity.file}:{self.lines[0]}"

    def applied(self, text: str) -> str:
        """The file's text, changed."""
        for edit in reversed(self.edits):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


class Shown(NamedTuple):
    """A change as people see it."""

    original: str
    mutated: str


def shown(text: str, start: int, end: int, edits: Iterable[Edit]) -> Shown:
    """The range of a text before and after, white space folded; around what changes in a long one."""
    original, mutated = text[start:end], text[start:end]
    for edit in sorted(edits, reverse=True):
        mutated = mutated[: edit.start - start] + edit.text + mutated[edit.end - start :]
    return _cut(" ".join(original.split()), " ".join(mutated.split()))


def _cut(original: str, mutated: str) -> Shown:
    same = next((at for at, (a, b) in enumerate(zip(original, mutated, strict=False)) if a != b), len(mutated))
    end = 0
    while end < min(len(original), len(mutated)) - same and original[-1 - end] == mutated[-1 - end]:
        end += 1
    first, last = max(0, same - _AROUND), max(0, end - _AROUND)
    if first + last <= 2 * len(_MORE):
        return Shown(_folded(original), _folded(mutated))
    return Shown(_part(original, first, last), _part(mutated, first, last))


def _part(text: str, first: int, last: int) -> str:
    before, behind = _MORE.lstrip() if first else "", _MORE.rstrip() if last else ""
    return _folded(before + text[first : len(text) - last] + behind)


def _folded(text: str) -> str:
    """A text that is still long: its ends, and a digest of all."""
    if len(text) <= 4 * _AROUND:
        return text
    digest = sha256(text.encode()).hexdigest()[:8]
    return f"{text[: 2 * _AROUND]}{_MORE}[{digest}]{_MORE}{text[-_AROUND:]}"


def numbered(identities: Iterable[Identity]) -> list[Identity]:
    """With numbers where others are equal."""
    seen: dict[Identity, int] = {}
    found = []
    for one in identities:
        seen[one] = seen.get(one, 0) + 1
        found.append(one._replace(number=seen[one]))
    return found


Texts = Mapping[str, str]
"""Files by path, and their texts."""
