"""Sequence diagrams as inline SVG, as wide as the screen of a phone: each arrow says in words who tells whom what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from jpki.parties.recorder import FlowEvent, Party, Section
from jpki.timing.charts import svg
from jpki.timing.diagram import Arrow, ArrowKind, speaking, steps

WIDTH = 360
_SHOWN = 420  # pixels of a picture in a file of its own, where there is room
_FIRST, _LAST, _HEAD = 10, WIDTH - 62, 116  # of the parties' lines; names lean to the right
_LINE, _CHARACTERS, _GAP = 15, 46, 22
COLOURS = """\
:root { color-scheme: light dark; --text: #1c1c1c; --soft: #595959; --line: #d8d8d8; --back: #fff; --box: #e9edf2;
  --mark: #0072b2; --off: #b34700 }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --soft: #b0b0b0; --line: #3c3c3c; --back: #161618;
  --box: #2a2e34; --mark: #56b4e9; --off: #ff9e5e } }"""
STYLE = """\
svg text { fill: var(--text); font: 12px system-ui, sans-serif } svg .who { fill: var(--soft) }
svg .step { paint-order: stroke; stroke: var(--back); stroke-width: 5px; stroke-linejoin: round }
svg .life { stroke: var(--line) } svg .section { fill: var(--box) } svg .arrow { stroke: var(--mark); stroke-width: 1.5;
  fill: none } svg .answer { stroke-dasharray: 4 3 } svg .tip { fill: var(--mark) } svg .lost { stroke: var(--off) }"""
_CLASSES = {ArrowKind.ANSWER: " answer", ArrowKind.LOST: " answer lost"}


def sequence(title: str, description: str, events: Sequence[FlowEvent]) -> str:
    """One flow for a page with ``STYLE``."""
    places = _places(speaking(events))
    lines, y = [], float(_HEAD)
    for step in steps(events):
        drawn, y = _section(step, y) if isinstance(step, Section) else _arrow(step, places, y)
        lines += drawn
    return svg(title, description, y + 8, [*_lives(places, y), *lines], width=WIDTH)


def picture(title: str, description: str, events: Sequence[FlowEvent]) -> str:
    """The same as a file of its own: follows light and dark, needs nothing from outside."""
    style = f"<style>\nsvg {{ background: var(--back) }}\n{COLOURS}\n{STYLE}\n</style>"
    head, rest = sequence(title, description, events).split("\n", 1)
    head = head.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SHOWN}" ', 1)
    return f"{head}\n{style}\n{rest}\n"


def _places(parties: Sequence[Party]) -> dict[Party, float]:
    step = (_LAST - _FIRST) / max(1, len(parties) - 1)
    return {party: _FIRST + step * place for place, party in enumerate(parties)}


def _lives(places: dict[Party, float], bottom: float) -> Iterator[str]:
    for party, x in places.items():
        yield f'<line class="life" x1="{x:.1f}" y1="{_HEAD - 8}" x2="{x:.1f}" y2="{bottom:.0f}"/>'
        place = f"translate({x:.1f} {_HEAD - 12}) rotate(-60)"
        yield f'<text class="head" transform="{place}">{escape(party.value)}</text>'


def _section(section: Section, y: float) -> tuple[list[str], float]:
    return [
        f'<rect class="section" x="0" y="{y + 4:.0f}" width="{WIDTH}" height="20" rx="4"/>',
        f'<text class="note" x="{WIDTH // 2}" y="{y + 18:.0f}" text-anchor="middle">{escape(section.value)}</text>',
    ], y + 28


def _arrow(arrow: Arrow, places: dict[Party, float], y: float) -> tuple[list[str], float]:
    who = f"{arrow.sender.value} → {arrow.receiver.value}:"
    first, *more = textwrap.wrap(f"{who} {arrow.text}", _CHARACTERS)
    words = [f'<tspan class="who">{escape(who)}</tspan>{escape(first.removeprefix(who))}', *map(escape, more)]
    lines = [
        f'<text class="step" x="2" y="{y + _LINE * number:.0f}">{text}</text>' for number, text in enumerate(words, 1)
    ]
    y += _LINE * len(words) + _GAP
    middle, start, end = y - 14, places[arrow.sender], places[arrow.receiver]
    return [*lines, *_line(arrow.kind, start, end, middle)], y


def _line(kind: ArrowKind, start: float, end: float, y: float) -> Iterator[str]:
    """Open for what is begun aside, with a cross where the answer does not arrive."""
    back = 7 if end > start else -7
    way = f'class="arrow{_CLASSES.get(kind, "")}" d="M{start:.1f} {y:.0f}'
    if kind is ArrowKind.LOST:
        end -= 2 * back
        yield f'<path {way} L{end:.1f} {y:.0f}"/>'
        yield f'<path class="arrow lost" d="M{end - 4:.1f} {y - 4:.0f} l8 8 m0 -8 l-8 8"/>'
        return
    yield f'<path {way} L{end:.1f} {y:.0f}"/>'
    shape = "arrow" if kind is ArrowKind.ASIDE else "tip"
    yield f'<path class="{shape}" d="M{end - back:.1f} {y - 4:.0f} L{end:.1f} {y:.0f} L{end - back:.1f} {y + 4:.0f}"/>'
