"""What the specifications leave to a card, chosen otherwise than on the cards of the other tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.card.profiles import card_profile
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import LabCard
from cardlab.runtime.choices import EcdsaFailure, LongResponse, PinValue, PlatformChoices, SessionInDeselect
from cardlab.runtime.inspector import ELEMENTS
from cardlab.transport import exchange
from jpki.client.commands import read_public_key, rsa_key
from jpki.client.constants import EF, DeviceMethod, Profile, SignForm, Slot, Suite
from jpki.client.needs import PERSISTENT_MEMORY, TRANSIENT_MEMORY, algorithms, missing, refusal_of_install
from jpki.client.user import proof_message
from jpki.package import jpki_library
from tests.jpki.applet.cards import PINS, Device, JpkiCard
from tests.jpki.applet.heap import applet_object

SEED = 30
HASH = hashlib.sha256(b"text").digest()
pytestmark = pytest.mark.needs("inside")


NO_CURVES = ",".join(
    sorted(name for name in card_profile("secora-connect-s").platform.missing_algorithms.split(",") if "EC" in name)
)


@contextmanager
def loaded_on(choices: PlatformChoices, **others: int) -> Iterator[JpkiCard]:
    """The applet's package on such a card."""
    card = SimulatedCard(CardConfig(platform=choices, **others), seed=SEED, classes=jpki_library())  # type: ignore[arg-type]
    with LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, SEED) as lab:
        jpki = JpkiCard(lab)
        jpki.load()
        yield jpki


@contextmanager
def phone_with(choices: PlatformChoices, *, in_use: bool = True) -> Iterator[JpkiCard]:
    """A phone's applet in use, or just installed, on such a card."""
    with loaded_on(choices) as jpki:
        jpki.install()
        if in_use:
            jpki.personalise()
        jpki.reset()
        yield jpki


@pytest.mark.parametrize("profile", [b"", b"\x02"])
def test_nothing_behind_the_install_parameters_is_read(profile: bytes) -> None:
    """On cards the array is longer, and whatever is there is no medium."""
    with loaded_on(PlatformChoices(install_array=0)) as jpki:
        jpki.install(profile)
        assert jpki.status().attacks == 0


def refused_at_install(jpki: JpkiCard, profile: Profile) -> int:
    with pytest.raises(UnexpectedStatusError) as caught:
        jpki.install(profile.parameters)
    return caught.value.sw


def test_the_card_profile_works_without_elliptic_curves() -> None:
    """Only device authentication has them, and a phone's installation says what is missing."""
    with loaded_on(PlatformChoices(missing_algorithms=NO_CURVES)) as jpki:
        assert refused_at_install(jpki, Profile.PHONE) == SW.FUNCTION_NOT_SUPPORTED
        jpki.install(Profile.CARD.parameters)
        jpki.personalise()
        assert jpki.status().slots[Slot.AUTHENTICATION].device_keys == set()
        for slot in Slot:
            jpki.verify(slot)
            assert jpki.client.sign_with_indicator(slot, HASH).signature
        assert len(jpki.client.challenge()) == 32
        for method in DeviceMethod:
            for ins, data in ((0xDA, Device.create().point), (0xE4, b"")):
                assert jpki.sw(0x80, ins, 0x00, method, data) == SW.CONDITIONS_NOT_SATISFIED
            assert jpki.sw(0x80, 0x2E, method, 0x97, HASH + bytes(70), 256) == SW.CONDITIONS_NOT_SATISFIED
        jpki.tsm().reset_pin(Slot.AUTHENTICATION)
        for slot in Slot:
            jpki.tsm().delete_slot(slot)


GENERATION = "KeyPair.ALG_RSA_CRT"
"""That a card makes no key pairs shows when one is made: some give the objects out all the same, as this one does."""


def test_a_card_that_makes_no_key_pairs_says_so_when_asked_for_one() -> None:
    with loaded_on(PlatformChoices(missing_algorithms=GENERATION)) as jpki:
        jpki.install()
        with pytest.raises(UnexpectedStatusError) as caught:
            jpki.tsm().generate_key_pair(Slot.SIGNING)
        assert caught.value.sw == SW.MEMORY_FAILURE
        assert not jpki.status().slots[Slot.SIGNING].has_key


@pytest.mark.parametrize("name", [one for one in algorithms(Profile.PHONE) if one != GENERATION])
def test_an_algorithm_that_is_missing_is_told_at_installation(name: str) -> None:
    with loaded_on(PlatformChoices(missing_algorithms=name)) as jpki:
        assert refused_at_install(jpki, Profile.PHONE) == SW.FUNCTION_NOT_SUPPORTED
        if name in algorithms(Profile.CARD):
            assert refused_at_install(jpki, Profile.CARD) == SW.FUNCTION_NOT_SUPPORTED
        else:
            jpki.install(Profile.CARD.parameters)
        assert missing(Profile.PHONE, name) == (name,)
        assert name in refusal_of_install(Profile.PHONE, SW.FUNCTION_NOT_SUPPORTED)


@pytest.mark.parametrize(
    "choices", [PlatformChoices(transient_deselect=300), PlatformChoices(transient_reset=8)], ids=["deselect", "reset"]
)
def test_too_little_transient_memory_is_told_at_installation(choices: PlatformChoices) -> None:
    with loaded_on(choices) as jpki:
        assert refused_at_install(jpki, Profile.PHONE) == SW.NOT_ENOUGH_MEMORY


def test_too_little_persistent_memory_is_told_at_installation() -> None:
    with loaded_on(PlatformChoices(), persistent_memory=24_000) as jpki:
        free = jpki.card.simulated.free_memory
        assert refused_at_install(jpki, Profile.PHONE) == SW.NOT_ENOUGH_MEMORY
        assert jpki.card.simulated.free_memory == free


def test_the_figures_that_a_refusal_tells_are_those_of_the_applet() -> None:
    """``refusal_of_install``: what is asked of a card is enough, and a little less is not."""
    for suite, profile in product(Suite, Profile):
        most = PERSISTENT_MEMORY[suite][profile]
        with loaded_on(PlatformChoices(transient_deselect=TRANSIENT_MEMORY)) as jpki:
            before = jpki.card.simulated.free_memory
            jpki.install(suite.chosen_in(profile.parameters))
            assert most - 500 < before - jpki.card.simulated.free_memory <= most
    with loaded_on(PlatformChoices(transient_deselect=TRANSIENT_MEMORY - 100)) as jpki:
        assert refused_at_install(jpki, Profile.PHONE) == SW.NOT_ENOUGH_MEMORY


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
    """GPCS 10.2.3; the applet ends the session itself, last, and does without one that is not there."""
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
    assert warnings == []


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
        assert sign(device.prove(proof_message(jpki.client.challenge(), HASH, method))) == SW.OK


def test_nothing_is_left_to_be_fetched_where_le_asks_for_less() -> None:
    """Trap 3, on a card that says 61xx of what an applet gives beyond Le; its answers as they leave it."""
    with phone_with(PlatformChoices(long_response=LongResponse.GET_RESPONSE), in_use=False) as jpki:
        answer = jpki.card.simulated.transmit(bytes.fromhex("00B0860014"))
        assert answer == b"JPKIAPGPSETOKEN     \x90\x00"


def test_data_that_come_in_blocks_are_taken_whole() -> None:
    """Of a command the header alone is there when it begins (API 3.0.5, APDU.setIncomingAndReceive)."""
    slot, data = Slot.SIGNING, bytes(range(100))
    with phone_with(PlatformChoices(incoming_block=16), in_use=False) as jpki:
        assert jpki.sw(0x00, 0xA4, 0x02, 0x0C, EF.TOKEN_INFORMATION.to_bytes(2, "big")) == SW.OK
        assert jpki.send(0x00, 0xB0, 0x00, 0x00, le=15).data == b"JPKIAPGPSETOKEN"
        jpki.activate_pin(slot, PINS[slot])
        key = rsa_key(jpki.tsm().generate_key_pair(slot))
        jpki.verify(slot)
        answer = jpki.send(0x80, 0x2A, SignForm.HASH_AND_WRAP, slot.key_reference, data, 256, extended=True)
        key.verify(answer.data, data, padding.PKCS1v15(), SHA256())


def test_leading_zeros_of_the_exponent_are_left_out() -> None:
    """API 3.0.5, RSAPublicKey.getExponent: how many there are is the card's business."""
    with phone_with(PlatformChoices()) as jpki:
        key = applet_object(jpki.card.simulated).field("signing").field("keyPair").field("publicKey").target("0")
        short, longer = bytes.fromhex("000301000100"), bytes.fromhex("000400010001")
        assert key.value().count(short) == 1
        key.put(ELEMENTS, key.value().replace(short, longer))
        answer = exchange(jpki.channel(), read_public_key(Slot.SIGNING, 1))
        assert answer.data[-5:] == bytes.fromhex("8203010001")


def test_a_phones_key_has_the_cofactor_of_its_curve() -> None:
    """NIST SP 800-186, 3.2.1.3: h = 1. No signature shows it, but some cards check a point by it."""
    device = Device.create()
    with phone_with(PlatformChoices()) as jpki:
        jpki.verify(Slot.AUTHENTICATION)
        jpki.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
        keys = applet_object(jpki.card.simulated).field("authentication").field("deviceKeys").field("keys")
        assert [key.field("K") for key in keys if key.field("W") == device.point] == [b"\x00\x01"]
