"""What commands cost must not depend on secrets: a PIN's digits, a message that is signed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.runtime.cost import Cost
from cardlab.transport import exchange
from jpki.client.constants import Instruction, Profile, SignForm, Slot
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.sample import SAMPLE_PINS, install_applet
from jpki.client.user import JpkiClient
from jpki.evidence.costs import measure
from tests.jpki.applet.cards import PINS

pytestmark = pytest.mark.needs("cost")


@cache
def prepared() -> SimulatedCard:
    """With PINs and keys; tests have copies."""
    card = SimulatedCard(seed="costs", runtime="vm")
    install_applet(card, DEFAULT_KEYS, Profile.CARD)
    JpkiClient(card).select()
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, DEFAULT_KEYS, level=SecurityLevel.FULL))
    for slot, pin in PINS.items():
        tsm.set_pin(slot, pin)
        tsm.generate_key_pair(slot)
    card.reset()
    JpkiClient(card).select()
    return card


@pytest.fixture
def card() -> Iterator[SimulatedCard]:
    with prepared().fork() as copied:
        yield copied


def cost_of(card: SimulatedCard, *commands: CommandApdu) -> Cost:
    """Of the last command, on a copy."""
    with card.fork() as copied:
        for command in commands[:-1]:
            assert exchange(copied, command).ok
        copied.keep_cost()
        exchange(copied, commands[-1])
        return copied.cost()


def verifying(slot: Slot, pin: bytes) -> CommandApdu:
    return CommandApdu(0, Instruction.VERIFY, 0, slot.pin_reference, pin)


@pytest.mark.parametrize("slot", Slot)
def test_which_byte_of_a_pin_is_wrong_costs_the_same(card: SimulatedCard, slot: Slot) -> None:
    right = PINS[slot]
    wrong = [right[:place] + bytes((right[place] ^ 1,)) + right[place + 1 :] for place in range(len(right))]
    costs = [cost_of(card, verifying(slot, pin)) for pin in wrong]
    assert all(cost == costs[0] for cost in costs)


@pytest.mark.parametrize("form", SignForm)
def test_what_is_signed_costs_the_same(card: SimulatedCard, form: SignForm) -> None:
    verify = verifying(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
    costs = [
        cost_of(
            card,
            verify,
            CommandApdu(0x80, Instruction.SIGN, form, Slot.AUTHENTICATION.key_reference, bytes((fill,)) * 32, le=256),
        )
        for fill in (0x00, 0x5A, 0xFF)
    ]
    assert costs[0].crypto
    assert all(cost == costs[0] for cost in costs)


def test_the_page_has_what_it_says(card: SimulatedCard) -> None:
    found = {(one.command, one.state): one.cost for one in measure()}
    assert SAMPLE_PINS == PINS
    assert found["VERIFY", "a wrong PIN"].writes == cost_of(card, verifying(Slot.AUTHENTICATION, b"9999")).writes
    assert found["READ BINARY", "256 bytes of a certificate"].writes == 0
    assert found["GENERATE KEY PAIR", "in an SCP03 session"].crypto[0].algorithm.startswith("KeyPair")
    assert all(cost.instructions for cost in found.values())
