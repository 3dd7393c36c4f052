"""After a power cut, the registry says what the runtime's memory says: content is on the card or not (GPCS 9.5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cardlab.card.manager.registry import Application, LoadFileEntry, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.errors import TransportError
from cardlab.globalplatform.constants import Privilege
from cardlab.runtime.interface import RuntimeRefusal


@contextmanager
def unsettled(card: ManagedCard, entry: Application | LoadFileEntry) -> Iterator[None]:
    """While the runtime brings this onto the card, or takes it away: a power cut leaves it open which of both."""
    try:
        yield
    except TransportError:
        card.unsettled = entry
        raise


def settle(card: ManagedCard) -> None:
    """At power up: what was under way is there if the runtime has it, and what the runtime has lost is not."""
    entry, card.unsettled = card.unsettled, None
    if isinstance(entry, LoadFileEntry):
        _settle_load_file(card, entry)
    elif entry is not None and _has(card, entry):
        card.registry.applications[entry.aid] = entry
        if entry.privileges & Privilege.CARD_RESET:
            card.registry.hold_card_reset(entry)
    for found in [one for one in card.registry.applications.values() if not isinstance(one, SecurityDomain)]:
        if not _has(card, found):
            card.registry.remove_application(found)


def _settle_load_file(card: ManagedCard, entry: LoadFileEntry) -> None:
    size = card.runtime.package_memory(entry.aid)
    if size:
        entry.size = entry.size or size
        card.registry.load_files[entry.aid] = entry
    else:
        card.registry.load_files.pop(entry.aid, None)


def _has(card: ManagedCard, entry: Application) -> bool:
    try:
        card.runtime.used_memory(entry.aid)
    except RuntimeRefusal:
        return False
    return True
