"""Every attempt at registering a key under an option: by its user, and by somebody with certain abilities."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, unique
from itertools import combinations

from jpki.plans.activation.steps import ActivationOption, ActivationStep, Fact, Facts, Role


@unique
class Power(Enum):
    """What somebody who is not the user may have. Each stands for something that was taken or broken."""

    PIN = "knows the PIN"
    PHONE = "holds the phone unlocked, with a finger of their own enrolled"
    REACH = "reaches the applet with a program of their own, past the access rules"
    LINE = "reads and replaces what phone and TSM say, past TLS"
    APP = "controls the app while its user uses it"
    TSM = "has the TSM's keys"


Powers = frozenset[Power]
NONE: Powers = frozenset()


@unique
class Whose(Enum):
    """Whose finger, or whose program, opens a key."""

    USER = "user's"
    OTHER = "somebody else's"


@unique
class Hand(Enum):
    """Who goes through the steps, with what."""

    USER = "user"
    THIEF = "thief, in the app"
    PROGRAM = "program of somebody else's"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How far one attempt is. ``key`` is the one that would be registered."""

    hand: Hand
    facts: Facts = frozenset()
    key: Whose | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One step that was taken; ``instead`` says what somebody else did to it."""

    before: Attempt
    step: ActivationStep
    after: Attempt
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """An option, what somebody else is able to do, and whether the authentication certificate is valid."""

    option: ActivationOption
    powers: Powers = NONE
    valid: bool = True

    def hands(self) -> Iterator[Hand]:
        """Who may try."""
        yield Hand.USER
        if Power.PHONE in self.powers:
            yield Hand.THIEF
        if Power.REACH in self.powers or Power.TSM in self.powers:
            yield Hand.PROGRAM

    def next(self, now: Attempt) -> Iterator[Done]:
        """The steps that can be taken now."""
        for step in self._in_turn(now):
            if self._possible(now, step):
                yield from self._taken(now, step)

    def _in_turn(self, now: Attempt) -> Iterator[ActivationStep]:
        """The app's order, for who uses the app; anything that is not done yet, for a program."""
        left = [step for step in self.option.steps if step.gives not in now.facts]
        yield from left if now.hand is Hand.PROGRAM else left[:1]

    def _possible(self, now: Attempt, step: ActivationStep) -> bool:
        """Whether those who take part in the step do their part."""
        if step.secret and now.hand is not Hand.USER and Power.PIN not in self.powers:
            return False
        if step.checked and not self.valid:
            return False
        if now.hand is Hand.PROGRAM and Power.REACH not in self.powers and Role.TSM not in step.roles:
            return step.gives is Fact.KEY
        if step.gives is Fact.CHANNEL and Power.TSM in self.powers and now.hand is Hand.PROGRAM:
            return Fact.KEY in now.facts
        return step.needs <= now.facts

    def _taken(self, now: Attempt, step: ActivationStep) -> Iterator[Done]:
        after = replace(now, facts=now.facts | {step.gives})
        if step.gives is Fact.KEY:
            after = replace(after, key=Whose.USER if now.hand is Hand.USER else Whose.OTHER)
        yield Done(now, step, after)
        if now.hand is Hand.USER and step.gives is Fact.KEY and Power.APP in self.powers:
            yield Done(now, step, replace(after, key=Whose.OTHER), "the app puts another key in its place")
        if now.hand is Hand.USER and step.exports and Power.LINE in self.powers:
            yield Done(now, step, replace(after, key=Whose.OTHER), "somebody on the line puts another key in its place")

    def way_to(self, whose: Whose) -> tuple[Done, ...]:
        """The shortest way to this key registered; empty when there is none."""
        queue = deque[tuple[Attempt, tuple[Done, ...]]]((Attempt(hand), ()) for hand in self.hands())
        seen = {attempt for attempt, _ in queue}
        while queue:
            now, way = queue.popleft()
            if Fact.REGISTERED in now.facts and now.key is whose:
                return way
            for done in self.next(now):
                if done.after not in seen:
                    seen.add(done.after)
                    queue.append((done.after, (*way, done)))
        return ()


@dataclass(frozen=True, slots=True)
class ActivationFindings:
    """One option, explored. ``broken_by`` are the smallest sets of powers that get somebody else's key registered."""

    option: ActivationOption
    planned: tuple[Done, ...]
    broken_by: tuple[Powers, ...]
    revoked_is_stopped: bool
    checks_are_enforced: bool

    @property
    def apdus(self) -> int:
        """Commands to the element."""
        return sum(done.step.apdus for done in self.planned)

    @property
    def round_trips(self) -> int:
        """Between phone and TSM."""
        return sum(done.step.round_trips for done in self.planned)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Who takes part."""
        return tuple(role for role in Role if any(role in done.step.roles for done in self.planned))

    @property
    def leaves(self) -> tuple[str, ...]:
        """What goes out of the element."""
        return tuple(one for done in self.planned for one in done.step.leaves)

    @property
    def needs_channel(self) -> bool:
        """Whether SCP03 is needed."""
        return any(done.step.gives is Fact.CHANNEL for done in self.planned)

    @property
    def exports_key(self) -> bool:
        """Whether the public key leaves the phone."""
        return any(done.step.exports for done in self.planned)

    @property
    def kept_by_tsm(self) -> int:
        """How many messages of one application the TSM has to connect."""
        return sum(Role.TSM in done.step.roles for done in self.planned)

    def stops(self, powers: Powers) -> bool:
        """Whether somebody with these powers gets nowhere."""
        return not any(one <= powers for one in self.broken_by)


def examine(option: ActivationOption) -> ActivationFindings:
    """Explore an option."""
    return ActivationFindings(
        option,
        Setting(option).way_to(Whose.USER),
        tuple(_smallest(option)),
        not Setting(option, valid=False).way_to(Whose.USER),
        not Setting(option, frozenset({Power.REACH, Power.PIN}), valid=False).way_to(Whose.OTHER),
    )


def _smallest(option: ActivationOption) -> Iterator[Powers]:
    found: list[Powers] = []
    for size in range(len(Power) + 1):
        for chosen in combinations(Power, size):
            powers = frozenset(chosen)
            if not any(one <= powers for one in found) and Setting(option, powers).way_to(Whose.OTHER):
                found.append(powers)
                yield powers
