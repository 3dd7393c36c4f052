"""The field trial's own comparison of Options 1 and 2b, and what the models say to each of its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jpki.plans.activation.attempts import ActivationFindings, Power


@dataclass(frozen=True, slots=True)
class Criterion:
    """A line of the comparison: what it says of Option 1 and of 2b."""

    number: int
    name: str
    option_1: str
    option_2b: str


COMPARISON = (
    Criterion(
        1,
        "overview",
        "activated by the administrator's authority; with an application",
        "activated by the user's authority; without an application",
    ),
    Criterion(
        2,
        "complexity of the flow",
        "complex: SCP is indispensable, the public key is exported",
        "simple: no SCP, the public key is not exported",
    ),
    Criterion(
        3,
        "cost of development",
        "relatively high: complex flow, much to test",
        "relatively low: simple flow, little to test",
    ),
    Criterion(
        4,
        "cost of operation",
        "relatively high: applications have to be kept track of",
        "relatively low: there are none",
    ),
    Criterion(
        5,
        "safety",
        "no particular problem: access control by Open Mobile API, protection by SCP",
        "no particular problem: access control by Open Mobile API, protection by the PIN",
    ),
    Criterion(
        6,
        "for the user",
        "relatively poor: the bother of an application, and time (the TSM takes part)",
        "relatively good: no application, no waiting (the phone does it alone)",
    ),
)

Both = Callable[[ActivationFindings, ActivationFindings], bool]

_OUTSIDERS = (  # what a single failure of protection is, beside the user's own PIN and app
    frozenset({Power.PIN}),
    frozenset({Power.PHONE}),
    frozenset({Power.REACH}),
)

CHECKS: Mapping[int, Both] = {
    1: lambda one, two_b: one.kept_by_tsm > 0 == two_b.kept_by_tsm and one.needs_channel and not two_b.needs_channel,
    2: lambda one, two_b: (
        (one.needs_channel, one.exports_key) == (True, True)
        and (two_b.needs_channel, two_b.exports_key) == (False, False)
    ),
    3: lambda one, two_b: len(one.planned) > len(two_b.planned) and len(one.roles) > len(two_b.roles),
    4: lambda one, two_b: one.kept_by_tsm > two_b.kept_by_tsm == 0,
    5: lambda one, two_b: all(found.stops(powers) for found in (one, two_b) for powers in _OUTSIDERS),
    6: lambda one, two_b: one.round_trips > two_b.round_trips == 0,
}


def holds(criterion: Criterion, found: Mapping[str, ActivationFindings]) -> bool:
    """Whether the models bear a line of the comparison out."""
    return CHECKS[criterion.number](found["1"], found["2b"])


# What a line leaves out, by its number.
REMARKS: Mapping[int, str] = {
    5: (
        "Neither is broken by one thing that an outsider may have. Option 1 rests on two things more: whoever gets past"
        " TLS can exchange the public key on its way, for R1 and R2 bind the session and not the key; and whoever has"
        " the TSM's keys can register a key without its user. Under 2b neither gets anywhere."
    ),
    6: "The PIN is typed once under each.",
}
