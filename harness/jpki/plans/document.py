"""What the original comparison of the six plans claims, held against the exploration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum, unique

from jpki.plans.card import Secret
from jpki.plans.findings import Exposure, Findings
from jpki.plans.situation import Ability


@dataclass(frozen=True, slots=True)
class Marks:
    """Safety (安全性), convenience (利便性) and cost (コスト): ◎ ○ △ ×."""

    safety: str
    convenience: str
    cost: str


DOCUMENT: Mapping[int, Marks] = {
    1: Marks("×", "×", "○"),
    2: Marks("△", "○", "○"),
    3: Marks("◎", "○", "△"),
    4: Marks("◎", "○", "△"),
    5: Marks("×", "○", "○"),
    6: Marks("○", "×", "○"),
}


@unique
class Claim(Enum):
    """Merits and demerits that the comparison gives its plans."""

    TYPES_MORE = "× the user types more than a new PIN"
    TYPES_NEW_PIN_ONLY = "○ the user types a new PIN only"
    USABLE = "×/△ usable under the temporary PIN"
    SHORT = "○ under the temporary PIN for a very short time, if nothing interrupts"
    UNUSABLE = "○ not usable until the user's PIN is set"
    MISTYPED = "× the temporary PIN (or the PUK) can be mistyped"
    NOT_MISTYPED = "○ the temporary PIN (or the PUK) cannot be mistyped"
    TSM_MORE = "△ the SP-TSM needs another function"
    TSM_LIGHT = "○ little for the SP-TSM to do"
    APPLET_MORE = "△ the applet needs another function"
    PIN_KEPT = "× the phone keeps the user's PIN while the applet is issued"
    TOLD = "△ the user must be told a secret"
    KEPT_BY_USER = "△ the user must keep a secret safe"


CLAIMS: Mapping[int, tuple[Claim, ...]] = {
    1: (Claim.TYPES_MORE, Claim.USABLE, Claim.MISTYPED),
    2: (Claim.TYPES_NEW_PIN_ONLY, Claim.USABLE, Claim.NOT_MISTYPED),
    3: (Claim.TYPES_NEW_PIN_ONLY, Claim.UNUSABLE, Claim.NOT_MISTYPED, Claim.TSM_MORE),
    4: (Claim.TYPES_NEW_PIN_ONLY, Claim.UNUSABLE, Claim.NOT_MISTYPED, Claim.TSM_MORE, Claim.APPLET_MORE),
    5: (Claim.TYPES_NEW_PIN_ONLY, Claim.SHORT, Claim.NOT_MISTYPED, Claim.TSM_LIGHT, Claim.PIN_KEPT),
    6: (
        Claim.TYPES_MORE,
        Claim.UNUSABLE,
        Claim.NOT_MISTYPED,
        Claim.TSM_LIGHT,
        Claim.TOLD,
        Claim.KEPT_BY_USER,
    ),
}

_TESTS: Mapping[Claim, Callable[[Findings], bool]] = {
    Claim.TYPES_MORE: lambda found: set(found.typed) != {Secret.USER},
    Claim.TYPES_NEW_PIN_ONLY: lambda found: set(found.typed) == {Secret.USER},
    Claim.USABLE: lambda found: bool(found.used_under_temporary),
    Claim.SHORT: lambda found: found.exposure is Exposure.MOMENT,
    Claim.UNUSABLE: lambda found: not found.used_under_temporary,
    Claim.MISTYPED: lambda found: bool(found.mistyped),
    Claim.NOT_MISTYPED: lambda found: not found.mistyped,
    Claim.TSM_MORE: lambda found: bool({Ability.UNBLOCK, Ability.OPEN} & {*found.functions}),
    Claim.TSM_LIGHT: lambda found: not {Ability.UNBLOCK, Ability.OPEN} & {*found.functions},
    Claim.APPLET_MORE: lambda found: bool(found.applet_functions),
    Claim.PIN_KEPT: lambda found: Secret.USER in found.kept_by_app,
    Claim.TOLD: lambda found: any(whom == "user" for _, whom in found.told),
    Claim.KEPT_BY_USER: lambda found: any(
        situation.card.puk_tries and situation.card.value is Secret.USER for situation in found.everything.situations
    ),
}

# Demerits that count when they hold and the comparison does not mention them.
_DEMERITS = (Claim.TYPES_MORE, Claim.MISTYPED, Claim.TSM_MORE, Claim.APPLET_MORE, Claim.PIN_KEPT, Claim.TOLD)


def holds(claim: Claim, found: Findings) -> bool:
    """Whether the exploration bears a claim out."""
    return _TESTS[claim](found)


def contradicted(found: Findings) -> tuple[Claim, ...]:
    """Claims about a plan that do not hold."""
    return tuple(claim for claim in CLAIMS[found.plan.number] if not holds(claim, found))


def unmentioned(found: Findings) -> tuple[Claim, ...]:
    """Demerits that a plan has and the comparison does not say."""
    said = CLAIMS[found.plan.number]
    opposite = {Claim.MISTYPED: Claim.NOT_MISTYPED}
    return tuple(
        claim for claim in _DEMERITS if holds(claim, found) and claim not in said and opposite.get(claim) not in said
    )


def marks(found: Findings) -> Marks:
    """The marks that follow from the exploration, by one rule for all plans (docs/generated/pin-plans.md)."""
    told_user = any(whom == "user" for _, whom in found.told)
    if Secret.USER in found.kept_by_app or (found.used_under_temporary and told_user):
        safety = "×"
    elif found.used_under_temporary:
        safety = "△"
    else:
        safety = "○" if found.used_by_thief else "◎"
    convenience = "○" if holds(Claim.TYPES_NEW_PIN_ONLY, found) else "×"
    return Marks(safety, convenience, "△" if found.additional_functions else "○")


def differing(found: Findings) -> tuple[tuple[str, str, str], ...]:
    """Which marks differ: name, the original's, the exploration's."""
    theirs, ours = asdict(DOCUMENT[found.plan.number]), asdict(marks(found))
    return tuple((name, theirs[name], ours[name]) for name in theirs if theirs[name] != ours[name])


# Why the exploration differs: by plan, and the name of the mark or claim.
EXPLANATIONS: Mapping[tuple[int, str], str] = {
    (3, "safety"): (
        "Between UNBLOCK and CHANGE the temporary PIN is an ordinary PIN. When the session is lost there, or the"
        " change is never made, it stays one: whoever holds the phone finds it in the app's storage and uses the key."
        " Blocking shortens the exposure to a moment, as plan 5 does; only if nothing interrupts is it none."
    ),
    (6, "cost"): (
        "The applet needs a PUK with tries of its own and a command for it, and the SP-TSM a way to tell users their"
        " PUK, again when it is lost. That is no less than plans 3 and 4 add, which are marked △."
    ),
    (
        3,
        Claim.UNUSABLE.name,
    ): "See safety: the block ends before the change, and a lost session in between leaves it ended.",
    (6, Claim.NOT_MISTYPED.name): (
        "To the letter it holds: the user types no temporary PIN. But the PUK is typed by hand and can be mistyped just"
        " the same; when its tries are used up, only the TSM helps."
    ),
}
