"""``--card``: which card a command is to use, the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab import kinds
from cardlab.errors import UsageError
from cardlab.lab.kind import Opening, Unnamed

if TYPE_CHECKING:
    from cardlab.transport import Transport

_Function = TypeVar("_Function", bound=Callable[..., object])


def card_option(function: _Function) -> _Function:
    """The option ``--card``; the command gets it as ``card`` and opens it with ``open_card``."""
    return click.option(
        "--card",
        required=True,
        metavar="sim:FILE|pcsc:READER",
        help="A simulated card in its state file, or the card in a reader (part of its name; empty for the only one).",
    )(function)


def open_card(text: str, *, reading: bool = False, new: bool = False, runtime: str | None = None) -> Transport:
    """The card that ``--card`` names, powered on; UsageError when it names none, or a new one unless ``new``.

    For ``reading``, a simulated card is a copy of what its file holds: it stays as it is, and others may be using it.
    ``runtime`` executes its applets; UsageError for a kind that is not simulated.
    """
    choice = kinds.choose(text, command=True)
    commands = choice.for_commands()
    if not choice.argument and commands.unnamed is Unnamed.NEW and not new:
        raise UsageError(
            f"--card {text} would be a new card, with nothing on it", hint=f"name one: --card {commands.usage}"
        )
    return commands.open(choice.argument, Opening(_tell, reading, runtime))


def _tell(line: str) -> None:
    click.echo(line, err=True)
