"""The six plans: what the TSM sets when, who is told, who types it in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from jpki.plans.card import (
    BlockedPin,
    CommandKind,
    CommandOutcome,
    OrdinaryPin,
    PinPhase,
    PukPin,
    Secret,
    SpecialStates,
    SymbolicCommand,
)
from jpki.plans.situation import (
    NOTHING,
    SESSION,
    Ability,
    Actor,
    Cost,
    Effect,
    Manner,
    Move,
    Situation,
    Step,
    accidents,
    personalisation,
    thefts,
    user_typed,
    uses,
)

TEMPORARY, USER, PUK, WRONG = Secret.TEMPORARY, Secret.USER, Secret.PUK, Secret.WRONG
SET_TEMPORARY = SymbolicCommand(CommandKind.SET, TEMPORARY)
VERIFY_TEMPORARY = SymbolicCommand(CommandKind.VERIFY, TEMPORARY)
CHANGE_TO_USERS = SymbolicCommand(CommandKind.CHANGE, new=USER)
_TYPES_NEW = "types a new PIN"
_HANDED = Cost(told=((TEMPORARY, "app"),), functions=(Ability.HAND_OVER,))  # with an answer that goes there anyway


@dataclass(frozen=True, slots=True)
class Plan(ABC):
    """One plan. ``steps`` is its transition relation; subclasses say what is special in ``moves``."""

    number: ClassVar[int]
    title: ClassVar[str]
    rules: OrdinaryPin = field(default=OrdinaryPin())

    @abstractmethod
    def moves(self, now: Situation) -> Iterator[Move]:
        """What user, app and TSM may do to set the PIN; only asked while the user has the phone."""

    def steps(self, now: Situation) -> Iterator[Step]:
        """Every move that somebody can make now, and what comes of it."""
        for move in self._all_moves(now):
            card, outcome = (now.card, CommandOutcome.DONE)
            if move.command is not None:
                card, outcome = self.rules.answer(now.card, move.command)
            yield move, self._after(replace(now, card=card), move, outcome), outcome

    def _all_moves(self, now: Situation) -> Iterator[Move]:
        if not now.stolen:
            yield from self.moves(now)
            yield from uses(now)
            yield from personalisation(now)
        yield from accidents(now)
        yield from thefts(now)

    def _after(self, now: Situation, move: Move, outcome: CommandOutcome) -> Situation:
        """What everybody knows after a move."""
        match move.effect:
            case Effect.TYPED:
                return self.typed(now)
            case Effect.HANDED:
                return self.handed(now)
            case Effect.TOLD:
                return replace(now, told=now.told | {secret for secret, _ in move.cost.told})
            case Effect.READ_MAIL:
                return replace(now, thief=now.thief | now.told)
            case Effect.READ_STORAGE:
                return replace(now, thief=now.thief | now.storage)
            case Effect.SET if outcome is CommandOutcome.DONE:
                return replace(now, memory=NOTHING, storage=NOTHING)
            case Effect.RENEWED:
                return Situation(now.card)
            case Effect.ENDED:
                return now.ended(stolen=move.actor is Actor.THIEF)
            case _:
                return now

    def handed(self, now: Situation) -> Situation:
        """The app gets the temporary PIN, and keeps it until it is needed."""
        return replace(now, storage=now.storage | {TEMPORARY})

    def typed(self, now: Situation) -> Situation:
        """The app gets the user's PIN, and has it for a moment."""
        return replace(now, memory=now.memory | {USER})


def _set(*functions: Ability) -> Move:
    cost = replace(SESSION, functions=(Ability.SET, *functions))
    return Move(Actor.TSM, "sets a temporary PIN", command=SET_TEMPORARY, cost=cost)


def _change(now: Situation) -> Iterator[Move]:
    """The app changes the temporary PIN to the user's as soon as it has both."""
    if now.app_has(USER) and (now.card.permitted or (now.card.verified and now.card.value is TEMPORARY)):
        yield Move(
            Actor.APP, "changes it to the user's PIN", command=CHANGE_TO_USERS, cost=Cost(apdus=1), effect=Effect.SET
        )


def _enter(now: Situation) -> Iterator[Move]:
    """The app enters the temporary PIN; a faulty one does so without the user's PIN at hand, and uses the key."""
    if not now.app_has(TEMPORARY):
        return
    if now.app_has(USER) and not now.card.verified and not now.card.permitted:
        yield Move(Actor.APP, "enters the temporary PIN", command=VERIFY_TEMPORARY, cost=Cost(apdus=1))
    yield Move(Actor.PROGRAM, "enters the temporary PIN", Manner.CARELESS, VERIFY_TEMPORARY)
    yield Move(Actor.PROGRAM, "uses the key", Manner.CARELESS, SymbolicCommand(CommandKind.USE))


class UserEnters(Plan):
    """The user is told a temporary PIN and enters it."""

    number = 1
    title = "the user enters a temporary PIN"

    def moves(self, now: Situation) -> Iterator[Move]:
        card = now.card
        if card.phase is PinPhase.INITIAL:
            yield _set()
        if card.value is TEMPORARY and TEMPORARY not in now.told:
            cost = Cost(told=((TEMPORARY, "user"),), functions=(Ability.NOTIFY_PIN,))
            yield Move(Actor.TSM, "tells the user the temporary PIN", cost=cost, effect=Effect.TOLD)
        if card.value is not TEMPORARY or TEMPORARY not in now.told:
            return
        if not card.verified:
            cost = user_typed(TEMPORARY, apdus=1)
            yield Move(Actor.USER, "types the temporary PIN", command=VERIFY_TEMPORARY, cost=cost)
            wrong = SymbolicCommand(CommandKind.VERIFY, WRONG)
            yield Move(Actor.USER, "mistypes the temporary PIN", Manner.CARELESS, wrong, user_typed(WRONG))
        else:
            yield Move(
                Actor.USER, _TYPES_NEW, command=CHANGE_TO_USERS, cost=user_typed(USER, apdus=1), effect=Effect.SET
            )
            yield Move(Actor.USER, "uses the key, PIN unchanged", Manner.CARELESS, SymbolicCommand(CommandKind.USE))


class AppEnters(Plan):
    """The app is given the temporary PIN and enters it when the user has typed a new one."""

    number = 2
    title = "the app enters it; the new PIN comes after the download"

    def moves(self, now: Situation) -> Iterator[Move]:
        if now.card.phase is PinPhase.INITIAL:
            yield _set()
        if now.card.value is TEMPORARY and not now.app_has(TEMPORARY):
            yield Move(Actor.TSM, "hands the temporary PIN to the app", cost=_HANDED, effect=Effect.HANDED)
        if TEMPORARY in now.storage and USER not in now.memory:
            yield Move(Actor.USER, _TYPES_NEW, cost=user_typed(USER), effect=Effect.TYPED)
        yield from _enter(now)
        yield from _change(now)


class BlockedUntilChanged(AppEnters):
    """As plan 2; the PIN is blocked until just before it is changed."""

    number = 3
    title = "plan 2 with the temporary PIN blocked"

    def moves(self, now: Situation) -> Iterator[Move]:
        first = now.card.value is TEMPORARY and now.card.phase is PinPhase.BLOCKED
        if first and TEMPORARY in now.storage and USER in now.memory:
            cost = replace(SESSION, functions=(Ability.UNBLOCK, Ability.APPLET_UNBLOCK))
            yield Move(Actor.TSM, "unblocks the PIN", command=SymbolicCommand(CommandKind.UNBLOCK), cost=cost)
        for move in AppEnters.moves(self, now):
            if not (first and move.actor is Actor.APP):  # the app waits until it is unblocked
                yield move


class SpecialTransition(Plan):
    """As delivered there is no PIN; the TSM opens PIN setting when the user has typed a new one."""

    number = 4
    title = "a special state in which a PIN can be set"

    def moves(self, now: Situation) -> Iterator[Move]:
        phase = now.card.phase
        unset = phase in (PinPhase.INITIAL, PinPhase.SETTABLE) and not now.card.permitted
        if unset and USER not in now.memory:
            yield Move(Actor.USER, _TYPES_NEW, cost=user_typed(USER), effect=Effect.TYPED)
        if phase is PinPhase.INITIAL and USER in now.memory and not now.card.permitted:
            functions = (Ability.SET, Ability.OPEN, Ability.APPLET_STATES)
            cost = replace(SESSION, functions=functions)
            yield Move(Actor.TSM, "sets a temporary PIN, which opens setting", command=SET_TEMPORARY, cost=cost)
        if phase is PinPhase.SETTABLE and not now.app_has(TEMPORARY):
            if USER in now.memory:
                yield Move(Actor.TSM, "hands the temporary PIN to the app", cost=_HANDED, effect=Effect.HANDED)
            yield Move(
                Actor.TSM,
                "starts again",
                command=SymbolicCommand(CommandKind.RESET),
                cost=SESSION,
                effect=Effect.RENEWED,
            )
        yield from _enter(now)
        yield from _change(now)

    def handed(self, now: Situation) -> Situation:
        return replace(now, memory=now.memory | {TEMPORARY})


class TypedBeforehand(AppEnters):
    """As plan 2, but the user types the new PIN with the application, before anything is downloaded."""

    number = 5
    title = "the app enters it; the new PIN comes with the application"

    def moves(self, now: Situation) -> Iterator[Move]:
        if now.card.value is not USER and USER not in now.storage:
            yield Move(Actor.USER, _TYPES_NEW, cost=user_typed(USER), effect=Effect.TYPED)
        for move in AppEnters.moves(self, now):
            if move.actor is not Actor.USER and (move.command != SET_TEMPORARY or USER in now.storage):
                yield move

    def handed(self, now: Situation) -> Situation:
        return replace(now, memory=now.memory | {TEMPORARY})

    def typed(self, now: Situation) -> Situation:
        return replace(now, storage=now.storage | {USER})


class WithPuk(Plan):
    """The PIN comes blocked; the user is told a PUK and sets a PIN with it."""

    number = 6
    title = "the user sets a PIN with a PUK"

    def moves(self, now: Situation) -> Iterator[Move]:
        card = now.card
        if card.phase is PinPhase.INITIAL:
            cost = replace(SESSION, functions=(Ability.SET, Ability.APPLET_PUK))
            yield Move(
                Actor.TSM, "sets a PUK, the PIN blocked", command=SymbolicCommand(CommandKind.SET, PUK), cost=cost
            )
        if card.phase is not PinPhase.INITIAL and PUK not in now.told:
            cost = Cost(told=((PUK, "user"),), functions=(Ability.NOTIFY_PUK,))
            yield Move(Actor.TSM, "tells the user the PUK", cost=cost, effect=Effect.TOLD)
        if PUK in now.told and card.phase is PinPhase.BLOCKED and card.puk_tries:
            right, wrong = (SymbolicCommand(CommandKind.RESET_BY_PUK, secret, USER) for secret in (PUK, WRONG))
            typed = user_typed(PUK, USER, apdus=1)
            yield Move(Actor.USER, "types the PUK and a new PIN", command=right, cost=typed, effect=Effect.SET)
            yield Move(Actor.USER, "mistypes the PUK", Manner.CARELESS, wrong, user_typed(WRONG))


PLANS: tuple[Plan, ...] = (
    UserEnters(),
    AppEnters(),
    BlockedUntilChanged(BlockedPin()),
    SpecialTransition(SpecialStates()),
    TypedBeforehand(),
    WithPuk(PukPin()),
)
