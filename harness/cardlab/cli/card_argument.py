"""``--card``: which card a command is to use, the same way everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab.errors import UsageError

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


def open_card(name: str, *, reading: bool = False) -> Transport:
    """The card that ``--card`` names, powered on; UsageError when it names none.

    For ``reading``, a simulated card is a copy of what its file holds: it stays as it is, and others may be using it.
    """
    kind, _, where = name.partition(":")
    if kind == "sim" and where:
        return _copy_of(Path(where)) if reading else _kept(Path(where))
    if kind == "pcsc":
        from cardlab.transport.pcsc import PcscTransport

        return PcscTransport.open(where)
    raise UsageError(
        f"--card {name}: there is no such kind of card",
        hint="sim:FILE is a simulated one in its state file, pcsc:READER one in a reader",
    )


def _kept(file: Path) -> Transport:
    from cardlab.card.kept import KeptCard

    return KeptCard.open(file)


def _copy_of(file: Path) -> Transport:
    from cardlab.card.card import SimulatedCard
    from cardlab.locking import user_of_file

    user = user_of_file(file)
    if user is not None:
        click.echo(f"{file} is in use by {user}: this is the card as it was saved last", err=True)
    return SimulatedCard.restore(file)
