"""Short commands per second: plain jCardSim, the simulated card, the client with its layers; and SCP03."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cardlab.bench.measure import Rate, Turns, work_clock
from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.constants import CLA_GP, INS_GET_DATA
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import check
from cardlab.transport import Transport, exchange
from cardlab.transport.timing import Timing
from jpki.bench.plain import plain_jcardsim
from jpki.bench.subject import card_with_applet
from jpki.client.constants import EF, Instruction

READ_TOKEN = CommandApdu(0, Instruction.READ_BINARY, 0x80 | EF.TOKEN_INFORMATION.short, 0, le=16)
GET_STATUS = CommandApdu(0x80, Instruction.GET_STATUS, 0, 0, le=256)
GET_KEY_INFORMATION = CommandApdu(CLA_GP, INS_GET_DATA, 0x00, 0xE0, le=256)

RAW, CARD, CLIENT = "jCardSim", "card", "client"
TO_APPLET, TO_DOMAIN, MAC_ONLY = "applet", "domain", "domain, C-MAC only"


@dataclass(frozen=True, slots=True)
class ApduRates:
    """Commands a second, and how the rates compare."""

    raw: Rate
    card: Rate
    client: Rate
    card_to_raw: float
    client_to_card: float
    client_to_raw: float


@dataclass(frozen=True, slots=True)
class SecuredRates:
    """SCP03-wrapped commands a second: to the applet and to the security domain."""

    applet: Rate
    domain: Rate
    domain_mac_only: Rate


def short_apdus(*, rounds: int, turn: float, warm_up: float) -> ApduRates:
    """READ BINARY of 16 bytes from the same applet in three ways."""
    raw_command = READ_TOKEN.to_bytes()
    plain = plain_jcardsim()
    card = card_with_applet()
    layers = Timing(card)

    def through_client() -> ResponseApdu:
        command = CommandApdu(0, Instruction.READ_BINARY, 0x80 | EF.TOKEN_INFORMATION.short, 0, le=16)
        return check(exchange(layers, command), "READ BINARY")

    actions: dict[str, Callable[[], object]] = {
        RAW: lambda: plain(raw_command),
        CARD: lambda: card.transmit(raw_command),
        CLIENT: through_client,
    }
    answers = (plain(raw_command), card.transmit(raw_command), through_client().to_bytes())
    if len(set(answers)) != 1 or not answers[0].endswith(b"\x90\x00"):
        raise RuntimeError(f"the three ways do not give the same answer: {answers}")
    turns = Turns(actions, rounds=rounds, turn=turn, warm_up=warm_up, clock=work_clock())
    return ApduRates(
        turns.rate(RAW),
        turns.rate(CARD),
        turns.rate(CLIENT),
        card_to_raw=turns.ratio(CARD, RAW),
        client_to_card=turns.ratio(CLIENT, CARD),
        client_to_raw=turns.ratio(CLIENT, RAW),
    )


def secured_apdus(*, rounds: int, turn: float, warm_up: float) -> SecuredRates:
    """Commands with everything that SCP03 protects: MAC and encryption in both directions."""
    applet = SecureChannelLayer.open(card_with_applet(), DEFAULT_KEYS, level=SecurityLevel.FULL)
    domain = SecureChannelLayer.open(_issuer_domain(), DEFAULT_KEYS, level=SecurityLevel.FULL)
    mac_only = SecureChannelLayer.open(_issuer_domain(), DEFAULT_KEYS, level=SecurityLevel.C_MAC)
    turns = Turns(
        {
            TO_APPLET: _sender(applet, GET_STATUS),
            TO_DOMAIN: _sender(domain, GET_KEY_INFORMATION),
            MAC_ONLY: _sender(mac_only, GET_KEY_INFORMATION),
        },
        rounds=rounds,
        turn=turn,
        warm_up=warm_up,
        clock=work_clock(),
    )
    return SecuredRates(turns.rate(TO_APPLET), turns.rate(TO_DOMAIN), turns.rate(MAC_ONLY))


def _issuer_domain() -> SimulatedCard:
    return SimulatedCard(seed=0)


def _sender(transport: Transport, command: CommandApdu) -> Callable[[], object]:
    return lambda: check(exchange(transport, command), "command in the secure channel")
