"""SET STATUS (GPCS 11.10): the life cycle of the card, of security domains and of applications (GPCS 5, 9.6)."""

from __future__ import annotations

from cardlab.card.manager.fields import check_aid
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import ApplicationState, CardState, DomainState, Privilege, StatusType
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW

_CARD_TRANSITIONS = {  # GPCS Figure 5-1: from, to, and the privilege that it takes beside being the issuer's domain
    (CardState.OP_READY, CardState.INITIALIZED): Privilege.NONE,
    (CardState.INITIALIZED, CardState.SECURED): Privilege.NONE,
    (CardState.SECURED, CardState.CARD_LOCKED): Privilege.CARD_LOCK,
    (CardState.CARD_LOCKED, CardState.SECURED): Privilege.CARD_LOCK,
    (CardState.OP_READY, CardState.TERMINATED): Privilege.CARD_TERMINATE,
    (CardState.INITIALIZED, CardState.TERMINATED): Privilege.CARD_TERMINATE,
    (CardState.SECURED, CardState.TERMINATED): Privilege.CARD_TERMINATE,
    (CardState.CARD_LOCKED, CardState.TERMINATED): Privilege.CARD_TERMINATE,
}
_CARD_STATES = frozenset(state.value for state in CardState)
_TYPE = 0xE0  # the other bits of P1 are RFU (GPCS Table 11-86)


def set_status(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """SET STATUS; P1 says of what, P2 the new state."""
    kind = command.p1 & _TYPE
    if kind == StatusType.ISSUER_DOMAIN:  # the data is ignored (GPCS 11.10.2.3)
        if command.p2 not in _CARD_STATES:
            raise Refusal(SW.INCORRECT_P1P2, f"{command.p2:02X} is no life cycle state of a card")
        change_card_state(card, domain, CardState(command.p2))
    elif kind == StatusType.APPLICATION:
        _set_application(card, domain, card.registry.application(check_aid(command.data)), command.p2)
    elif kind == StatusType.DOMAIN_AND_APPLICATIONS:
        _set_family(card, domain, card.registry.domain(check_aid(command.data)), command.p2)
    else:
        raise Refusal(SW.INCORRECT_P1P2, f"no status type {command.p1:02X}")
    return b""


def change_card_state(card: ManagedCard, actor: Application, state: CardState) -> None:
    """Move the card to another life cycle state, if the actor's privileges allow it and there is such a way."""
    needed = _CARD_TRANSITIONS.get((card.state, state))
    if needed is None:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, f"no way from {card.state.name} to {state.name}")
    if actor is not card.registry.issuer and not needed & actor.privileges:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, f"{state.name} is not this application's to set")
    card.persistent.card_state = state


def _set_application(card: ManagedCard, domain: SecurityDomain, entry: Application, state: int) -> None:
    """Only bit 8 counts for another application; a domain may also say that it is personalised (GPCS 11.10.2.2)."""
    _require_lock_right(card, domain, entry)
    lock = bool(state & ApplicationState.LOCKED)
    if entry is domain and entry.state == DomainState.SELECTABLE and state == DomainState.PERSONALIZED:
        entry.state = DomainState.PERSONALIZED
    elif lock == entry.locked or (entry is domain and not lock):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "it is in that state already, or is not to be set so from outside")
    else:
        _lock(entry, lock=lock)


def _set_family(card: ManagedCard, domain: SecurityDomain, target: SecurityDomain, state: int) -> None:
    """A security domain and everything below it; those in that state already stay so (note to GPCS Table 11-86)."""
    _require_lock_right(card, domain, target)
    lock = bool(state & ApplicationState.LOCKED)
    if target is domain and not lock:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "a security domain does not unlock itself")
    for entry in card.registry.applications.values():
        if entry is target or card.registry.is_under(entry, target):
            _lock(entry, lock=lock)


def _lock(entry: Application, *, lock: bool) -> None:
    entry.state = entry.state | ApplicationState.LOCKED if lock else entry.state & ~ApplicationState.LOCKED


def _require_lock_right(card: ManagedCard, domain: SecurityDomain, entry: Application) -> None:
    """GPCS 9.6.2: the application itself, a domain above it, or Global Lock; never what has Final Application."""
    if entry is card.registry.issuer:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the issuer security domain has the card's state")
    allowed = entry is domain or card.registry.is_under(entry, domain) or domain.privileges & Privilege.GLOBAL_LOCK
    if not allowed:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domain may not lock or unlock this")
