"""Sequence diagrams of recorded runs (docs/generated/flows.md), in Mermaid's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from jpki.parties.recorder import FlowEvent, FlowEventKind, Party, Section

_MOST = 8  # names of commands in one arrow


def mermaid(events: Sequence[FlowEvent]) -> str:
    """One diagram; what a party does to answer a message stands between the message and its answer."""
    speaking = [party for party in Party if any(party in (event.sender, event.receiver) for event in events)]
    lines = ["sequenceDiagram", *(f"    participant {party.name} as {party.value}" for party in speaking)]
    lines += (f"    {line}" for line in _lines(events, speaking))
    return "\n".join(lines)


def _lines(events: Sequence[FlowEvent], speaking: Sequence[Party]) -> Iterator[str]:
    open_messages: list[FlowEvent] = []
    section: Section | None = None

    def close(depth: int) -> Iterator[str]:
        while open_messages and open_messages[-1].depth >= depth:
            message = open_messages.pop()
            arrow = "-->>" if message.response is not None else "--x"
            yield f"{message.receiver.name}{arrow}{message.sender.name}: {_answer(message)}"

    for kind, group in groupby(enumerate(events), key=lambda pair: _together(pair[0], pair[1])):
        batch = [event for _, event in group]
        first = batch[0]
        yield from close(first.depth)
        if first.section is not section and first.depth == 0:
            section = first.section
            if section is not Section.OTHER:
                yield f"Note over {speaking[0].name},{speaking[-1].name}: {section.value}"
        if kind[0] is FlowEventKind.APDU:
            yield f"{first.sender.name}->>{first.receiver.name}: {_commands(batch)}"
            if first.response is None:
                yield f"{first.receiver.name}--x{first.sender.name}: the answer is lost"
        else:
            arrow = "-)" if first.aside else "->>"
            yield f"{first.sender.name}{arrow}{first.receiver.name}: {_words(first.name)}"
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
