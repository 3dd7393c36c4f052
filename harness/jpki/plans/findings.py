"""What the exploration of a plan says: whether a temporary PIN ever opens a key, who else may, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, unique

from jpki.plans.card import CommandKind, CommandOutcome, Secret, SymbolicCard, SymbolicCommand
from jpki.plans.explore import Exploration, Transition, explore
from jpki.plans.situation import Ability, Actor, Manner, Move, Situation
from jpki.plans.six import PLANS, Plan

Way = tuple[Transition, ...]

_ORDINARY = {Ability.SET, Ability.HAND_OVER, Ability.NOTIFY_PIN}
_ON_CARD = {Ability.APPLET_PUK, Ability.APPLET_STATES, Ability.APPLET_UNBLOCK}


@unique
class Exposure(Enum):
    """When the temporary PIN opens the key."""

    NEVER = "never"
    MOMENT = "for a moment; after an interruption for as long as it lasts"
    WAITING = "while the user is waited for"


@dataclass(frozen=True, slots=True)
class Findings:
    """One plan, explored. Ways are shortest ones, empty where there is none; the planned way has every step done."""

    plan: Plan
    everything: Exploration
    planned: Way
    exposure: Exposure
    used_under_temporary: Way
    used_by_thief: Way
    mistyped: Way
    kept_by_app: tuple[Secret, ...]
    survives_interruption: bool

    @property
    def typed(self) -> tuple[Secret, ...]:
        """What the user types until the PIN is set."""
        return tuple(secret for step in self.planned for secret in step.move.cost.typed)

    @property
    def told(self) -> tuple[tuple[Secret, str], ...]:
        """Secrets that the TSM sends outside SCP03, and to whom."""
        return tuple(pair for step in self.planned for pair in step.move.cost.told)

    @property
    def functions(self) -> tuple[Ability, ...]:
        """What TSM and applet must be able to do, in the order of first use."""
        return tuple(dict.fromkeys(one for step in self.planned for one in step.move.cost.functions))

    @property
    def tsm_functions(self) -> tuple[Ability, ...]:
        """Those of the TSM."""
        return tuple(one for one in self.functions if one not in _ON_CARD)

    @property
    def applet_functions(self) -> tuple[Ability, ...]:
        """Those of the applet."""
        return tuple(one for one in self.functions if one in _ON_CARD)

    @property
    def additional_functions(self) -> tuple[Ability, ...]:
        """Those beyond a PIN that is set, told, verified and changed."""
        return tuple(one for one in self.functions if one not in _ORDINARY)

    @property
    def apdus(self) -> int:
        """Commands that set the PIN: the TSM's sessions and the local ones, without SELECT."""
        return sum(step.move.cost.apdus for step in self.planned)

    @property
    def round_trips(self) -> int:
        """Between phone and TSM, where one carries a batch of commands."""
        return sum(step.move.cost.round_trips for step in self.planned)


def _used(step: Transition) -> bool:
    return step.move.command == SymbolicCommand(CommandKind.USE) and step.outcome is CommandOutcome.DONE


def _planned(move: Move) -> bool:
    return move.manner is Manner.PLANNED


def planned_way(plan: Plan) -> Way:
    """The shortest way on which everybody does what the plan foresees and the owner's PIN is set; the key is there."""
    ready = Situation(SymbolicCard(key=True))
    way = explore(plan, allowed=_planned, start=(ready,)).first(lambda step: step.after.card.value is Secret.USER)
    if not way:
        raise AssertionError(f"plan {plan.number} never sets a PIN")
    return way


def _exposure(planned: Way, everything: Exploration) -> Exposure:
    if not any(situation.card.opens_with_temporary for situation in everything.situations):
        return Exposure.NEVER
    waiting = any(step.before.card.opens_with_temporary and step.move.actor is Actor.USER for step in planned)
    return Exposure.WAITING if waiting else Exposure.MOMENT


def _survives(plan: Plan, planned: Way) -> bool:
    """Whether the user's PIN can be set after any lost session without another visit of the TSM.

    Asked from the moment on at which the TSM has done its part.
    """
    last = max(at for at, step in enumerate(planned) if step.move.actor is Actor.TSM)
    for step in planned[last:-1]:
        card, _ = plan.rules.answer(step.after.card, SymbolicCommand(CommandKind.POWER))
        lost = replace(step.after.ended(), card=card)
        local = explore(plan, allowed=lambda move: _planned(move) and move.actor is not Actor.TSM, start=(lost,))
        if not local.first(lambda one: one.after.card.value is Secret.USER):
            return False
    return True


def examine(plan: Plan) -> Findings:
    """Explore a plan and say what came of it."""
    everything, planned = explore(plan), planned_way(plan)
    kept = {secret for situation in everything.situations for secret in situation.storage}
    return Findings(
        plan,
        everything,
        planned,
        _exposure(planned, everything),
        everything.first(lambda step: _used(step) and step.before.card.value not in (Secret.USER, Secret.THIEF)),
        everything.first(lambda step: _used(step) and step.move.actor is Actor.THIEF),
        everything.first(lambda step: step.move.actor is Actor.USER and Secret.WRONG in step.move.cost.typed),
        tuple(secret for secret in Secret if secret in kept),
        _survives(plan, planned),
    )


def examine_all() -> tuple[Findings, ...]:
    """All six."""
    return tuple(examine(plan) for plan in PLANS)
