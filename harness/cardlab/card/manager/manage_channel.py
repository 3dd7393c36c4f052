"""MANAGE CHANNEL opens and closes logical channels (GPCS 2.3.1, 11.7; JCRE 3.0.5, 4.5; ISO/IEC 7816-4:2020, 11.1)."""

from __future__ import annotations

from cardlab.card.manager.channels import BASIC, LogicalChannel
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import INS_MANAGE_CHANNEL, CardState
from cardlab.iso7816 import classes
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW

_P1_OPEN, _P1_CLOSE = 0x00, 0x80
_CHAINING, _SECURED = 0x10, 0x0C  # bits of a class of the basic channel
_OK = SW.OK.to_bytes(2, "big")
_WAS_CLOSED = SW.WARNING.to_bytes(2, "big")  # GPCS Table 11-64


def is_manage_channel(command: CommandApdu) -> bool:
    """Whether a command is the card's own, whatever is selected."""
    return command.ins == INS_MANAGE_CHANNEL and command.cla < classes.PROPRIETARY and classes.is_valid(command.cla)


def manage_channel(card: ManagedCard, command: CommandApdu) -> bytes:
    """Open a channel or close one; the answer is the whole response."""
    cla = classes.basic_class(command.cla)
    if cla & _SECURED:
        raise Refusal(SW.SECURE_MESSAGING_NOT_SUPPORTED, "MANAGE CHANNEL without secure messaging, please")
    if cla & _CHAINING:
        raise Refusal(SW.COMMAND_CHAINING_NOT_SUPPORTED, "MANAGE CHANNEL is one command")
    if card.state in (CardState.CARD_LOCKED, CardState.TERMINATED):
        raise Refusal(SW.FUNCTION_NOT_SUPPORTED, f"not in card state {card.state.name}")
    if command.data:
        raise Refusal(SW.WRONG_LENGTH, "MANAGE CHANNEL has no data")
    if command.p1 == _P1_OPEN:
        return _open(card, command.p2)
    if command.p1 == _P1_CLOSE:
        return _close(card, command.p2 or card.current.number)
    raise Refusal(SW.INCORRECT_P1P2, f"MANAGE CHANNEL opens (00) or closes (80), there is no P1 {command.p1:02X}")


def _open(card: ManagedCard, wanted: int) -> bytes:
    """The channel of this number, or for 0 the first that is free, whose number is the answer."""
    if card.channel_limit == 1:
        raise Refusal(SW.CHANNEL_NOT_SUPPORTED, "only the basic logical channel is there")
    number = _named(card, wanted) if wanted else _free(card)
    target = _follower(card)
    if not open_channel(card, number, target):
        return SW.APPLET_SELECT_FAILED.to_bytes(2, "big")
    return _OK if wanted else bytes((number,)) + _OK


def _named(card: ManagedCard, number: int) -> int:
    if number >= card.channel_limit:
        raise Refusal(SW.CHANNEL_NOT_SUPPORTED, f"this card has the channels 0 to {card.channel_limit - 1}")
    if number in card.channels:
        raise Refusal(SW.INCORRECT_P1P2, f"channel {number} is open")
    return number


def _free(card: ManagedCard) -> int:
    for number in range(1, card.channel_limit):
        if number not in card.channels:
            return number
    raise Refusal(SW.FUNCTION_NOT_SUPPORTED, f"all {card.channel_limit} channels are open")


def _follower(card: ManagedCard) -> Application | None:
    """Who is selected on a new channel: opened from the basic one the default application, else whoever is there."""
    if card.current.number != BASIC:
        return card.current.selected
    default = card.registry.default_selected
    return default if default.selectable else card.registry.issuer


def open_channel(card: ManagedCard, number: int, target: Application | None) -> bool:
    """Open a channel, which is the current one then, with somebody selected on it or nobody.

    False when the applet does not want to be selected; RuntimeRefusal when it is active elsewhere and is not
    MultiSelectable. The channel is closed then.
    """
    opened = card.new_channel(number)
    opened.selected = target  # select() may ask the card for services already
    origin, card.current = card.current, opened
    card.channels[number] = opened
    is_open = False
    try:
        aid = b"" if target is None or isinstance(target, SecurityDomain) else target.aid
        is_open = card.runtime.open_channel(number, aid) == _OK
    finally:
        if not is_open:
            del card.channels[number]
            card.current = origin
    return is_open


def close_channel(card: ManagedCard, closed: LogicalChannel) -> None:
    """Close a channel: its applet is deselected, its secure channel ends."""
    card.prepare_deselect(closed)
    card.runtime.close_channel(closed.number)
    closed.end_session()
    card.channels.pop(closed.number, None)


def _close(card: ManagedCard, number: int) -> bytes:
    if number == BASIC:
        raise Refusal(SW.INCORRECT_P1P2, "the basic logical channel is never closed")
    if number >= card.channel_limit:
        raise Refusal(SW.CHANNEL_NOT_SUPPORTED, f"this card has the channels 0 to {card.channel_limit - 1}")
    if number not in card.channels:
        return _WAS_CLOSED
    card.current = card.channels[number]
    close_channel(card, card.current)
    return _OK
