"""Sequence diagrams of recorded runs (docs/flows.md), in Mermaid's language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.parties.recorder import Event, Kind, Party, Section
from harness.timing.commands import names

_MOST = 8  # names of commands in one arrow


def mermaid(events: Sequence[Event]) -> str:
    """One diagram; what a party does to answer a message stands between the message and its answer."""
    speaking = [party for party in Party if any(party in (event.sender, event.receiver) for event in events)]
    lines = ["sequenceDiagram", *(f"    participant {party.name} as {party.value}" for party in speaking)]
    lines += (f"    {line}" for line in _lines(events, speaking))
    return "\n".join(lines)


def _lines(events: Sequence[Event], speaking: Sequence[Party]) -> Iterator[str]:
    open_messages: list[Event] = []
    section: Section | None = None

    def close(depth: int) -> Iterator[str]:
        while open_messages and open_messages[-1].depth >= depth:
            message = open_messages.pop()
            yield f"{message.receiver.name}-->>{message.sender.name}: {_answer(message)}"

    named = list(zip(events, names(events), strict=True))
    for kind, group in groupby(enumerate(named), key=lambda item: _together(item[0], item[1][0])):
        batch = [pair for _, pair in group]
        first = batch[0][0]
        yield from close(first.depth)
        if first.section is not section and first.depth == 0:
            section = first.section
            if section is not Section.OTHER:
                yield f"Note over {speaking[0].name},{speaking[-1].name}: {section.value}"
        if kind[0] is Kind.APDU:
            yield f"{first.sender.name}->>{first.receiver.name}: {_commands([name for _, name in batch])}"
        else:
            yield f"{first.sender.name}->>{first.receiver.name}: {_words(first.name)}"
        if kind[0] is Kind.MESSAGE:
            open_messages.append(first)
    yield from close(0)


def _together(place: int, event: Event) -> tuple[object, ...]:
    """Commands that follow each other on the same link, in the same section, are one arrow."""
    if event.kind is Kind.APDU:
        return (event.kind, event.sender, event.receiver, event.section, event.depth)
    return (event.kind, place)


def _commands(batch: Sequence[str]) -> str:
    """Names in order; one that comes several times in a row is named once."""
    shown = [f"{name} …" if len(list(same)) > 1 else name for name, same in groupby(batch)]
    if len(shown) > _MOST:
        shown = [*shown[: _MOST - 1], f"… {shown[-1]}"]
    return ", ".join(shown)


def _answer(message: Event) -> str:
    """The class of the answer, which comes first in its JSON."""
    if message.response is None:
        return "(lost)"
    return _words(str(json.loads(message.response).get("is", "answer")))


def _words(name: str) -> str:
    """``IssueCertificate`` as ``issue certificate``; names of several words stay."""
    if " " in name:
        return name
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
