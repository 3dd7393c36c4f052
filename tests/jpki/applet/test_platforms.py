"""What the specifications leave to a card, chosen otherwise than on the cards of the other tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.iso7816.status import SW
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.choices import EcdsaFailure, PinValue, PlatformChoices, SessionInDeselect
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import proof_message
from jpki.package import jpki_library
from tests.jpki.applet.cards import Device, JpkiCard

SEED = 30
HASH = hashlib.sha256(b"text").digest()
pytestmark = pytest.mark.needs("inside")


@contextmanager
def phone_with(choices: PlatformChoices, *, in_use: bool = True) -> Iterator[JpkiCard]:
    """A phone's applet in use, or just installed, on such a card."""
    card = SimulatedCard(CardConfig(platform=choices), seed=SEED, classes=jpki_library())
    with LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED) as lab:
        jpki = JpkiCard(lab)
        jpki.load()
        jpki.install()
        if in_use:
            jpki.personalise()
        jpki.reset()
        yield jpki


@pytest.mark.parametrize("shown", [True, False])
def test_selecting_again_keeps_nothing_where_deselect_cannot_see_the_select(shown: bool) -> None:
    """Java Card API 3.0.4, APDU.getCurrentAPDUBuffer(): the platform may refuse it outside of process()."""
    with phone_with(PlatformChoices(select_in_deselect=shown)) as jpki:
        for slot in Slot:
            jpki.verify(slot)
        jpki.client.select()
        assert [jpki.is_verified(slot) for slot in Slot] == [shown, shown]


@pytest.mark.parametrize("choice", SessionInDeselect)
def test_what_was_verified_ends_whatever_deselect_finds_of_the_session(choice: SessionInDeselect) -> None:
    """GPCS 10.2.3; the applet ends the session itself, last, so it may fail in that."""
    warnings: list[str] = []
    with phone_with(PlatformChoices(session_in_deselect=choice)) as jpki:
        jpki.card.simulated.on_warning(warnings.append)
        for slot in Slot:
            jpki.verify(slot)
        jpki.issuer()
        jpki.client.select()
        assert [jpki.is_verified(slot) for slot in Slot] == [False, False]
        assert Slot.SIGNING in jpki.tsm().status().slots
        jpki.client.select()
    assert any("NullPointerException" in one for one in warnings) is (choice is SessionInDeselect.NULL)
    assert warnings == [] or choice is SessionInDeselect.NULL


@pytest.mark.parametrize("value", PinValue)
def test_a_pin_that_was_never_set_is_never_right(value: PinValue) -> None:
    """Whatever the platform's OwnerPIN has before update(); the longest has 16 bytes."""
    with phone_with(PlatformChoices(pin_value=value), in_use=False) as jpki:
        for slot in Slot:
            for guess in (bytes(16), bytes(4), b"0" * 16, b"0000"):
                assert jpki.sw(0, 0x20, 0, slot.pin_reference, guess) == SW.REFERENCE_DATA_NOT_USABLE
                assert not jpki.is_verified(slot)


@pytest.mark.parametrize("failure", EcdsaFailure)
def test_what_is_no_der_proves_nothing_whatever_the_platform_does_with_it(failure: EcdsaFailure) -> None:
    """Signature.verify() returns false or throws; C1: the answer is the same, and the challenge is used up."""
    device, method = Device.create(), DeviceMethod.BIOMETRIC
    with phone_with(PlatformChoices(ecdsa_failure=failure)) as jpki:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(method, device.point)
        jpki.reset()

        def sign(proof: bytes) -> int:
            return jpki.sw(0x80, 0x2E, method, Slot.AUTHENTICATION.key_reference, HASH + proof, 256)

        jpki.client.challenge()
        assert sign(b"\xff" * 70) == SW.SECURITY_STATUS_NOT_SATISFIED
        assert sign(b"\xff" * 70) == SW.CONDITIONS_NOT_SATISFIED
        assert sign(device.prove(proof_message(jpki.client.challenge(), HASH))) == SW.OK
