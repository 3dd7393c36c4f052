"""The picture of the whole: who sends bytes, through what, to which card. README shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT, _LINE = 370, 660, 17  # stacked: read on the screen of a phone
_SHOWN = 420  # pixels where there is room
_STYLE = """\
text { fill: #1c1c1c; font: 14px system-ui, sans-serif; text-anchor: middle }
text.small { fill: #555; font-size: 12px } text.code { font-family: ui-monospace, monospace }
rect { fill: #f4f6f8; stroke: #8a97a5 } rect.card { fill: #e3f0f9; stroke: #0072b2 }
rect.ours { fill: #e6f4ef; stroke: #009e73 }
path { fill: none; stroke: #6b7683; stroke-width: 1.5; marker-end: url(#tip) } path.other { stroke-dasharray: 5 4 }
marker path { fill: #6b7683; stroke: none; marker-end: none }
@media (prefers-color-scheme: dark) {
text { fill: #e8e8e8 } text.small { fill: #b0b0b0 } rect { fill: #23282e; stroke: #7b8794 }
rect.card { fill: #12303f; stroke: #56b4e9 } rect.ours { fill: #12332a; stroke: #2fb58a } path { stroke: #9aa5b1 }
marker path { fill: #9aa5b1 } }"""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with a name and small lines below it; places and sizes in the picture's own units."""

    x: int
    y: int
    width: int
    name: str
    lines: tuple[str, ...] = ()
    kind: str = ""

    @property
    def height(self) -> int:
        """As much as its text takes."""
        return 34 + _LINE * len(self.lines)

    @property
    def middle(self) -> int:
        """Where arrows begin and end."""
        return self.x + self.width // 2

    @property
    def bottom(self) -> int:
        """Below which nothing of it is."""
        return self.y + self.height


TESTS = Box(10, 10, 110, "pytest", ("your tests,", "fixture `card`"))
COMMANDS = Box(130, 10, 110, "cardlab, jpki", ("the two", "commands"))
PARTIES = Box(250, 10, 110, "the parties", ("phone, TSMs,", "CA, verifier"))
CLIENTS = Box(10, 106, 350, "clients", ("GlobalPlatform · the JPKI applet",), "ours")
LAYERS = Box(10, 181, 350, "layers, any of them", ("SCP03 · log · record · time",), "ours")
CARD = Box(10, 276, 230, "simulated secure element", ("card manager: domains,", "registry, life cycles"), "card")
REPLAY = Box(250, 276, 110, "recording", ("answers again",), "card")
APPLET = Box(10, 368, 230, "applet, in a runtime", ("it runs what was loaded",), "card")
SOURCES = Box(10, 443, 230, "sources → class files → CAP", ("compiler, converter, verifier",), "ours")
PCSC = Box(10, 524, 350, "PC/SC", ("any reader · virtual reader",))
REAL = Box(10, 599, 170, "real card", ("only when it is named",), "card")
OTHERS = Box(190, 599, 170, "programs that exist", ("OpenSC, gp, browsers",))
BOXES = (TESTS, COMMANDS, PARTIES, OTHERS, CLIENTS, LAYERS, PCSC, REPLAY, CARD, REAL, APPLET, SOURCES)


def architecture() -> str:
    """The SVG file: follows light and dark, needs nothing from outside."""
    title = "From tests, commands and parties through clients and layers to a card"
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_SHOWN}" role="img" '
            f'aria-label="{title}">',
            f"<title>{title}</title>",
            f"<style>\n{_STYLE}\n</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            *_arrows(),
            *(line for box in BOXES for line in _box(box)),
            '<text class="small code" x="165" y="258">transmit(bytes) → bytes</text>',
            "</svg>",
            "",
        )
    )


def _arrows() -> Iterator[str]:
    for sender in (TESTS, COMMANDS, PARTIES):
        yield _arrow((sender.middle, sender.bottom), (sender.middle, CLIENTS.y))
    yield _arrow((185, CLIENTS.bottom), (185, LAYERS.y))
    for x in (CARD.x + 40, REPLAY.middle):
        yield _arrow((x, LAYERS.bottom), (x, CARD.y))
    right = LAYERS.x + LAYERS.width
    yield _arrow((right, 206), (right + 5, 206), (right + 5, 550), (right, 550))
    yield _arrow((REPLAY.middle, PCSC.y), (REPLAY.middle, 336), (CARD.x + CARD.width, 336), kind="other")
    yield _arrow((CARD.middle, CARD.bottom), (CARD.middle, APPLET.y))
    yield _arrow((SOURCES.middle, SOURCES.y), (SOURCES.middle, APPLET.bottom))
    yield _arrow((REAL.middle, PCSC.bottom), (REAL.middle, REAL.y))
    yield _arrow((OTHERS.middle, OTHERS.y), (OTHERS.middle, PCSC.bottom))


def _arrow(*points: tuple[int, int], kind: str = "") -> str:
    way = " L".join(f"{x} {y}" for x, y in points)
    return f'<path{_class(kind)} d="M{way}"/>'


def _box(box: Box) -> Iterator[str]:
    size = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"'
    yield f"<rect{_class(box.kind)} {size}/>"
    yield f'<text x="{box.middle}" y="{box.y + 22}">{escape(box.name)}</text>'
    yield from _small(box.middle, box.y + 22 + _LINE, box.lines)


def _small(x: int, y: int, lines: Sequence[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f'<text class="small" x="{x}" y="{y + number * _LINE}">{escape(line)}</text>'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
