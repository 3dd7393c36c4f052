"""docs/generated/tears.md: every persistent write of every command torn, and what came of it (F4)."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.campaign.tears.record import TearRecord, TornScene
from jpki.pages.wrap import wrapped

_INTRODUCTION = """\
# Every persistent write torn

The power is cut at every persistent write of every command of the applet, on the virtual machine, which runs the CAP
file's bytes; what the card does about it at power up and at the next SELECT is cut at every write again, and so is the
recovery from that, until no state is new. [evidence.md](../reference/evidence.md) says how it is done,
[campaigns.md](../reference/campaigns.md) what it does not show. The record from which this page is made is written by

    .venv/bin/cardlab tear tests.jpki.applet.tearing.campaign --record tests/jpki/applet/tearing/record.json

- **writes**: persistent writes of the command, uncut.
- **cuts**: three at each write: the cell holds the old value, the new one, or a random one where the platform promises
  neither (JCRE 3.0.5, 7.7; a page that is being cleared).
- **second cuts**: at each write of the recovery after each first cut, old and new value, and random ones that were
  drawn.
- **states**: distinct states of persistent memory that any number of cuts left; the card recovered from each.
- **ends**: distinct states that it came to; **seen**: how many different things a holder, a phone and the TSM see.
- **violations**: ends that show neither the old nor the new state, nor one between them that
  [applet.md](../reference/applet.md) names; a PIN with more tries; a key that signs without its PIN; a presence that
  does not follow the certificates; a key or PIN left in memory that no command gets at any more.
"""


def markdown(record: TearRecord) -> str:
    """The page."""
    lines = (
        _INTRODUCTION,
        f"{record.date}, CAP file: SHA-256 `{record.cap}`.",
        "",
        _summary(record),
        "",
        *_table(record),
        "",
    )
    return wrapped("\n".join(lines))


def _summary(record: TearRecord) -> str:
    scenes = record.scenes
    writes, cuts = sum(one.writes for one in scenes), sum(one.first_cuts for one in scenes)
    second, states = sum(one.second_cuts + one.chances for one in scenes), sum(one.states for one in scenes)
    violations, confirmed = sum(one.violated for one in scenes), sum(one.confirmed for one in scenes)
    looked, minutes = sum(one.looked for one in scenes), record.seconds / 60
    return (
        f"{len(scenes)} commands and states: {writes:,} writes, {cuts:,} cuts, {second:,} second cuts, {states:,} "
        f"distinct states, {violations} violations. The scenes took {minutes:.0f} minutes together, two at a time. "
        f"{looked:,} ends were looked at as a whole. The power was really cut at {confirmed:,} of the states; memory "
        "held what was expected each time, byte by byte."
    )


def _table(record: TearRecord) -> Iterator[str]:
    yield "| command | state | writes | cuts | second cuts | states | ends | seen | violations |"
    yield "|---|---|---|---|---|---|---|---|---|"
    yield from map(_row, record.scenes)


def _row(one: TornScene) -> str:
    second = one.second_cuts + one.chances
    figures = (one.writes, one.first_cuts, second, one.states, one.ends, one.views, one.violated)
    return f"| {one.command} | {one.state} | {' | '.join(f'{figure:,}' for figure in figures)} |"
