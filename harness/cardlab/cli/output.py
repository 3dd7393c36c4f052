"""What a command prints: facts on standard output (as JSON with ``--json``), words for people on standard error."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from cardlab.errors import UsageError
from cardlab.printable import printable_line

_Function = TypeVar("_Function", bound=Callable[..., object])


def json_option(function: _Function) -> _Function:
    """The option ``--json``; the command gets it as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON on standard output.")(function)


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's words and facts go; ``as_json`` is what ``--json`` said."""

    as_json: bool

    def progress(self, line: str) -> None:
        """A line about what is being done now."""
        click.echo(printable_line(line), err=True)

    def facts(self, facts: object, text: Iterable[str]) -> None:
        """The result: ``facts`` (what JSON can hold) for machines, or the lines of ``text`` for people."""
        if self.as_json:
            click.echo(json.dumps(facts, indent=2))
        else:
            for line in text:
                click.echo(printable_line(line))


def require_folder(target: Path) -> None:
    """Raises UsageError when there is no folder for a result, before anything is done for it."""
    if not target.parent.is_dir():
        raise UsageError(f"there is no folder {target.parent} to write to", hint="make it, or name another")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns; the first row is the heading. Columns of numbers are aligned right."""
    columns = list(zip(*rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    numeric = [all(cell.replace(",", "").replace(".", "").isdigit() for cell in column[1:]) for column in columns]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        for row in rows
    ]
    return [line.rstrip() for line in [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]]
