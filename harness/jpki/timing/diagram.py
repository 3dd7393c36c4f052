"""Sequence diagrams of recorded runs: their steps, and these in Mermaid's language (docs/generated/flows.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from itertools import groupby

from jpki.parties.recorder import FlowEvent, FlowEventKind, Party, Section

_MOST = 8  # names of commands in one arrow


@unique
class ArrowKind(Enum):
    """How it is drawn; the values are Mermaid's. ASIDE: the user begins something, and does it beside what follows."""

    ASK = "->>"
    ANSWER = "-->>"
    LOST = "--x"
    ASIDE = "-)"


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one party to another."""

    sender: Party
    receiver: Party
    text: str
    kind: ArrowKind = ArrowKind.ASK


Step = Arrow | Section
"""One line of a diagram: an arrow, or the section that begins."""


def speaking(events: Sequence[FlowEvent]) -> list[Party]:
    """The parties that a diagram needs, in their order."""
    return [party for party in Party if any(party in (event.sender, event.receiver) for event in events)]


def mermaid(events: Sequence[FlowEvent]) -> str:
    """One diagram in Mermaid's language."""
    parties = speaking(events)
    lines = ["sequenceDiagram", *(f"    participant {party.name} as {party.value}" for party in parties)]
    for step in steps(events):
        if isinstance(step, Section):
            lines.append(f"    Note over {parties[0].name},{parties[-1].name}: {step.value}")
        else:
            lines.append(f"    {step.sender.name}{step.kind.value}{step.receiver.name}: {step.text}")
    return "\n".join(lines)


def steps(events: Sequence[FlowEvent]) -> Iterator[Step]:
    """One diagram; what a party does to answer a message stands between the message and its answer."""
    open_messages: list[FlowEvent] = []
    section: Section | None = None

    def close(depth: int) -> Iterator[Arrow]:
        while open_messages and open_messages[-1].depth >= depth:
            message = open_messages.pop()
            kind = ArrowKind.LOST if message.response is None else ArrowKind.ANSWER
            yield Arrow(message.receiver, message.sender, _answer(message), kind)

    for kind, group in groupby(enumerate(events), key=lambda pair: _together(pair[0], pair[1])):
        batch = [event for _, event in group]
        first = batch[0]
        yield from close(first.depth)
        if first.section is not section and first.depth == 0:
            section = first.section
            if section is not Section.OTHER:
                yield section
        if kind[0] is FlowEventKind.APDU:
            yield Arrow(first.sender, first.receiver, _commands(batch))
            if first.response is None:
                yield Arrow(first.receiver, first.sender, "the answer is lost", ArrowKind.LOST)
        else:
            asked = ArrowKind.ASIDE if first.aside else ArrowKind.ASK
            yield Arrow(first.sender, first.receiver, _words(first.name), asked)
        if kind[0] is FlowEventKind.MESSAGE:
            open_messages.append(first)
    yield from close(0)


def _together(place: int, event: FlowEvent) -> tuple[object, ...]:
    """Commands that follow each other on the same link, in the same section, are one arrow."""
    if event.kind is FlowEventKind.APDU:
        lost = place if event.response is None else None
        return (event.kind, event.sender, event.receiver, event.section, event.depth, lost)
    return (event.kind, place)


def _commands(batch: Sequence[FlowEvent]) -> str:
    """Names in order; one that comes several times in a row is named once."""
    shown = [f"{name} …" if len(list(same)) > 1 else name for name, same in groupby(one.name for one in batch)]
    if len(shown) > _MOST:
        shown = [*shown[: _MOST - 1], f"… {shown[-1]}"]
    return ", ".join(shown)


def _answer(message: FlowEvent) -> str:
    """The class of the answer, which comes first in its JSON."""
    if message.response is None:
        return "the answer is lost"
    return _words(str(json.loads(message.response).get("is", "answer")))


def _words(name: str) -> str:
    """``IssueCertificate`` as ``issue certificate``; names of several words stay."""
    if " " in name:
        return name
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
