"""What a kind of card can do for a test beside answering commands, and which tests need what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, unique

import pytest

from cardlab.errors import UsageError

MARKER = "needs"


@unique
class Capability(Enum):
    """What not every kind of card has. The value says it in words, for the reason why a test was skipped."""

    BLANK = "nothing on it but its issuer security domain"
    MANY = "several cards at the same time"
    SEEDED = "random numbers that follow from a seed"
    POWER_CUT = "power that fails within a command"
    INTERFACES = "a choice between contact and contactless"
    INSIDE = "a memory that can be looked into"
    EXPENDABLE = "keys and a life cycle that a test may ruin"
    PCSC = "a reader between test and card"


_ALL = frozenset(Capability)
OF_KINDS: Mapping[str, frozenset[Capability]] = {
    "sim": _ALL - {Capability.PCSC},
    "vpcd": _ALL,
    "pcsc": frozenset({Capability.PCSC}),
    "replay": _ALL - {Capability.INSIDE, Capability.PCSC},  # whatever was done to the recorded card
}
"""What the kinds of ``--card`` have. A test that needs more than any of them would run nowhere."""


def needed(item: pytest.Item) -> frozenset[Capability]:
    """What a test's ``needs`` markers name, by member or by its name in small letters; raises UsageError."""
    return frozenset(_capability(one, item) for marker in item.iter_markers(MARKER) for one in marker.args)


def describe(capabilities: Iterable[Capability]) -> str:
    """Several capabilities in words, in the order of the enumeration."""
    wanted = set(capabilities)
    return "; ".join(one.value for one in Capability if one in wanted)


def available_anywhere(capabilities: frozenset[Capability]) -> bool:
    """Whether some kind of card has all of these."""
    return any(capabilities <= has for has in OF_KINDS.values())


def _capability(value: object, item: pytest.Item) -> Capability:
    if isinstance(value, Capability):
        return value
    if isinstance(value, str) and value.upper() in Capability.__members__:
        return Capability[value.upper()]
    raise UsageError(
        f"{item.nodeid}: {MARKER}({value!r}) is no capability of a card",
        hint=f"there are {', '.join(name.lower() for name in Capability.__members__)}",
    )
