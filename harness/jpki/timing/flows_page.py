"""docs/generated/flows.md: every flow as it was recorded, drawn in a file of its own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jpki.pages.wrap import wrapped
from jpki.timing.flows import FLOWS
from jpki.timing.sequence import picture
from jpki.timing.trace import Trace

PAGE, FOLDER = "flows.md", "flows"
_INTRODUCTION = """\
# Flows

Every diagram is drawn from a recorded run on simulated cards; `jpki pages flows.md` writes this page and its pictures,
and a test fails when they are stale. An arrow to a card is one or more commands; `…` means several of a kind. A dashed
arrow is an answer, a cross an answer that was lost. An open arrow is something that the user begins, and does beside
what follows. What is not an arrow did not happen: there is no other way between parties than messages and APDUs. How
long it takes is what `jpki timing` says. `jpki flows FLOW` prints the same in Mermaid's language, `jpki flows --html
FILE` draws all flows on one page.

One message from the phone to the SP-TSM and its answer is a TSM round trip; the answer brings a script of commands
for the secure element, the next message what it answered.
"""


def files(round_: Mapping[str, Trace]) -> dict[str, str]:
    """The page and its pictures from one round of all flows, by their names in docs/generated."""
    pictures = {_file(flow.name): picture(flow.name, flow.summary, round_[flow.name].events) for flow in FLOWS}
    return {PAGE: markdown(round_), **pictures}


def markdown(round_: Mapping[str, Trace]) -> str:
    """The page alone."""
    return wrapped("\n".join((_INTRODUCTION, *_table(round_), *_diagrams())))


def _file(flow: str) -> str:
    return f"{FOLDER}/{flow}.svg"


def _table(round_: Mapping[str, Trace]) -> Iterator[str]:
    yield "| flow | TSM round trips |"
    yield "|---|---|"
    for flow in FLOWS:
        yield f"| [{flow.name}](#{flow.name}) | {round_[flow.name].tsm_round_trips or '–'} |"
    yield ""


def _diagrams() -> Iterator[str]:
    for flow in FLOWS:
        yield f"## {flow.name}"
        yield ""
        yield flow.summary
        yield ""
        yield f"![{flow.name}: who tells whom what, in order]({_file(flow.name)})"
        yield ""
