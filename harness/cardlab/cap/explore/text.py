"""Words of a CAP file in HTML. Names come from whoever made the file, so each is hostile until it is escaped."""

from __future__ import annotations

import html
import unicodedata

_HARMLESS = "\t"
_UNSEEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))


def text(words: object) -> str:
    """Escaped for content and quoted attributes; what nobody sees, or what turns lines around, as ``\\u202e``."""
    return html.escape("".join(_visible(c) for c in str(words)))


def link(anchor: str, words: object) -> str:
    """A link within the page; ``anchor`` is one that ``names`` made."""
    return f'<a href="#{text(anchor)}">{text(words)}</a>'


def row(*cells: str, anchor: str = "") -> str:
    """A row of a table; the cells are HTML."""
    place = f' id="{text(anchor)}"' if anchor else ""
    return f"<tr{place}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def table(head: tuple[str, ...], rows: list[str], *, stacked: bool = False) -> str:
    """A table that scrolls by itself where the screen is narrow, or there has each row over several lines."""
    kind = ' class="stacked"' if stacked else ""
    titles = "".join(f"<th>{text(one)}</th>" for one in head)
    return (
        f'<div class="wide"><table{kind}><thead><tr>{titles}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _visible(c: str) -> str:
    if c in _HARMLESS or unicodedata.category(c) not in _UNSEEN:
        return c
    return f"\\u{ord(c):04x}"
