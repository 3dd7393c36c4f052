"""Options that the commands about cards share: which card, and its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.scp03 import StaticKeys
    from harness.transport import Transport

_Function = TypeVar("_Function", bound=Callable[..., object])
_KINDS = "sim, pcsc or pcsc:READER"


def card_option(function: _Function) -> _Function:
    """The option ``--card``; the command gets its text as ``card``."""
    return click.option(
        "--card",
        default="pcsc",
        show_default=True,
        metavar="CARD",
        help="`pcsc:READER`: the card in the reader with this in its name; `pcsc`: the only card in any reader;"
        " `sim`: a new simulated card.",
    )(function)


def keys_option(function: _Function) -> _Function:
    """The option ``--keys``; the command gets its text as ``keys``, None when it was not given."""
    return click.option(
        "--keys",
        metavar="KEYS",
        help="Open a secure channel to the issuer security domain: `test` for GlobalPlatform's public test keys, or a"
        " file that holds ENC, MAC and DEK in hexadecimal, a line each. Without it, no card is authenticated to.",
    )(function)


def open_card(text: str) -> Transport:
    """The card that ``--card`` names; raises UsageError, or what opening it raises."""
    kind, _, argument = text.partition(":")
    if kind == "sim" and not argument:
        from harness.simulator.card import SimulatedCard

        return SimulatedCard()
    if kind == "pcsc":
        from harness.transport.pcsc import PcscTransport

        return PcscTransport.open(argument)
    raise UsageError(f"--card {text}: there is no such kind of card", hint=f"say {_KINDS}")


def read_keys(text: str) -> StaticKeys:
    """The keys that ``--keys`` names; raises UsageError. What the file holds is never shown."""
    from harness.scp03 import StaticKeys
    from harness.simulator.config import DEFAULT_KEYS

    if text == "test":
        return DEFAULT_KEYS
    try:
        lines = Path(text).read_text(encoding="ascii").split()
        enc, mac, dek = (bytes.fromhex(line) for line in lines)
        return StaticKeys(enc=enc, mac=mac, dek=dek)
    except OSError as error:
        raise UsageError(f"--keys {text}: cannot be read: {error.strerror}", hint="name a file, or say test") from error
    except ValueError as error:
        raise UsageError(
            f"--keys {text}: these are not three AES keys", hint="write ENC, MAC and DEK in hexadecimal, a line each"
        ) from error
