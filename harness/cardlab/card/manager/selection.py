"""SELECT by name, and who is selected when nobody asked (GPCS 6.4.2, 11.9; JCRE 4.5)."""

from __future__ import annotations

from dataclasses import replace

from cardlab.card.manager.get_data import recognition
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import (
    CLA_ISO,
    INS_SELECT,
    P1_SELECT_BY_NAME,
    P2_SELECT_FIRST,
    P2_SELECT_NEXT,
    TAG_FCI,
    TAG_FCI_AID,
    TAG_FCI_MAX_LENGTH,
    TAG_FCI_PROPRIETARY,
    CardState,
)
from cardlab.iso7816 import classes, tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import RuntimeRefusal

_TAG_FCP = 0x62  # ISO/IEC 7816-4:2020, Table 10
_FORM, _FORM_FCI, _FORM_FCP, _FORM_NOTHING = 0x0C, 0x00, 0x04, 0x0C  # bits of P2: ISO/IEC 7816-4:2020, 11.2.2
_SECURE_MESSAGING = 0x0C  # bits of a class of the basic channel, GPCS Table 11-11
_CHAINING = 0x10
_MAX_COMMAND_DATA = b"\xff"
_NOT_SELECTED = SW.APPLET_SELECT_FAILED.to_bytes(2, "big")


def is_select(command: CommandApdu) -> bool:
    """Whether a command is a SELECT by name, which the card itself serves (GPCS 11.9.1)."""
    is_interindustry = command.cla < classes.PROPRIETARY and classes.is_valid(command.cla)
    by_name = command.ins == INS_SELECT and command.p1 == P1_SELECT_BY_NAME
    return by_name and is_interindustry and not command.cla & _CHAINING


def select(card: ManagedCard, command: CommandApdu, raw: bytes) -> bytes | None:
    """Select what the command names; None when nothing on the card does, and the selection stays as it was."""
    if classes.basic_class(command.cla) & _SECURE_MESSAGING:
        raise Refusal(SW.SECURE_MESSAGING_NOT_SUPPORTED, "SELECT without secure messaging, please")  # Table 11-84
    form, occurrence = command.p2 & _FORM, command.p2 & ~_FORM
    if occurrence not in (P2_SELECT_FIRST, P2_SELECT_NEXT) or form not in (_FORM_FCI, _FORM_FCP, _FORM_NOTHING):
        raise Refusal(SW.INCORRECT_P1P2, f"SELECT has no P2 {command.p2:02X} here")
    if card.state is CardState.TERMINATED:
        raise Refusal(SW.FUNCTION_NOT_SUPPORTED, "the card is terminated")  # GPCS 5.1.1.5
    matching = _matching(card, command.data, following=occurrence == P2_SELECT_NEXT)
    if card.state is CardState.CARD_LOCKED and matching and matching[0] is not card.registry.issuer:
        raise Refusal(SW.FUNCTION_NOT_SUPPORTED, "the card is locked")  # GPCS Table 11-84
    if command.is_extended and matching:  # an applet that knows short lengths only can be selected all the same
        le = None if command.le is None else min(command.le, SHORT_MAX_LE)
        raw = replace(command, extended=False, le=le).to_bytes()
    refused = False
    for target in (entry for entry in matching if entry is card.registry.issuer or entry.selectable):
        if isinstance(target, SecurityDomain):
            return _select_domain(card, target, form, raw)
        answer = _select_applet(card, target, raw)
        if answer != _NOT_SELECTED:
            return answer
        refused = True  # the search goes on (GPCS 6.4.2.1.2)
    if refused:
        return _NOT_SELECTED
    current = card.selected
    if current is not None and current.locked and current in matching:
        _end_application_session(card, raw)
    if matching or occurrence == P2_SELECT_NEXT:
        raise Refusal(SW.FILE_NOT_FOUND, "no such application can be selected")  # GPCS Table 11-84
    return None


def select_default(card: ManagedCard) -> None:
    """After a reset: only the basic channel is open, and on it the default application is selected."""
    card.close_all()
    _select_default(card)
    card.end_command()


def _select_default(card: ManagedCard) -> None:
    """The application with Card Reset, or the issuer's domain when that cannot be (GPCS 6.4.2.1.1)."""
    card.current.end_session()
    card.selected = card.registry.issuer
    target = card.registry.default_selected
    if card.state in (CardState.CARD_LOCKED, CardState.TERMINATED) or not target.selectable:
        return
    if isinstance(target, SecurityDomain):
        card.selected = target
        return
    header = bytes((CLA_ISO, INS_SELECT, P1_SELECT_BY_NAME, P2_SELECT_FIRST, len(target.aid)))
    if _select_applet(card, target, header + target.aid) == _NOT_SELECTED:
        card.selected = card.registry.issuer


def _select_domain(card: ManagedCard, target: SecurityDomain, form: int, raw: bytes) -> bytes:
    _deselect_applet(card, raw)
    card.current.end_session()
    card.selected = target
    locked = card.state is CardState.CARD_LOCKED
    sw = SW.SELECTED_LOCKED if locked else SW.OK  # GPCS Table 11-83
    return ResponseApdu(_template(target, form), sw).to_bytes()


def _select_applet(card: ManagedCard, target: Application, raw: bytes) -> bytes:
    """Have the runtime do it; when the applet refuses, nobody is selected (JCRE 4.6.2)."""
    before, channel = card.selected, card.current
    card.prepare_deselect(card.current)
    channel.arriving = target
    if not channel.has_applet:
        channel.arrive()  # select() may ask the card for services already
    try:
        response = card.runtime.select(target.aid, raw, channel.number)
    except RuntimeRefusal:
        channel.selected, channel.arriving = before, None
        raise
    channel.arrive()
    if response == _NOT_SELECTED:
        card.selected = None
    return response


def _end_application_session(card: ManagedCard, raw: bytes) -> None:
    """A locked application was selected again: its session ends, the default application follows (GPCS 6.4.2.1.2)."""
    _deselect_applet(card, raw)
    _select_default(card)


def _deselect_applet(card: ManagedCard, raw: bytes) -> None:
    if card.current.has_applet:
        card.prepare_deselect(card.current)
        card.runtime.deselect(raw, card.current.number)


def _matching(card: ManagedCard, name: bytes, *, following: bool) -> list[Application]:
    """Whoever has the AID or one that begins so, in the registry's order, a whole AID first.

    "Next" goes on behind the one that is selected. Without a name it is the issuer security domain either way.
    """
    entries = list(card.registry.applications.values())
    if not name:
        return [card.registry.issuer]
    if following:
        position = next((i for i, entry in enumerate(entries) if entry is card.selected), len(entries))
        return [entry for entry in entries[position + 1 :] if entry.aid.startswith(name)]
    return sorted((entry for entry in entries if entry.aid.startswith(name)), key=lambda entry: entry.aid != name)


def _template(target: SecurityDomain, form: int) -> bytes:
    """File control information (GPCS Table 11-82), file control parameters, or nothing."""
    if form == _FORM_NOTHING:
        return b""
    name = tlv.encode(TAG_FCI_AID, target.aid)
    if form == _FORM_FCP:
        return tlv.encode(_TAG_FCP, name)
    proprietary = recognition(target) + tlv.encode(TAG_FCI_MAX_LENGTH, _MAX_COMMAND_DATA)
    return tlv.encode(TAG_FCI, name, tlv.encode(TAG_FCI_PROPRIETARY, proprietary))
