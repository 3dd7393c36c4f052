"""Reads a documentation page as a sequence of files to write and commands to run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
_BLOCK = re.compile(r"(?P<before>[^\n]*)\n\n```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"`(?P<name>[^`]+)`:$")


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page shows: the paragraph before the block ends with its name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A ``console`` block: the command line behind ``$`` and what it prints; a line ``...`` stands for any lines."""

    line: str
    output: str


def steps(page: str) -> Iterator[File | Command]:
    """The files and commands of a page in their order; raises ValueError for a block that is neither."""
    for block in _BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        named = _NAME.search(block["before"])
        if block["language"] == "console":
            prompt, _, output = block["text"].partition("\n")
            yield Command(prompt.removeprefix("$ "), output)
        elif named:
            yield File(named["name"], block["text"])
        elif block["language"] not in ("sh", "text", "mermaid"):
            raise ValueError(f"{page}: nothing says what this block is for:\n{block['text']}")


def agrees(expected: str, actual: str) -> bool:
    """Whether a command printed what the page shows; durations may differ, and what is said when it takes long."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in _timeless(expected).splitlines()
    )
    return re.fullmatch(pattern, _timeless(actual).rstrip("\n") + "\n") is not None


def _timeless(text: str) -> str:
    text = re.sub(r"^\n?javacard: compiling .* \.\.\.\n", "", text, flags=re.MULTILINE)  # only when it takes a second
    text = re.sub(r"\.txt: line \d+:", ".txt: line N:", text)  # how far into a recording depends on how code is loaded
    return re.sub(r"\b\d+\.\d\ds\b", "N.NNs", "\n".join(line.rstrip() for line in text.splitlines()))
