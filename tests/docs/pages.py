"""Reads a page of the documentation as a sequence of blocks: files to write, commands to run, code, and what is shown.

What a block is for is said where its reader sees it. A block whose paragraph ends with a name, as in "`test_x.py`:",
is a file. A block after "*Not run by the tests: it needs a card in a reader.*" is not run; the reason is one of
``NotRun``. ``text``, ``mermaid`` and ``asn1`` are shown. Everything else is run, in the order of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^(?P<fence>```+)(?P<language>[\w-]*)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"`(?P<name>[^`\s]*[./][^`\s]*)`(?::|\uff1a)$")
_NOT_RUN = re.compile(r"^\*(?:Not run by the tests: |テストでは実行しません\uff1a)(?P<reason>.+?)[.。]\*$")
_SHOWN = ("text", "mermaid", "asn1")
# A line of ours in a block that is only shown would be a command that nobody runs.
_A_COMMAND = re.compile(r"^(?:\$ |(?:jpki|cardlab|pytest|pip|python3?|apt-get) )", re.MULTILINE)


@unique
class NotRun(Enum):
    """Why a block is not run by the tests: in English, and as the Japanese page says it."""

    RIGHTS = ("it needs administrator rights", "管理者権限が必要です")
    INDEX = ("it needs a package index", "パッケージインデックスへの接続が必要です")
    READER = ("it needs a card in a reader", "カードリーダーに入ったカードが必要です")
    KIT = ("it needs a vendor's kit", "ベンダーのキットが必要です")
    PROGRAM = ("it needs GlobalPlatformPro", "GlobalPlatformPro が必要です")
    SUITE = ("it is the test suite, or runs it", "テストスイートそのものです")
    ENVIRONMENT = ("it makes the environment that they run in", "テストを実行する環境そのものを作ります")
    STAYS = ("it runs until it is stopped", "止めるまで動き続けます")
    READERS_TEST = ("tests/jpki/pcsc/test_lab_page.py follows it", "tests/jpki/pcsc/test_lab_page.py が実行します")


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page shows: the paragraph before the block ends with its name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command line behind ``$`` in a ``console`` block and what it prints; a line ``...`` stands for any lines."""

    line: str
    output: str


@dataclass(frozen=True, slots=True)
class Script:
    """A ``sh`` block: its commands must succeed."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A ``python`` block; those of one page share their names. ``line`` is that of the page."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Left:
    """A block that is not run, for a reason."""

    reason: NotRun
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to look at: a table, a format, a diagram."""

    language: str
    text: str


Step = File | Command | Script | Code | Left | Shown


def steps(page: str | Path) -> Iterator[Step]:
    """The blocks of a page (a path, or a name below docs) in their order; raises ValueError for one that is none."""
    path = DOCS / page
    content = path.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(content):
        before = content[: block.start()].rstrip("\n").rpartition("\n")[2]
        place = f"{path.name}:{content.count(chr(10), 0, block.start()) + 1}"
        yield from _step(block["language"], block["text"], before, place)


def _step(language: str, text: str, before: str, place: str) -> Iterator[Step]:
    if unusual := _NOT_RUN.match(before):
        yield Left(_reason(unusual["reason"], place), text)
    elif language == "console":
        yield from commands(text)
    elif language == "sh":
        yield Script(text)
    elif named := _NAME.search(before):
        yield File(named["name"], text)
    elif language == "python":
        yield Code(text, int(place.rpartition(":")[2]))
    elif language in _SHOWN and not _A_COMMAND.search(text):
        yield Shown(language, text)
    else:
        raise ValueError(f"{place}: nothing says what this block is for:\n{text}")


def _reason(words: str, place: str) -> NotRun:
    for one in NotRun:
        if words in one.value:
            return one
    raise ValueError(f"{place}: {words!r} is no reason not to run a block; there are {[one.value for one in NotRun]}")


def commands(block: str) -> Iterator[Command]:
    """Each command line of a ``console`` block with what it prints."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output)


def agrees(expected: str, actual: str) -> bool:
    """Whether a command printed what the page shows; durations may differ, and what is said when it takes long."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in _timeless(expected).splitlines()
    )
    printed = _timeless(actual).rstrip("\n")
    return re.fullmatch(pattern, f"{printed}\n" if printed else "") is not None


def _timeless(text: str) -> str:
    # Only when it takes a second, and then in the middle of a line of dots, too.
    text = re.sub(r"(?:\A|\n)javacard: compiling .* \.\.\.\n", "", text)
    text = re.sub(r"\.txt: line \d+:", ".txt: line N:", text)  # how far into a recording depends on how code is loaded
    text = re.sub(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "DAY TIME", text)
    text = re.sub(r"(\bin \d+\.\d+s) \(\d:\d\d:\d\d\)", r"\1", text)  # pytest says it twice from a minute on
    text = re.sub(r"\b[0-9A-F]{20,}\b", "NUMBER", text)  # serial numbers, keys, hashes
    return re.sub(
        r"\b\d+\.\d+ (?=m?s\b)|\b\d+\.\d\d(?=s\b)", "N", "\n".join(line.rstrip() for line in text.splitlines())
    )
