"""docs/generated/flows.md: every flow as it was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jpki.pages.wrap import wrapped
from jpki.timing.diagram import mermaid
from jpki.timing.flows import FLOWS
from jpki.timing.trace import Trace

_INTRODUCTION = """\
# Flows

Every diagram is drawn from a recorded run on simulated cards; `jpki flows --page` writes this page, and a test fails
when it is stale. An arrow to a card is one or more commands; `…` means several of a kind. An open arrow is something
that the user begins, and does beside what follows. What is not an arrow did not happen: there is no other way between
parties than messages and APDUs. How long it takes is what `jpki timing` says. `jpki flows --html FILE` draws the same
as a page of its own, which is read on a phone too.

One message from the phone to the SP-TSM and its answer is a TSM round trip; the answer brings a script of commands
for the secure element, the next message what it answered.
"""


def markdown(round_: Mapping[str, Trace]) -> str:
    """The page from one round of all flows."""
    return wrapped("\n".join((_INTRODUCTION, *_table(round_), *_diagrams(round_))))


def _table(round_: Mapping[str, Trace]) -> Iterator[str]:
    yield "| flow | TSM round trips |"
    yield "|---|---|"
    for flow in FLOWS:
        yield f"| [{flow.name}](#{flow.name}) | {round_[flow.name].tsm_round_trips or '–'} |"
    yield ""


def _diagrams(round_: Mapping[str, Trace]) -> Iterator[str]:
    for flow in FLOWS:
        yield f"## {flow.name}"
        yield ""
        yield flow.summary
        yield ""
        yield "```mermaid"
        yield mermaid(round_[flow.name].events)
        yield "```"
        yield ""
