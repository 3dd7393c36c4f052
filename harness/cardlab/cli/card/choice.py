"""Options that the commands about cards share: which card, and its keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab.cli import card_argument

if TYPE_CHECKING:
    from cardlab.transport import Transport

_Function = TypeVar("_Function", bound=Callable[..., object])
KEY_SOURCES = (  # what cardlab.globalplatform.key_source reads
    "the keys in `file:PATH` or `env:NAME` (one AES key or three: ENC, MAC, DEK, in hexadecimal), or `test`, the public"
    " test keys"
)


def card_option(function: _Function) -> _Function:
    """The option ``--card``; the command gets its text as ``card``."""
    return click.option(
        "--card",
        default="pcsc",
        show_default=True,
        metavar="CARD",
        help="`pcsc:READER`: the card in the reader with this in its name; `pcsc`: the only card in any reader;"
        " `sim`: a new simulated card; `sim:FILE`: the one in its state file.",
    )(function)


def keys_option(function: _Function) -> _Function:
    """The option ``--keys``; the command gets its text as ``keys``, None when it was not given."""
    return click.option(
        "--keys",
        metavar="SOURCE",
        help=f"Open a secure channel to the issuer security domain with {KEY_SOURCES}. Without it, no card is"
        " authenticated to.",
    )(function)


def open_card(text: str, *, reading: bool = False, runtime: str | None = None) -> Transport:
    """The card that ``--card`` names, which may be a new simulated one too; see ``card_argument.open_card``."""
    return card_argument.open_card(text, reading=reading, new=True, runtime=runtime)
