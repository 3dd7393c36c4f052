"""Histograms as inline SVG, with both axes labelled; as wide as the screen of a phone, so that they are read there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from jpki.timing.charts import seconds, svg, ticks

_WIDTH, _LEFT, _RIGHT, _TOP, _BASE = 360, 44, 14, 24, 150
_ROOM, _TALL = _WIDTH - _LEFT - _RIGHT, _BASE - _TOP
_HEIGHT = _BASE + 56
_FEWEST, _NARROW = 6, 1e-3


@dataclass(frozen=True, slots=True)
class _Scale:
    """The horizontal axis: from ``low`` to ``high`` in seconds."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> _Scale:
        """As wide as the values, and wider where they are all but the same."""
        low, high = min(values), max(values)
        if high - low <= high * _NARROW:
            return cls(low * 0.9, high * 1.1 or 1.0)
        return cls(low, high)

    def x(self, value: float) -> float:
        return _LEFT + _ROOM * self.part(value)

    def part(self, value: float) -> float:
        """Where a value is, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)

    @property
    def unit(self) -> tuple[str, float]:
        """The axis's unit, and how many of it are a second."""
        return ("seconds", 1.0) if self.high >= 1 else ("milliseconds", 1000.0)

    def marks(self) -> Iterator[tuple[float, str]]:
        """Round numbers on the axis, in seconds and as they are written."""
        per_second = self.unit[1]
        step = ticks((self.high - self.low) * per_second)[1]
        digits = max(0, -floor(log10(step) + 1e-9))
        for number in range(ceil(self.low * per_second / step), floor(self.high * per_second / step) + 1):
            yield number * step / per_second, f"{number * step:.{digits}f}"


def distribution(title: str, description: str, values: Sequence[float], *, bins: int = 24) -> str:
    """How often each time (seconds) came, with every single value as a mark below, and the average as a line."""
    if not values:
        return ""
    scale = _Scale.over(values)
    counts = _counts(scale, values, max(_FEWEST, min(bins, ceil(len(values) ** 0.5) * 3)))
    lines = (*_upright(max(counts)), *_bins(scale, counts), *_across(scale), *_marks(scale, values))
    return svg(title, description, _HEIGHT, (*lines, *_average(scale, values)), width=_WIDTH)


def _counts(scale: _Scale, values: Sequence[float], bins: int) -> list[int]:
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(bins * scale.part(value)))] += 1
    return counts


def _upright(tallest: int) -> Iterator[str]:
    """The vertical axis: whole numbers, for runs are counted."""
    for tick in ticks(tallest, 4):
        if tick == int(tick):
            y = _BASE - _TALL * tick / tallest
            yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
            yield f'<text class="small count" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.0f}</text>'
    middle = (_BASE + _TOP) / 2
    yield f'<text class="small" transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">how often</text>'


def _bins(scale: _Scale, counts: Sequence[int]) -> Iterator[str]:
    slot, width = _ROOM / len(counts), (scale.high - scale.low) / len(counts)
    for place, count in enumerate(counts):
        if count:
            tall, start = _TALL * count / max(counts), scale.low + place * width
            box = f'x="{_LEFT + place * slot + 0.5:.1f}" y="{_BASE - tall:.1f}" width="{slot - 1:.1f}"'
            text = f"{count} from {seconds(start)} to {seconds(start + width)}"
            yield f'<rect class="bin" {box} height="{tall:.1f}"><title>{escape(text)}</title></rect>'


def _across(scale: _Scale) -> Iterator[str]:
    """The horizontal axis."""
    yield f'<line class="axis" x1="{_LEFT}" y1="{_BASE}" x2="{_WIDTH - _RIGHT}" y2="{_BASE}"/>'
    for value, text in scale.marks():
        x = scale.x(value)
        yield f'<line class="axis" x1="{x:.1f}" y1="{_BASE}" x2="{x:.1f}" y2="{_BASE + 5}"/>'
        yield f'<text class="small time" x="{x:.1f}" y="{_BASE + 32}" text-anchor="middle">{text}</text>'
    middle = _LEFT + _ROOM / 2
    yield f'<text class="small" x="{middle}" y="{_BASE + 50}" text-anchor="middle">{scale.unit[0]}</text>'


def _marks(scale: _Scale, values: Sequence[float]) -> Iterator[str]:
    for value in values:
        mark = f'x1="{scale.x(value):.1f}" y1="{_BASE + 7}" x2="{scale.x(value):.1f}" y2="{_BASE + 16}"'
        yield f'<line class="mark" {mark}><title>{seconds(value)}</title></line>'


def _average(scale: _Scale, values: Sequence[float]) -> Iterator[str]:
    average = sum(values) / len(values)
    x = scale.x(average)
    anchor = "end" if x > _LEFT + _ROOM / 2 else "start"
    yield f'<line class="mean" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{_BASE + 16}"/>'
    yield f'<text class="small" x="{x:.1f}" y="{_TOP - 12}" text-anchor="{anchor}">average {seconds(average)}</text>'
