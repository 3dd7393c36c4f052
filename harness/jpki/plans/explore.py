"""Every situation that can come about under a plan, and the shortest way to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from jpki.plans.card import CommandOutcome
from jpki.plans.situation import Move, Situation
from jpki.plans.six import Plan


@dataclass(frozen=True, slots=True)
class Transition:
    """One explored step."""

    before: Situation
    move: Move
    after: Situation
    outcome: CommandOutcome


@dataclass(frozen=True, slots=True)
class Exploration:
    """All situations in the order of their distance from the beginning, all transitions, and how each was reached."""

    situations: tuple[Situation, ...]
    transitions: tuple[Transition, ...]
    reached_by: dict[Situation, Transition]

    def way_to(self, situation: Situation) -> tuple[Transition, ...]:
        """A shortest way from the beginning."""
        way: list[Transition] = []
        while situation in self.reached_by:
            way.append(self.reached_by[situation])
            situation = way[-1].before
        return tuple(reversed(way))

    def first(self, wanted: Callable[[Transition], bool]) -> tuple[Transition, ...]:
        """A shortest way that ends with such a transition; empty when there is none."""
        found = next((one for one in self.transitions if wanted(one)), None)
        return () if found is None else (*self.way_to(found.before), found)


def explore(
    plan: Plan, *, allowed: Callable[[Move], bool] | None = None, start: Iterable[Situation] = (Situation(),)
) -> Exploration:
    """Breadth first from ``start``, with the moves that are ``allowed`` (all), until nothing new comes up."""
    queue = deque(dict.fromkeys(start))
    seen = dict.fromkeys(queue)
    transitions: list[Transition] = []
    reached_by: dict[Situation, Transition] = {}
    while queue:
        now = queue.popleft()
        for move, after, outcome in plan.steps(now):
            if allowed is not None and not allowed(move):
                continue
            step = Transition(now, move, after, outcome)
            transitions.append(step)
            if after not in seen:
                seen[after] = None
                reached_by[after] = step
                queue.append(after)
    return Exploration(tuple(seen), tuple(transitions), reached_by)
