"""The drawing of who holds what: a column for each party, a row for each thing, a line between those who share it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from cardlab.printable import printable_line
from jpki.parties.recorder import Party
from jpki.web.map_things import HOLDERS, Group, Thing

WIDTH = 360
"""Units: about the pixels that a phone's screen leaves, so that letters have the size that they say."""
_FIRST, _STEP, _HEAD, _ROW, _DOT = 178, 26, 108, 38, 6
_LONGEST, _SHORT = 18, 7  # characters
STYLE = """\
svg text { fill: var(--text); font: 13px system-ui, sans-serif } svg .name { fill: var(--soft); font-size: 12px }
svg .head { font-size: 12px } svg .column { stroke: var(--line) } svg .link { stroke: var(--good); stroke-width: 2.5 }
svg circle { fill: var(--good); stroke: var(--good); stroke-width: 2.5 }
svg .off { stroke: var(--off) } svg circle.off { fill: var(--back) } svg .bad { fill: var(--off) }"""


def picture(group: Group) -> str:
    """One group as SVG for a page with ``STYLE``."""
    height = _HEAD + _ROW * len(group.things) + 4
    title = escape(f"Who holds what: {shown(group.title)}")
    lines = [*_columns(height), *(line for place, one in enumerate(group.things) for line in _row(place, one))]
    head = f'<svg role="img" viewBox="0 0 {WIDTH} {height}" aria-label="{title}">'
    return "\n".join((head, f"<title>{title}</title>", *lines, "</svg>"))


def shown(text: str) -> str:
    """What others named, without anything that is more than letters."""
    return printable_line(text)


def _x(party: Party) -> int:
    return _FIRST + _STEP * HOLDERS.index(party)


def _columns(height: int) -> Iterator[str]:
    for party in HOLDERS:
        x = _x(party)
        yield f'<line class="column" x1="{x}" y1="{_HEAD - 6}" x2="{x}" y2="{height}"/>'
        yield f'<text class="head" transform="translate({x} {_HEAD - 12}) rotate(-60)">{escape(party.value)}</text>'


def _row(place: int, thing: Thing) -> Iterator[str]:
    y, off = _HEAD + _ROW * place + _ROW // 2, "" if thing.good else " off"
    yield f'<text x="0" y="{y - 3}">{escape(thing.kind)}</text>'
    yield f'<text class="name" x="0" y="{y + 13}">{_name(thing)}</text>'
    places = sorted(map(_x, thing.held))
    if len(places) > 1:
        yield f'<line class="link{off}" x1="{places[0]}" y1="{y}" x2="{places[-1]}" y2="{y}"/>'
    for party, what in thing.held.items():
        text = escape(shown(f"{party.value}: {what}"))
        yield f'<circle class="holds{off}" cx="{_x(party)}" cy="{y}" r="{_DOT}"><title>{text}</title></circle>'


def _name(thing: Thing) -> str:
    """The beginning of the name, and the state where it is not what is hoped for."""
    if thing.good:
        return escape(_cut(thing.name, _LONGEST))
    return f'{escape(_cut(thing.name, _SHORT))} <tspan class="bad">{escape(_cut(thing.state, _LONGEST))}</tspan>'


def _cut(text: str, most: int) -> str:
    return shown(text if len(text) <= most else f"{text[: most - 1]}…")
