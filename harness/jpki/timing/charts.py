"""Charts as inline SVG: they carry their own titles, follow light and dark, and need nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from jpki.timing.trace import Share

COLOURS: Mapping[Share, str] = {  # distinguishable for colour-blind people, on white and on black
    Share.USER: "#9a9a9a",
    Share.APP: "#56b4e9",
    Share.LOCAL: "#009e73",
    Share.REMOTE: "#0072b2",
    Share.CARD: "#cc79a7",
    Share.TSM: "#e69f00",
    Share.CA: "#d55e00",
    Share.OTHER: "#b8a900",
}
_WIDTH, _NOTE, _VALUE = 400, 64, 56  # about what a phone's screen shows, so that letters are read there
_BAR, _LINE, _GAP = 16, 18, 10
_SHOWN = 640  # pixels of a chart that is a file, where there is room


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of parts; ``note`` stands before it in small print.

    ``stated`` is the total in seconds where a source gives one: its parts were rounded, so their sum may differ.
    """

    note: str
    parts: Mapping[Share, float]
    stated: float | None = None

    @property
    def total(self) -> float:
        """Its length in seconds."""
        return sum(self.parts.values())

    @property
    def label(self) -> str:
        """The total as it is written beside the bar."""
        return seconds(self.total if self.stated is None else self.stated)


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that belong together, with one label."""

    label: str
    bars: tuple[Bar, ...]


def seconds(value: float) -> str:
    """A time for people: three digits that mean something."""
    if value >= 1:
        return f"{value:.1f} s"
    return f"{value * 1000:.0f} ms" if value >= 0.0995 else f"{value * 1000:.1f} ms"


def ticks(top: float, wanted: int = 6) -> list[float]:
    """Round numbers from 0 up to ``top``, about as many as wanted."""
    if top <= 0:
        return [0.0]
    rough = top / wanted
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * number for number in range(floor(top / step + 1e-9) + 1)]


def bars(title: str, description: str, groups: Sequence[Group]) -> str:
    """Horizontal stacked bars with a scale in seconds; every part names itself."""
    longest = max((bar.total for group in groups for bar in group.bars), default=0.0) or 1.0
    room = _WIDTH - _NOTE - _VALUE
    lines, y = [], 24.0
    bottom = y + sum(_LINE + len(group.bars) * (_BAR + 3) + _GAP for group in groups)
    for tick in ticks(longest):
        x = _NOTE + room * tick / longest
        lines.append(f'<line class="grid" x1="{x:.1f}" y1="20" x2="{x:.1f}" y2="{bottom:.0f}"/>')
        lines.append(f'<text class="small" x="{x:.1f}" y="14" text-anchor="middle">{_tick(tick, longest)}</text>')
    for group in groups:
        lines.append(f'<text x="0" y="{y + 13:.0f}">{escape(group.label)}</text>')
        y += _LINE
        for bar in group.bars:
            lines += _bar(bar, y, room, longest)
            y += _BAR + 3
        y += _GAP
    return svg(title, description, bottom + 6, lines)


def _bar(bar: Bar, y: float, room: float, longest: float) -> list[str]:
    lines = []
    x = float(_NOTE)
    if bar.note:
        note = f'<text class="small" x="{_NOTE - 6}" y="{y + 12:.0f}" text-anchor="end">{escape(bar.note)}</text>'
        lines.append(note)
    for share, value in bar.parts.items():
        width = room * value / longest
        if width > 0:
            text = escape(f"{share.value}: {seconds(value)}")
            box = f'x="{x:.1f}" y="{y:.0f}" width="{width:.2f}" height="{_BAR}" fill="{COLOURS[share]}"'
            lines.append(f"<rect {box}><title>{text}</title></rect>")
        x += width
    lines.append(f'<text class="small" x="{x + 5:.1f}" y="{y + 12:.0f}">{bar.label}</text>')
    return lines


STANDALONE = """\
<style>
text { fill: #1c1c1c; font: 13px system-ui, sans-serif } text.small { fill: #595959; font-size: 12px }
.grid { stroke: #d8d8d8 }
@media (prefers-color-scheme: dark) { text { fill: #e8e8e8 } text.small { fill: #b0b0b0 } .grid { stroke: #3c3c3c } }
</style>
"""


def standalone(chart: str, shares: Sequence[Share]) -> str:
    """A chart of bars as a file of its own, with the meaning of the colours below."""
    head, _, rest = chart.partition(">")
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', head)
    if size is None:
        raise ValueError("this is no chart")
    items, tall = _key(shares, int(size[2]) + 14)
    shown = f'width="{_SHOWN}" height="{_SHOWN * tall // _WIDTH}"'
    head = head.replace(size[0], f'viewBox="0 0 {_WIDTH} {tall}" {shown}')
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    body = rest.removesuffix("</svg>")
    return f"{head}>{STANDALONE}{body}" + "\n".join(items) + "\n</svg>\n"


def _key(shares: Sequence[Share], y: int) -> tuple[list[str], int]:
    """What the colours mean, in rows from ``y`` on, and where they end."""
    items, x = [], 0
    for share in shares:
        long = 36 + 7 * len(label(share))
        if x + long > _WIDTH:
            x, y = 0, y + 20
        items.append(f'<rect x="{x}" y="{y}" width="12" height="12" rx="2" fill="{COLOURS[share]}"/>')
        items.append(f'<text class="small" x="{x + 18}" y="{y + 11}">{escape(label(share))}</text>')
        x += long
    return items, y + 18


def legend(shares: Sequence[Share]) -> str:
    """What the colours mean."""
    items = (f'<li><span style="background:{COLOURS[share]}"></span>{escape(label(share))}</li>' for share in shares)
    return f'<ul class="legend">{"".join(items)}</ul>'


def label(share: Share) -> str:
    """The party's name; the user's time is always modelled."""
    return "user (modelled)" if share is Share.USER else share.value


def _tick(value: float, longest: float) -> str:
    if longest >= 2:
        return f"{value:g} s"
    return f"{value * 1000:g} ms" if value else "0"


def svg(title: str, description: str, height: float, lines: Sequence[str], *, width: int = _WIDTH) -> str:
    """A picture for a page; its title and description are what a screen reader is given."""
    head = f'<svg role="img" viewBox="0 0 {width} {height:.0f}" aria-label="{escape(title)}: {escape(description)}">'
    return "\n".join((head, f"<title>{escape(title)}</title><desc>{escape(description)}</desc>", *lines, "</svg>"))
