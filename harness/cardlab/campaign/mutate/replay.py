"""The calls of tests once more, on cards with a mutant: a test that gets every answer that it knows cannot fail.

Tests draw the same random numbers each time, and know of a card what its machine answers: where that is the same, call
for call, so is all that follows. What is compared: answers, exceptions, what applets ask of the card manager, memory
that the test looks at. Not compared is what tells bytes of code from others and not what an applet does: the memory
that a package or an instance takes as it is made, code, and places in it. A test that notices code is left out of a
hunt.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cardlab.campaign.mutate.traces import LOAD, Trace, Traces
from cardlab.runtime.vm.adapter import new_machine
from cardlab.runtime.vm.tracing import PUT, Chain, Copy, Fresh, Look, Step, outcome_of_exception, plain

_OF_CODE = frozenset({LOAD, "install", "packageMemory"})  # they return how much memory something takes


@dataclass(slots=True)
class _Services:
    """Answers what the card manager answered (Java: cardlab.vm.Services)."""

    expected: tuple[tuple[Any, ...], ...] = ()
    next: int = 0
    differs: bool = False

    def expect(self, heard: tuple[tuple[Any, ...], ...]) -> None:
        """In the next call."""
        self.expected, self.next, self.differs = heard, 0, False

    @property
    def is_as_expected(self) -> bool:
        """Whether it was told all of it, and nothing else."""
        return not self.differs and self.next == len(self.expected)

    def call(self, instance_aid: Any, service: int, argument: Any) -> bytes:
        """Java: cardlab.vm.Services.call."""
        answer = self._told("call", bytes(instance_aid), int(service), bytes(argument))
        return answer if isinstance(answer, bytes) else b"\x69\x85"

    def deselected(self, instance_aid: Any) -> None:
        """Java: cardlab.vm.Services.deselected."""
        self._told("deselected", bytes(instance_aid))

    def poll(self) -> None:
        """Java: cardlab.vm.Services.poll."""

    def warned(self, message: Any, place: Any) -> None:
        """Java: cardlab.vm.Services.warned."""
        self._told("warned", str(message))

    def _told(self, *what: Any) -> Any:
        known = self.expected[self.next] if self.next < len(self.expected) else ()
        if self.differs or known[: len(what)] != what:
            self.differs = True
            return None
        self.next += 1
        return known[-1]


@dataclass(slots=True)
class _Card:
    """A machine that was brought so far along a chain; ``differs``: there it answered something else."""

    machine: Any
    services: _Services
    steps: int = 0
    differs: bool = False


@dataclass(slots=True)
class Replay:
    """Of one mutant. ``blocks``: load files of the sources as they are, and the mutant's in their place."""

    traces: Traces
    blocks: Mapping[bytes, bytes]
    _cards: dict[Chain, _Card] = field(default_factory=dict)

    def is_same(self, test: str) -> bool:
        """Whether the test cannot tell the mutant from the original; False too when that is not known."""
        trace = self.traces.tests.get(test)
        if trace is None or trace.opaque:
            return False
        same = all(self._is_same(chain, steps) for chain, steps in trace.ends.items())
        self._let_go(trace)
        return same

    def _is_same(self, chain: Chain, steps: int) -> bool:
        card = self._brought(chain, steps)
        return not card.differs

    def _let_go(self, trace: Trace) -> None:
        for chain in trace.ends:
            if chain not in self.traces.shared:
                self._cards.pop(chain, None)

    def _brought(self, chain: Chain, steps: int) -> _Card:
        """The card after so many steps of its chain, or where it differed before."""
        card = self._cards.get(chain)
        if card is None or (card.steps > steps and not card.differs):
            card = self._cards[chain] = self._begun(chain)
        while card.steps < steps and not card.differs:
            self._step(card, chain.steps[card.steps])
        return card

    def _begun(self, chain: Chain) -> _Card:
        services = _Services()
        match chain.origin:
            case Fresh(properties, java_card, seed):
                return _Card(new_machine(properties, java_card, seed, _in_java(services)), services)
            case Copy(of, steps):
                parent = self._brought(of, steps)
                if parent.differs:
                    return _Card(None, services, differs=True)
                return _Card(parent.machine.fork(_in_java(services)), services)

    def _step(self, card: _Card, step: Step | Look) -> None:
        if isinstance(step, Look):
            card.differs = not _sees(card.machine.inspector(), step)
        else:
            card.services.expect(step.heard)
            outcome = self._done(card, step)
            card.differs = not card.services.is_as_expected or not _is_alike(step, outcome)
        card.steps += 1

    def _done(self, card: _Card, step: Step) -> Any:
        asked = card.machine.inspector() if step.method == PUT else card.machine
        arguments = step.arguments
        if step.method == LOAD:
            arguments = (self.blocks.get(arguments[0], arguments[0]),)
        return _outcome(asked, step.method, arguments)

    def close(self) -> None:
        """Let go of all cards."""
        with suppress(Exception):
            self._cards.clear()


def _outcome(asked: Any, method: str, arguments: tuple[Any, ...]) -> Any:
    import jpype

    try:
        return plain(getattr(asked, method)(*arguments))
    except jpype.JException as thrown:
        return outcome_of_exception(thrown)


def _sees(inspector: Any, look: Look) -> bool:
    """Whether it tells what it told: where memory is the same as a whole, nothing has to be asked one by one."""
    if bytes(inspector.digest()) == look.digest:
        return True
    return all(_outcome(inspector, *asked) == outcome for asked, outcome in look.outcomes.items())


def _is_alike(step: Step, outcome: Any) -> bool:
    if step.method in _OF_CODE and type(outcome) is type(step.outcome) and not _is_exception(outcome):
        return True
    return bool(outcome == step.outcome)


def _is_exception(outcome: Any) -> bool:
    return isinstance(outcome, tuple) and outcome[:1] == ("!",)


def _in_java(services: _Services) -> Any:
    import jpype

    return jpype.JProxy("cardlab.vm.Services", inst=services)
