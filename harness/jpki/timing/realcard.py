"""A real card in the place of the phones' secure elements: lent for the measurement, and given back as it was.

The flows load, install and delete the applet many times, so the card must be named twice: by its reader, and by the
identity that is printed when it was not named. Nothing that was on the card before is touched, and a card that has the
applet already is refused. Keys are never guessed: the first failed authentication ends the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cardlab.errors import TransportError, UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.identity import CardIdentity
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.transport import Transport
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID
from jpki.parties.sei_tsm import PROVIDER_DOMAIN

_OURS = (INSTANCE_AID, PACKAGE_AID, PROVIDER_DOMAIN)  # in the order in which they can be deleted


@dataclass(frozen=True, slots=True)
class RealCard:
    """A card in a reader, and the keys of its issuer security domain."""

    transport: Transport
    keys: StaticKeys
    name: str


def require_named(transport: Transport, destructive: str) -> None:
    """Raises UsageError unless ``destructive`` is the card's identity."""
    found = CardIdentity.read(transport)
    if not found.is_named(destructive):
        raise UsageError(
            f"the measurement loads, installs and deletes the applet on the card {found}",
            hint=f"if that is what you want: --destructive {found}",
        )


@contextmanager
def lent(card: RealCard) -> Iterator[RealCard]:
    """Give the card for a measurement; afterwards, errors and Ctrl-C included, what came onto it is deleted."""
    client = _authenticated(card)
    before = client.registry()
    if there := [aid.hex().upper() for aid in _OURS if before.find(aid)]:
        raise UsageError(
            f"the card has {', '.join(there)} already", hint="delete it first, or take a card that is not in use"
        )
    try:
        yield card
    finally:
        _clear(card)


def _clear(card: RealCard) -> None:
    card.transport.reset()
    client = _authenticated(card)
    present = client.registry()
    for aid in _OURS:
        if present.find(aid):
            client.delete(aid)


def _authenticated(card: RealCard) -> GlobalPlatformClient:
    client = GlobalPlatformClient(card.transport)
    try:
        client.select()
    except TransportError as error:
        raise TransportError(f"{card.name}: {error}", hint=error.hint) from error
    client.authenticate(card.keys)
    return client
