"""The element's side of an option: which commands it takes in which state. The same rules as the steps' ``needs``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, unique

from jpki.plans.activation.attempts import Whose
from jpki.plans.activation.steps import ActivationOption, Fact


@unique
class ElementCommandKind(Enum):
    """What reaches the element. ``REGISTER_BY_TSM`` comes through SCP03, in a session of its own; POWER is a reset."""

    VERIFY = "VERIFY, right"
    MISTYPE = "VERIFY, wrong"
    REGISTER = "REGISTER DEVICE KEY"
    REGISTER_BY_TSM = "REGISTER DEVICE KEY, over SCP03"
    REMOVE = "REMOVE DEVICE KEY"
    USE = "sign with a proof"
    POWER = "reset"


@dataclass(frozen=True, slots=True)
class ElementCommand:
    """A command, and the key it is about."""

    kind: ElementCommandKind
    whose: Whose | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """What it remembers: the PIN verified in this session, and the registered key."""

    verified: bool = False
    registered: Whose | None = None


def answer(option: ActivationOption, now: Element, command: ElementCommand) -> tuple[Element, bool]:
    """The element after a command, and whether it was done; one that was not changes nothing but a wrong PIN does."""
    match command.kind:
        case ElementCommandKind.VERIFY:
            return replace(now, verified=True), True
        case ElementCommandKind.MISTYPE:
            return replace(now, verified=False), False
        case ElementCommandKind.REGISTER:
            done = now.verified and Fact.VERIFIED in option.register.needs
            return (replace(now, registered=command.whose), True) if done else (now, False)
        case ElementCommandKind.REGISTER_BY_TSM:
            ended = replace(now, verified=False)  # the TSM's session begins with a reset
            done = Fact.CHANNEL in option.register.needs
            return (replace(ended, registered=command.whose), True) if done else (ended, False)
        case ElementCommandKind.REMOVE:
            done = now.verified and now.registered is not None
            return (replace(now, registered=None), True) if done else (now, False)
        case ElementCommandKind.USE:
            return now, command.whose is not None and command.whose is now.registered
        case ElementCommandKind.POWER:
            return replace(now, verified=False), True
