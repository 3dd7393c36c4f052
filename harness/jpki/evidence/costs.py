"""What each command of the applet costs a card: bytecode instructions, persistent writes, cryptographic operations.

Of a card in profile CARD (My Number Card) on the virtual machine, each command on a copy of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.runtime.cost import Cost
from cardlab.transport import exchange
from jpki.client.constants import EF, Instruction, Profile, SignForm, Slot, Suite
from jpki.client.errors import WrongPinError
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.sample import SAMPLE_PINS, install_applet, personalise_sample
from jpki.client.user import JpkiClient
from jpki.package import jpki_library

_SEED = "costs"
_NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)  # the certificates are as long on any day
_SLOT = Slot.AUTHENTICATION
_WRONG = b"9999"
_MESSAGE = b"message"
_HASH = sha256(_MESSAGE).digest()
_READ = 256  # bytes, all that a short command brings

Step = Callable[[SimulatedCard], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """A command in a state of the card: what leads there, and the command itself."""

    command: str
    state: str
    act: Step
    before: Step


@dataclass(frozen=True, slots=True)
class CostOfScene:
    """What a command cost in a state of the card."""

    command: str
    state: str
    cost: Cost


def measure() -> Iterator[CostOfScene]:
    """Each scene's cost. The same whenever it is asked for: everything random follows from a seed."""
    with SimulatedCard(seed=_SEED, runtime="vm", classes=jpki_library()) as card:
        install_applet(card, DEFAULT_KEYS, Profile.CARD)
        personalise_sample(card, DEFAULT_KEYS, now=_NOW)
        for scene in _of_users():
            yield CostOfScene(scene.command, scene.state, _cost(card, scene))
        for command, act in _of_tsm().items():
            yield CostOfScene(command, "in an SCP03 session", _cost_in_session(card, act))
    yield from _with_curve()


def _with_curve() -> Iterator[CostOfScene]:
    """Where the second suite differs."""
    with SimulatedCard(seed=_SEED, runtime="vm", classes=jpki_library()) as card:
        install_applet(card, DEFAULT_KEYS, Profile.CARD, suite=Suite.P_384)
        personalise_sample(card, DEFAULT_KEYS, now=_NOW)
        for scene in (
            Scene("SIGN", f"P-384, {len(_MESSAGE)} bytes", _signing(SignForm.HASH, _MESSAGE), _verified),
            Scene("SIGN WITH INDICATOR", "P-384, by PIN", partial(_sign_with_indicator, suite=Suite.P_384), _verified),
        ):
            yield CostOfScene(scene.command, scene.state, _cost(card, scene))
        generate = _of_tsm()["GENERATE KEY PAIR"]
        yield CostOfScene("GENERATE KEY PAIR", "P-384, in an SCP03 session", _cost_in_session(card, generate))


def _cost(card: SimulatedCard, scene: Scene) -> Cost:
    with card.fork() as copied:
        scene.before(copied)
        return _counted(copied, lambda: scene.act(copied))


def _cost_in_session(card: SimulatedCard, act: Callable[[JpkiPersonalisation], object]) -> Cost:
    with card.fork() as copied:
        JpkiClient(copied).select()
        tsm = JpkiPersonalisation(SecureChannelLayer.open(copied, DEFAULT_KEYS, level=SecurityLevel.FULL))
        return _counted(copied, lambda: act(tsm))


def _counted(card: SimulatedCard, act: Callable[[], object]) -> Cost:
    card.keep_cost()
    act()
    return card.cost()


def _of_users() -> Iterator[Scene]:
    yield Scene("SELECT", "another application was selected", _select, _nothing)
    yield Scene("SELECT", "again", _select, _select)
    yield Scene("SELECT file", "", lambda card: JpkiClient(card).select_file(EF.TOKEN_INFORMATION), _select)
    yield Scene("READ BINARY", f"{_READ} bytes of a certificate", _read, _select_certificate)
    yield Scene("VERIFY", "no data: how many tries are left", lambda card: JpkiClient(card).tries_left(_SLOT), _select)
    yield Scene("VERIFY", "the right PIN", _verify, _select)
    yield Scene("VERIFY", "a wrong PIN", _verify_wrong, _select)
    yield Scene("CHANGE REFERENCE DATA", "", lambda card: JpkiClient(card).change_pin(_SLOT, b"8765"), _verified)
    for form in SignForm:
        data = _HASH if form in (SignForm.RAW, SignForm.WRAP_HASH) else _MESSAGE
        yield Scene("SIGN", f"P1 {form:02X}, {len(data)} bytes", _signing(form, data), _verified)
    yield Scene("SIGN WITH INDICATOR", "by PIN", _sign_with_indicator, _verified)
    yield Scene("GET CHALLENGE", "", lambda card: JpkiClient(card).challenge(), _select)


def _of_tsm() -> dict[str, Callable[[JpkiPersonalisation], object]]:
    return {
        "GET STATUS": lambda tsm: tsm.status(),
        "RESET PIN": lambda tsm: tsm.reset_pin(_SLOT),
        "GENERATE KEY PAIR": lambda tsm: tsm.generate_key_pair(_SLOT, renew=True),
        "DELETE slot": lambda tsm: tsm.delete_slot(_SLOT),
    }


def _nothing(_card: SimulatedCard) -> None:
    """The card as a reset left it."""


def _select(card: SimulatedCard) -> None:
    JpkiClient(card).select()


def _select_certificate(card: SimulatedCard) -> None:
    _select(card)
    JpkiClient(card).select_file(_SLOT.certificate)


def _read(card: SimulatedCard) -> None:
    exchange(card, CommandApdu(0, Instruction.READ_BINARY, 0, 0, le=_READ))


def _verify(card: SimulatedCard) -> None:
    JpkiClient(card).verify(_SLOT, SAMPLE_PINS[_SLOT])


def _verify_wrong(card: SimulatedCard) -> None:
    with suppress(WrongPinError):
        JpkiClient(card).verify(_SLOT, _WRONG)


def _verified(card: SimulatedCard) -> None:
    _select(card)
    _verify(card)


def _signing(form: SignForm, data: bytes) -> Step:
    return lambda card: JpkiClient(card).sign(_SLOT, data, form)


def _sign_with_indicator(card: SimulatedCard, suite: Suite = Suite.RSA_2048) -> None:
    JpkiClient(card).sign_with_indicator(_SLOT, suite.hash(_MESSAGE))
