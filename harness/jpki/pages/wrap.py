"""Markdown filled to one width: prose and lists; code, tables, headings and comments stay as they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

WIDTH = 120
"""Columns of a line of prose, at most. A character of East Asian width takes two."""

_FENCE = re.compile(r"\s*(```|~~~)")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d+\.) (?P<text>.*)")
_AS_IT_IS = re.compile(r"\s*(#{1,6} |\||<|!\[|$)")  # heading, table, comment or HTML, picture, empty line
# What must stay together on a line: a code span with what touches it, and any other word.
_TOKEN = re.compile(r"(?:[^\s`]*`+[^`]*`+)+[^\s`]*|\S+")
_WOULD_BEGIN_A_BLOCK = re.compile(r"([-*+#>|]|\d+[.)]|#{1,6})$")


def wrapped(text: str) -> str:
    """The page, each paragraph and list item filled anew; a page that is wrapped already comes back as it was."""
    return "\n".join(_lines(text.splitlines())) + "\n"


def columns(line: str) -> int:
    """How many columns of a terminal a line takes."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def prose(text: str) -> Iterator[str]:
    """The lines that have a width: all but code, tables and HTML."""
    fenced = False
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if not fence and not fenced and not re.match(r"\s*(\||<)", line):
            yield line
        fenced = fenced != bool(fence)


def _lines(lines: Sequence[str]) -> Iterator[str]:
    paragraph: list[str] = []
    fenced = False
    for line in lines:
        is_fence = _FENCE.match(line) is not None
        if fenced or is_fence or _AS_IT_IS.match(line):
            yield from _filled(paragraph)
            paragraph = []
            yield line
            fenced = fenced != is_fence
        elif _ITEM.match(line):
            yield from _filled(paragraph)
            paragraph = [line]
        else:
            paragraph.append(line)
    yield from _filled(paragraph)


def _filled(paragraph: Sequence[str]) -> Iterator[str]:
    """The lines of one paragraph or list item, filled."""
    if not paragraph:
        return
    item = _ITEM.match(paragraph[0])
    start = f"{item['indent']}{item['mark']} " if item else _indent(paragraph[0])
    after = " " * len(start)
    words = _TOKEN.findall(" ".join([item["text"] if item else paragraph[0], *paragraph[1:]]))
    line: list[str] = []
    for word in words:
        if not line or columns(start + " ".join([*line, word])) <= WIDTH:
            line.append(word)
            continue
        carried = [line.pop()] if _WOULD_BEGIN_A_BLOCK.fullmatch(word) and len(line) > 1 else []
        yield start + " ".join(line)
        start, line = after, [*carried, word]
    yield start + " ".join(line)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
