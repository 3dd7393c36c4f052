"""What a kind of card can do for a test beside answering commands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, unique


@unique
class Capability(Enum):
    """What not every kind of card has. The value says it in words, for the reason why a test was skipped."""

    BLANK = "nothing on it but its issuer security domain"
    MANY = "several cards at the same time"
    SEEDED = "random numbers that follow from a seed"
    POWER_CUT = "power that fails within a command"
    INTERFACES = "a choice between contact and contactless"
    INSIDE = "a memory that can be looked into"
    FORK = "a copy of itself, as it is at this moment"
    COST = "a count of what commands cost it"
    EXPENDABLE = "keys and a life cycle that a test may ruin"
    PCSC = "a reader between test and card"


ALL_CAPABILITIES = frozenset(Capability)
OF_SIMULATED_CARDS = ALL_CAPABILITIES - {Capability.PCSC}
OF_REAL_CARDS = frozenset({Capability.PCSC})


def describe(capabilities: Iterable[Capability]) -> str:
    """Several capabilities in words, in the order of the enumeration."""
    wanted = set(capabilities)
    return "; ".join(one.value for one in Capability if one in wanted)
