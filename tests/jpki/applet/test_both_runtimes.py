"""The applet on both runtimes: a share of its suite on jCardSim, and whatever a host does told byte by byte on both.

``pytest tests/jpki --card-runtime jcardsim`` runs the suite wholly on jCardSim.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime import known
from cardlab.runtime.interface import Media
from jpki.client.constants import DeviceMethod, Profile, Slot, Suite
from jpki.client.errors import WrongPinError
from jpki.client.user import proof_message
from jpki.package import jpki_library
from tests.jpki.applet.cards import PINS, WRONG, Device, JpkiCard
from tests.jpki.applet.machine_cards import Cards
from tests.jpki.applet.test_model import STEPS, machine
from tests.jpki.applet.twins import DeviationError, Twin, TwinSource

ROOT = Path(__file__).resolve().parents[3]
SEED = 20
LESS = 5  # lives on two cards for one on one
SHARE = (
    "test_channels.py",
    "test_device.py",
    "test_files.py",
    "test_indicator.py",
    "test_install.py",
    "test_media.py",
    "test_pins.py",
    "test_second_suite.py",
    "test_selection.py",
    "test_sign.py",
    "test_t0.py",
    "test_tsm.py",
    "test_tears.py::test_a_wrong_pin_counts_whenever_the_power_goes",
    "test_tears.py::test_a_change_is_made_or_not",
)


def test_a_share_of_the_suite_on_jcardsim() -> None:
    """Every command of the applet, and power cuts at what that runtime has for moments of VERIFY and CHANGE PIN."""
    here = Path(__file__).parent.relative_to(ROOT)
    command = [sys.executable, "-m", "pytest", "-q", "--card-runtime", "jcardsim", "-p", "no:cacheprovider"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [*command, *(str(here / one) for one in SHARE)], cwd=ROOT, env=plain, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]


class Recorded(LabCard):
    """A card of a runtime; ``log`` has each command and answer."""

    def __init__(self, runtime: str) -> None:
        card = SimulatedCard(seed=SEED, runtime=runtime, classes=jpki_library())
        super().__init__(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED)
        self.log: list[tuple[str, str]] = []

    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        self.log.append((command.hex(), answer.hex()))
        return answer


def life_of(card: Recorded, suite: Suite) -> None:
    """Issued, used, blocked, unblocked, renewed, one slot emptied, over both interfaces; then a phone proves itself."""
    jpki = JpkiCard(card)
    jpki.load()
    jpki.install(suite.chosen_in(Profile.PHONE.parameters))
    jpki.personalise()
    digest = suite.hash(b"text")
    for slot in Slot:
        jpki.verify(slot)
        jpki.client.sign_hashed_on_card(slot, b"text", suite)
        jpki.client.sign_with_indicator(slot, digest)
        jpki.client.certificate(slot)
    jpki.reset(Media.CONTACTLESS_TYPE_A)
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.sign_with_indicator(Slot.AUTHENTICATION, digest)
    jpki.reset(Media.CONTACT)
    for _ in range(Slot.SIGNING.tries):
        with pytest.raises(WrongPinError):
            jpki.client.verify(Slot.SIGNING, WRONG[Slot.SIGNING])
    jpki.tsm().reset_pin(Slot.SIGNING)
    jpki.activate_pin(Slot.SIGNING, PINS[Slot.SIGNING])
    jpki.tsm().generate_key_pair(Slot.SIGNING, renew=True)
    jpki.tsm().delete_slot(Slot.SIGNING)
    jpki.status()
    device = Device.create()
    jpki.verify(Slot.AUTHENTICATION)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
    proof = device.prove(proof_message(jpki.client.challenge(), digest, DeviceMethod.BIOMETRIC))
    jpki.send(0x80, 0x2E, DeviceMethod.BIOMETRIC, Slot.AUTHENTICATION.key_reference, digest + proof, 256)


@pytest.mark.slow
@pytest.mark.hypothesis
def test_whatever_the_host_does_both_runtimes_answer_the_same_bytes(tmp_path: Path) -> None:
    """The state machine of test_model.py, valid and invalid commands, resets and secure channels, on two cards at once.

    With one seed: keys and challenges are the same, too. There is no deviation that would have to be listed here.
    """
    source = TwinSource(tmp_path)
    effort = settings(max_examples=max(5, settings().max_examples // LESS), stateful_step_count=STEPS)
    run_state_machine_as_test(machine(Cards(tmp_path, source)), settings=effort)
    assert sum(rig.count for rig in source.rigs) > 10 * effort.max_examples


def test_a_difference_is_told(tmp_path: Path) -> None:
    """One seed is what makes them alike."""
    with (
        SimulatedCard(seed=1, runtime="vm") as one,
        SimulatedCard(seed=2, runtime="jcardsim") as other,
        pytest.raises(DeviationError, match="jcardsim: "),
    ):
        Twin((one, other), None, tmp_path).transmit(bytes.fromhex("80CA9F7F00"))  # CPLC, a serial number in it


@pytest.mark.parametrize("suite", Suite)
def test_one_life_is_the_same_on_both_runtimes_byte_by_byte(suite: Suite) -> None:
    """With one seed: keys, challenges, paddings and signatures follow from it alone (HMAC_DRBG, docs/reference)."""
    told = {}
    for runtime in ("jcardsim", "vm"):
        assert runtime in known()
        card = Recorded(runtime)
        life_of(card, suite)
        told[runtime] = card.log
        card.close()
    assert len(told["vm"]) > 100
    assert told["vm"] == told["jcardsim"]
