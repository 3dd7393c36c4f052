"""Which command goes where: the card's own rules first, then the selected application (GPCS 11.1, JCRE 4.5)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from cardlab.card.manager.channels import BASIC, LogicalChannel
from cardlab.card.manager.delete import delete
from cardlab.card.manager.get_data import get_data
from cardlab.card.manager.get_status import get_status
from cardlab.card.manager.install import install, load
from cardlab.card.manager.manage_channel import close_channel, is_manage_channel, manage_channel, open_channel
from cardlab.card.manager.progress import Chaining, Progress
from cardlab.card.manager.put_key import put_key
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import SecurityDomain
from cardlab.card.manager.selection import is_select, select
from cardlab.card.manager.set_status import set_status
from cardlab.card.manager.state import ManagedCard
from cardlab.card.manager.store_data import store_data
from cardlab.globalplatform.constants import (
    CLA_GP,
    CLA_GP_SECURE,
    CLA_ISO,
    INS_DELETE,
    INS_EXTERNAL_AUTHENTICATE,
    INS_GET_DATA,
    INS_GET_STATUS,
    INS_INITIALIZE_UPDATE,
    INS_INSTALL,
    INS_LOAD,
    INS_PUT_KEY,
    INS_SELECT,
    INS_SET_STATUS,
    INS_STORE_DATA,
    P1_MORE_COMMANDS,
    CardState,
)
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816 import classes
from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import MalformedTlvError
from cardlab.runtime.interface import RuntimeRefusal

Handler = Callable[[ManagedCard, SecurityDomain, CommandApdu], bytes | ResponseApdu]

OTHER_CHANNEL = 0x43  # bits of CLA: a further class (channels 4 to 19), or channels 1 to 3 (GPCS 11.1.4)
_CHAIN_LIMIT = 4096  # bytes of one command in several APDUs

_HANDLERS: dict[int, Handler] = {
    INS_GET_DATA: get_data,
    INS_PUT_KEY: put_key,
    INS_STORE_DATA: store_data,
    INS_DELETE: delete,
    INS_INSTALL: install,
    INS_LOAD: load,
    INS_SET_STATUS: set_status,
    INS_GET_STATUS: get_status,
}
_CHANNEL_COMMANDS = (INS_INITIALIZE_UPDATE, INS_EXTERNAL_AUTHENTICATE)
_WHEN_LOCKED = frozenset((*_CHANNEL_COMMANDS, INS_GET_DATA, INS_GET_STATUS, INS_SET_STATUS))  # GPCS Table 11-1
_CHAINED = frozenset((INS_DELETE, INS_INSTALL, INS_PUT_KEY))  # GPCS 11.1.5.1

_AUTHENTICATED = int(SecurityLevel.AUTHENTICATED)  # plain numbers: this is asked for every command
_AUTHENTICATED_BY_MAC = int(SecurityLevel.AUTHENTICATED | SecurityLevel.C_MAC)

_log = logging.getLogger(__name__)


def handle(card: ManagedCard, raw: bytes) -> bytes:
    """Serve one command, whatever its bytes; answers a status word in every case."""
    try:
        command = CommandApdu.from_bytes(raw)
    except MalformedApduError as error:
        return _refused(card, SW.WRONG_LENGTH, str(error))
    try:
        return _route(card, command, raw)
    except (Refusal, RuntimeRefusal) as refusal:
        return _refused(card, refusal.sw, str(refusal))
    except MalformedTlvError as error:
        return _refused(card, SW.WRONG_DATA, str(error))
    finally:
        card.end_command()


def _refused(card: ManagedCard, sw: int, reason: str) -> bytes:
    card.reason = reason
    _log.debug("refused with %04X: %s", sw, reason)
    return sw.to_bytes(2, "big")


def _route(card: ManagedCard, command: CommandApdu, raw: bytes) -> bytes:
    if command.is_extended and not card.persistent.config.extended_length:
        raise Refusal(SW.WRONG_LENGTH, "this card has short length fields only")
    found = _channel(card, command)
    if found is None:
        return _select_on_new(card, command, raw)
    card.current = found
    if is_manage_channel(command):
        return manage_channel(card, command)
    if is_select(command):
        selected = select(card, command, raw)
        if selected is not None:
            return selected
        if found.has_applet:
            return card.runtime.process(raw, found.number)  # GPCS 6.4.2.1.2: the selected application gets it
        raise Refusal(SW.FILE_NOT_FOUND, "no such application can be selected")  # GPCS Table 11-84
    if found.selected is None:
        raise Refusal(SW.APPLET_SELECT_FAILED, "no application is selected")  # JCRE 4.8
    if isinstance(found.selected, SecurityDomain):
        return _domain_command(card, found.selected, command).to_bytes()
    return card.runtime.process(raw, found.number)


def _channel(card: ManagedCard, command: CommandApdu) -> LogicalChannel | None:
    """The open channel that a command is for; None for a SELECT by name on one that can be opened.

    A proprietary class is read so only where it names an open channel (JCRE 3.0.5, 4.3): an applet on the basic one
    gets all others, as it gets what names no channel: a class that is reserved or invalid, too, which
    APDU.isValidCLA() tells. A security domain reads its classes by GPCS 11.1.4.
    """
    cla, basic = command.cla, card.channels[BASIC]
    if classes.is_valid(cla):
        number = classes.channel_of(cla)
        if number in card.channels:
            return card.channels[number]
        if number < card.channel_limit and is_select(command):
            return None
    if basic.has_applet and (cla >= classes.PROPRIETARY or not classes.is_valid(cla)):
        return basic
    if not classes.is_valid(cla):
        raise Refusal(SW.CLA_NOT_SUPPORTED, f"class {cla:02X} is invalid")
    if card.channel_limit == 1:
        raise Refusal(SW.CHANNEL_NOT_SUPPORTED, "only the basic logical channel is there")
    raise Refusal(SW.CHANNEL_NOT_SUPPORTED, f"logical channel {classes.channel_of(cla)} is not open")


def _select_on_new(card: ManagedCard, command: CommandApdu, raw: bytes) -> bytes:
    """SELECT by name opens a channel when what it names is selected there (JCRE 3.0.5, 4.5.2)."""
    open_channel(card, classes.channel_of(command.cla), None)
    opened = card.current
    try:
        selected = select(card, command, raw)
    finally:
        if opened.selected is None:
            close_channel(card, opened)
    if selected is None:
        raise Refusal(SW.FILE_NOT_FOUND, "no such application can be selected")
    return selected


def _domain_command(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> ResponseApdu:
    command = replace(command, cla=classes.basic_class(command.cla))  # so is its C-MAC (Amendment D 6.2.4)
    if command.cla not in (CLA_ISO, CLA_GP, CLA_GP_SECURE):
        raise Refusal(SW.CLA_NOT_SUPPORTED, f"class {command.cla:02X}")
    card.previous, card.progress = card.progress, None
    if command.ins in _CHANNEL_COMMANDS:
        return ResponseApdu(_open_channel(card, domain, command), SW.OK)
    card.channel.forget_challenge()
    if isinstance(card.previous, Chaining) or (command.ins in _CHAINED and command.p1 & P1_MORE_COMMANDS):
        joined = _join(card, command, card.previous)
        if joined is None:
            return ResponseApdu(b"", SW.OK)
        command = joined
    plain = card.channel.unwrap(command)
    answer = _execute(card, domain, plain)
    response = answer if isinstance(answer, ResponseApdu) else ResponseApdu(answer, SW.OK)
    if plain.ins == INS_GET_DATA and command.le is not None and command.le < len(response.data):
        return ResponseApdu(b"", SW.WRONG_LE | len(response.data))  # ISO/IEC 7816-4:2020, 5.6: nothing has changed
    return card.channel.wrap(response)


def _open_channel(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    if card.state is CardState.TERMINATED:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the card is terminated")
    first = command.ins == INS_INITIALIZE_UPDATE
    if command.cla != (CLA_GP if first else CLA_GP_SECURE):  # Amendment D Tables 7-1, 7-4
        raise Refusal(SW.CLA_NOT_SUPPORTED, "INITIALIZE UPDATE has class 80, EXTERNAL AUTHENTICATE 84")
    if first:
        return card.channel.initialize_update(command, card.registry.key_domain(domain), domain.aid)
    return card.channel.external_authenticate(command)


def _join(card: ManagedCard, command: CommandApdu, previous: Progress | None) -> CommandApdu | None:
    """Put a command together that came in several APDUs; None while there are more (GPCS 11.1.5.1).

    Secure messaging was applied to the whole before it was cut.
    """
    if not card.channel.level:
        raise Refusal(SW.SECURITY_STATUS_NOT_SATISFIED, "a secure channel must be open")
    header = bytes((command.cla, command.ins, command.p1 & ~P1_MORE_COMMANDS, command.p2))
    chain = previous if isinstance(previous, Chaining) else Chaining(header)
    if chain.header != header:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "another command before the last part of a long one")
    chain.received += command.data
    if len(chain.received) > _CHAIN_LIMIT:
        raise Refusal(SW.INCORRECT_P1P2, f"more than {_CHAIN_LIMIT} bytes in one command")
    if command.p1 & P1_MORE_COMMANDS:
        card.progress = chain
        return None
    return replace(command, data=bytes(chain.received))


def _execute(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes | ResponseApdu:
    handler = _HANDLERS.get(command.ins)
    if handler is None:
        if command.cla == CLA_ISO and command.ins == INS_SELECT:
            raise Refusal(SW.INCORRECT_P1P2, "security domains have no files to select")
        raise Refusal(SW.INS_NOT_SUPPORTED, f"instruction {command.ins:02X}")
    if command.cla == CLA_ISO and command.ins != INS_GET_DATA:  # GPCS Table 11-11
        raise Refusal(SW.CLA_NOT_SUPPORTED, "a GlobalPlatform command has class 80 or 84")
    if command.ins == INS_GET_DATA:
        return handler(card, domain, command)
    if card.state is CardState.TERMINATED or (card.state is CardState.CARD_LOCKED and command.ins not in _WHEN_LOCKED):
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, f"not in card state {card.state.name}")  # GPCS Table 11-1
    if domain.locked:
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the security domain has locked itself")  # GPCS 5.3.2.4
    _require_security(card)
    return handler(card, domain, command)


def _require_security(card: ManagedCard) -> None:
    """An open channel (GPCS Table 11-2), from SECURED on with C-MAC: this card's policy, as GPCS 9.3 leaves it one."""
    is_secured = card.state in (CardState.SECURED, CardState.CARD_LOCKED)
    needed = _AUTHENTICATED_BY_MAC if is_secured else _AUTHENTICATED
    if needed & ~int(card.channel.level):
        raise Refusal(SW.SECURITY_STATUS_NOT_SATISFIED, "a secure channel must be open")
