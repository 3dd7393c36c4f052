"""What the card does for a running applet: org.globalplatform.GPSystem and SecureChannel (GP Card API 1.6)."""

from __future__ import annotations

from collections.abc import Callable

from cardlab.card.manager.atr import with_historical_bytes
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application
from cardlab.card.manager.set_status import change_card_state
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import (
    INS_EXTERNAL_AUTHENTICATE,
    INS_INITIALIZE_UPDATE,
    ApplicationState,
    CardState,
    Privilege,
)
from cardlab.globalplatform.scp03 import is_secured
from cardlab.iso7816.apdu import SHORT_MAX_DATA, CommandApdu, MalformedApduError, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Service

_DONE, _NOT_DONE = b"\x01", b"\x00"
_STATE_BITS = 0x07  # GPCS 5.3.1.3: states of an application's own have these three bits set
_MAX_HISTORICAL_BYTES = 15
_ABOUT_OTHERS = (Service.GET_APPLICATION_STATE, Service.GET_PRIVILEGES)
_OF_SESSION = (
    Service.PROCESS_SECURITY,
    Service.UNWRAP,
    Service.WRAP,
    Service.DECRYPT_DATA,
    Service.ENCRYPT_DATA,
    Service.RESET_SECURITY,
    Service.GET_SECURITY_LEVEL,
)


class Services:
    """Serves applets' calls. ``bind`` gives it the card, which needs a runtime, which needs this."""

    def __init__(self) -> None:
        self._bound: ManagedCard | None = None
        self.on_warning: Callable[[str], object] | None = None

    def bind(self, card: ManagedCard) -> None:
        """Serve the applets of this card."""
        self._bound = card

    def warned(self, message: str) -> None:
        """See CardServices.warned: passed on to whoever wants to know."""
        if self.on_warning is not None:
            self.on_warning(message)

    def deselected(self) -> None:
        """See CardServices.deselected: the application session ends, the next one's begins."""
        if self._bound is not None:
            self._bound.current.arrive()

    def call(self, instance_aid: bytes, service: Service, argument: bytes) -> tuple[int, bytes]:
        """One call of an applet. An applet that is being installed is not in the registry yet: 6985."""
        try:
            if self._bound is None:
                raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the card is not there yet")
            caller = self._bound.registry.application(instance_aid, SW.CONDITIONS_NOT_SATISFIED)
            if service in _OF_SESSION:
                return SW.OK, _serve_session(self._bound, caller, service, argument)
            return SW.OK, _serve_system(self._bound, caller, service, argument)
        except Refusal as refusal:
            return refusal.sw, b""
        except MalformedApduError:
            return SW.WRONG_LENGTH, b""


def _serve_session(card: ManagedCard, caller: Application, service: Service, argument: bytes) -> bytes:
    """SecureChannel: the session is the selected application's, or that of the domain personalising the caller."""
    mine = caller is card.selected
    if not mine and caller is not card.personalised:
        if service == Service.GET_SECURITY_LEVEL:
            return b"\x00"
        raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the secure channel belongs to another application")
    channel = card.channel
    match service:
        case Service.PROCESS_SECURITY if mine:
            return _process_security(card, caller, CommandApdu.from_bytes(argument))
        case Service.UNWRAP:
            return _plain(channel.unwrap(CommandApdu.from_bytes(argument)))
        case Service.WRAP:
            return channel.wrap(ResponseApdu.from_bytes(argument)).data
        case Service.DECRYPT_DATA:
            return channel.decrypt(argument)
        case Service.ENCRYPT_DATA:
            return channel.encrypt(argument)
        case Service.RESET_SECURITY:  # GPCS 11.11.1: an application being personalised may end its domain's session
            channel.end()
            return b""
        case Service.GET_SECURITY_LEVEL:
            return bytes((channel.level,))
    raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "only the selected application opens a secure channel")


def _process_security(card: ManagedCard, caller: Application, command: CommandApdu) -> bytes:
    if command.ins == INS_INITIALIZE_UPDATE:
        domain = card.registry.domain_of(caller)
        if domain.locked:
            raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the application's security domain is locked")
        return card.channel.initialize_update(command, card.registry.key_domain(domain), caller.aid)
    if command.ins != INS_EXTERNAL_AUTHENTICATE:
        raise Refusal(SW.INS_NOT_SUPPORTED, "not a command that opens a secure channel")
    if not is_secured(command.cla):
        raise Refusal(SW.CLA_NOT_SUPPORTED, "EXTERNAL AUTHENTICATE has class 84")  # Amendment D Table 7-4
    return card.channel.external_authenticate(command)


def _plain(command: CommandApdu) -> bytes:
    """Header, Lc even when it is zero, and data."""
    count = len(command.data)
    length = bytes((count,)) if count <= SHORT_MAX_DATA else b"\0" + count.to_bytes(2, "big")
    return command.header + length + command.data


def _serve_system(card: ManagedCard, caller: Application, service: Service, argument: bytes) -> bytes:
    """GPSystem, and what GPRegistryEntry asks."""
    asked = _asked(card, caller, argument) if argument and service in _ABOUT_OTHERS else caller
    match service:
        case Service.GET_CARD_STATE:
            return bytes((card.state,))
        case Service.GET_APPLICATION_STATE:
            return bytes((card.state if asked is card.registry.issuer else asked.state,))
        case Service.GET_PRIVILEGES:
            return asked.privileges.to_bytes3()
        case Service.SET_APPLICATION_STATE:
            return _set_application_state(caller, argument)
        case Service.LOCK_CARD:
            return _move_card(card, caller, CardState.CARD_LOCKED)
        case Service.TERMINATE_CARD:
            return _move_card(card, caller, CardState.TERMINATED)
        case Service.SET_HISTORICAL_BYTES:
            return _set_historical_bytes(card, caller, argument)
    raise Refusal(SW.FUNCTION_NOT_SUPPORTED, f"service {service.name}")


def _asked(card: ManagedCard, caller: Application, aid: bytes) -> Application:
    """The application asked about; others than itself take Global Registry (GPCS 9.6.5)."""
    asked = card.registry.application(aid)
    if asked is not caller and not caller.privileges & Privilege.GLOBAL_REGISTRY:
        raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, "an application without Global Registry sees its own entry only")
    return asked


def _set_application_state(caller: Application, argument: bytes) -> bytes:
    """To a state of its own, or LOCKED; from INSTALLED only the card manager leads on (GPCS Figure 5-2)."""
    state = argument[0] if len(argument) == 1 else 0
    if state & ApplicationState.LOCKED:
        caller.state |= ApplicationState.LOCKED
        return _DONE
    if caller.locked or caller.state == ApplicationState.INSTALLED or state & _STATE_BITS != _STATE_BITS:
        return _NOT_DONE
    caller.state = state
    return _DONE


def _move_card(card: ManagedCard, caller: Application, state: CardState) -> bytes:
    """The applet stays selected until its application session ends (GPCS 9.6.3, 9.6.4)."""
    try:
        change_card_state(card, caller, state)
    except Refusal:
        return _NOT_DONE
    return _DONE


def _set_historical_bytes(card: ManagedCard, caller: Application, argument: bytes) -> bytes:
    if not caller.privileges & Privilege.CARD_RESET or len(argument) > _MAX_HISTORICAL_BYTES:
        return _NOT_DONE
    card.persistent.atr = with_historical_bytes(card.persistent.atr, argument)
    return _DONE
