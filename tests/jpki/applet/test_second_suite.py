"""The second suite, ECDSA on P-384 with SHA-384, where it differs from RSA-2048 (an assumption about later cards)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import CardError
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.lab.capability import OF_SIMULATED_CARDS
from cardlab.pytest_plugin import CardSource, LabCard
from cardlab.runtime.choices import PlatformChoices
from cardlab.transport import exchange
from jpki.certificates.indicator import Method, parse_signed_attributes
from jpki.client.commands import SlotPublicKey, generate_key_pair, public_key, read_public_key, rsa_key
from jpki.client.constants import (
    INSTANCE_AID,
    ContactMedium,
    DeviceMethod,
    PinState,
    Profile,
    SignForm,
    Slot,
    Suite,
)
from jpki.client.ecdsa import in_der
from jpki.client.needs import CURVE_ALGORITHMS, missing, refusal_of_install
from jpki.client.personalisation import JpkiPersonalisation, SlotStatus
from jpki.client.user import IndicatorSignature, proof_message
from jpki.model.attributes import signed_attributes
from jpki.model.state import AccessSource
from jpki.model.state import Method as ModelMethod
from jpki.package import jpki_library
from tests.jpki.applet.cards import CA_CERTIFICATES, CERTIFICATES, PINS, Device, JpkiCard
from tests.jpki.applet.conftest import MakeImage
from tests.jpki.applet.heap import applet_object, byte_arrays, persistent_memory, put_uses

SLOTS = list(Slot)
TEXT = b"text"
HASH = hashlib.sha384(TEXT).digest()
AUTHENTICATION = Slot.AUTHENTICATION
ALGORITHM = ec.ECDSA(SHA384())
FIRST_SHORT = 567


def verify(key: SlotPublicKey, signature: bytes, message: bytes) -> None:
    """By another implementation; raises InvalidSignature."""
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(in_der(signature), message, ALGORITHM)


def verify_signed(key: SlotPublicKey, signed: IndicatorSignature) -> None:
    verify(key, signed.signature, signed.signed_attributes)


# -- installation ------------------------------------------------------------------------------------------------------


@pytest.fixture
def empty(card_source: CardSource) -> Iterator[JpkiCard]:
    """A card that holds the package but no instance."""
    with card_source.open(jpki_library(), seed="second suite") as card:
        jpki = JpkiCard(card)
        jpki.load()
        yield jpki


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize("medium", [None, *ContactMedium])
def test_it_is_chosen_at_installation_and_told(
    make_image: MakeImage, profile: Profile, medium: ContactMedium | None
) -> None:
    with make_image(profile, False, medium, Suite.P_384).open() as jpki:
        found, status = jpki.client.identification(), jpki.status()
        raw = jpki.send(0x80, 0xCA, 0x01, 0xA1, le=256).data
    assert (found.profile, found.suite, found.contact_medium) == (profile, Suite.P_384, medium)
    assert (status.profile, status.suite) == (profile, Suite.P_384)
    assert found.facts["suite"] == "p-384"
    assert raw[4:7] == bytes((0x81, 1, 0x10 | profile))


def test_what_was_known_of_the_first_suite_is_unchanged(blank: JpkiCard) -> None:
    """Neither the identification nor the status of an applet with RSA has a byte more, or another one."""
    assert blank.send(0x80, 0xCA, 0x01, 0xA1, le=256).data == bytes.fromhex("80020101810101820100")
    assert blank.client.identification().suite is Suite.RSA_2048
    assert blank.status().suite is Suite.RSA_2048


def test_it_goes_with_a_hash_too(empty: JpkiCard) -> None:
    empty.install(Suite.P_384.chosen_in(Profile.CARD.identified(bytes(range(32)), ContactMedium.USB)))
    found = empty.client.identification()
    assert (found.profile, found.suite, found.load_file_hash) == (Profile.CARD, Suite.P_384, bytes(range(32)))


@pytest.mark.parametrize(
    "first", ["10", "13", "20", "21", "22", "30", "31", "41", "81", "91", "f1", "12ff", "1100", "1180"]
)
def test_other_parameters_are_refused(empty: JpkiCard, first: str) -> None:
    with pytest.raises(UnexpectedStatusError) as error:
        empty.install(bytes.fromhex(first))
    assert error.value.sw == SW.WRONG_DATA


@pytest.mark.needs("inside")  # a look at the heap
def test_a_card_carries_the_objects_of_its_suite_only(empty: JpkiCard) -> None:
    """Three key pairs on P-384 take less than three of RSA-2048, and there are none of the other kind."""
    taken = {}
    for suite in Suite:
        before = empty.card.simulated.free_memory
        empty.install(suite.chosen_in(Profile.CARD.parameters))
        taken[suite] = before - empty.card.simulated.free_memory
        inspector = empty.card.simulated.inspector()
        found = [len(list(inspector.objects(f"jpki.applet.{name}"))) for name in ("RsaSuite", "EcSuite")]
        assert found == ([1, 0] if suite is Suite.RSA_2048 else [0, 1])
        empty.issuer().delete(INSTANCE_AID)
    assert taken[Suite.P_384] < taken[Suite.RSA_2048]


# -- keys and certificates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_the_public_key_is_one_template(p384: JpkiCard, slot: Slot) -> None:
    """ISO/IEC 7816-8: 7F49 { 86 point }, 102 bytes, the whole of it in the answer to GENERATE and to READ."""
    channel = p384.channel()
    answer = exchange(channel, generate_key_pair(slot, renew=True)).data
    assert len(answer) == 102
    assert answer.startswith(bytes.fromhex("7F4963866104"))
    assert exchange(channel, read_public_key(slot, 0)).data == answer
    assert exchange(channel, read_public_key(slot, 1)).sw == SW.INCORRECT_P1P2
    assert JpkiPersonalisation(channel).public_key(slot) == public_key(answer)


def test_there_is_no_second_part_whatever_the_state(p384: JpkiCard) -> None:
    """P1 and P2 come before the secure channel: 6A86 before 6982, where the first part is 6982."""
    wire = [read_public_key(Slot.SIGNING, part) for part in (0, 1)]
    answers = [p384.sw(0x84, one.ins, one.p1, one.p2, one.data, 256) for one in wire]
    assert answers == [SW.SECURITY_STATUS_NOT_SATISFIED, SW.INCORRECT_P1P2]


@pytest.mark.parametrize("slot", SLOTS)
def test_issue_renew_and_erase(p384: JpkiCard, slot: Slot) -> None:
    """A4, A5: as with RSA: a renewal keeps the PIN and the CA's certificate, an issue keeps nothing."""
    tsm, old = p384.tsm(), p384.keys[slot]
    new = tsm.generate_key_pair(slot, renew=True)
    assert new != old
    kept = SlotStatus(True, 0, len(CA_CERTIFICATES[slot]), PinState.ACTIVE, slot.tries, 0, frozenset())
    assert tsm.status().slots[slot] == kept
    tsm.store_certificate(slot.certificate, CERTIFICATES[slot])
    p384.verify(slot)
    assert p384.client.certificate(slot) == CERTIFICATES[slot]
    verify(new, p384.client.sign(slot, TEXT, SignForm.HASH), TEXT)
    issued = p384.tsm().generate_key_pair(slot)
    assert issued not in (old, new)
    assert p384.status().slots[slot] == SlotStatus(True, 0, 0, PinState.INITIAL, 0, 0, frozenset())
    tsm = p384.tsm()
    tsm.delete_slot(slot)
    assert not tsm.status().slots[slot].has_key
    with pytest.raises(UnexpectedStatusError) as error:
        tsm.public_key(slot)
    assert error.value.sw == SW.REFERENCED_DATA_NOT_FOUND
    again = tsm.generate_key_pair(slot)  # clearing a key may have taken its curve
    assert again not in (old, new, issued)


@pytest.mark.needs("inside")
def test_an_old_private_key_is_overwritten(p384: JpkiCard) -> None:
    """A4, A5: after a renewal and after a deletion nothing of S is left in memory."""
    slot = applet_object(p384.card.simulated).field("signing")
    for work in (
        partial(p384.tsm().generate_key_pair, Slot.SIGNING, renew=True),
        lambda: p384.tsm().delete_slot(Slot.SIGNING),
    ):
        secret = slot.field("keyPair").field("privateKey").field("S")
        assert secret in persistent_memory(p384.card.simulated)
        work()
        assert secret not in persistent_memory(p384.card.simulated)


# -- plain signatures --------------------------------------------------------------------------------------------------


def sign(jpki: JpkiCard, data: bytes, form: int = SignForm.HASH, slot: Slot = AUTHENTICATION) -> int:
    return jpki.sw(0x80, 0x2A, form, slot.key_reference, data, 256)


@pytest.mark.parametrize("slot", SLOTS)
def test_plain_signatures_verify_and_are_all_of_one_length(p384: JpkiCard, slot: Slot) -> None:
    """96 bytes, where DER would have 100 to 104: with P-384."""
    p384.verify(slot)
    for number in range(24):
        data = TEXT + bytes([number])
        signature = p384.client.sign(slot, data, SignForm.HASH)
        assert len(signature) == 96
        verify(p384.keys[slot], signature, data)
        with pytest.raises(InvalidSignature):
            verify(p384.keys[slot], signature, TEXT)


def test_a_short_number_is_filled_up_with_zeros(p384: JpkiCard) -> None:
    """One r in 256 has a byte less; where its zero belongs the command had its class."""
    p384.verify(AUTHENTICATION)
    for number in range(4096):
        data = number.to_bytes(2, "big")
        signature = p384.client.sign(AUTHENTICATION, data, SignForm.HASH)
        verify(p384.keys[AUTHENTICATION], signature, data)
        if signature[0] == 0:
            return
    pytest.fail("no number is short")


def is_short(number: bytes) -> bool:
    """Whether DER has less than 48 bytes of it: with a byte of zero before a high bit it has all."""
    return number[0] == 0 and number[1] < 0x80


def test_short_numbers_are_filled_up(p384: JpkiCard) -> None:
    """One number in 512 has a byte less: signatures, over data that fill the buffer, until there is one."""
    p384.verify(AUTHENTICATION)
    for number in range(FIRST_SHORT, FIRST_SHORT + 4000):  # the simulated card's first signature, others' one in 256
        data = number.to_bytes(2, "big") + b"d" * 100
        signature = p384.client.sign(AUTHENTICATION, data, SignForm.HASH)
        verify(p384.keys[AUTHENTICATION], signature, data)
        if found := is_short(signature[:48]) or is_short(signature[48:]):
            break
    assert found


@pytest.mark.parametrize("length", [1, 2, 47, 48, 49, 111, 112, 128, 254, 255])
def test_lengths_of_data(p384: JpkiCard, length: int) -> None:
    p384.verify(AUTHENTICATION)
    data = b"d" * length
    verify(p384.keys[AUTHENTICATION], p384.client.sign(AUTHENTICATION, data, SignForm.HASH), data)


def test_refusals_of_plain_sign(p384: JpkiCard) -> None:
    """In the order of docs/reference/applet.md: P1, key, length, PIN, key, data."""
    for form in (0x00, 0x02, 0x03, 0x04, 0x81, 0xFF):
        assert sign(p384, HASH, form) == SW.INCORRECT_P1P2
        assert p384.sw(0x80, 0x2A, form, 0x98, HASH, 256) == SW.INCORRECT_P1P2
    assert p384.sw(0x80, 0x2A, SignForm.HASH, 0x98, TEXT, 256) == SW.REFERENCED_DATA_NOT_FOUND
    assert sign(p384, b"") == SW.WRONG_LENGTH
    assert sign(p384, TEXT) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert sign(p384, b"1" + TEXT) == SW.SECURITY_STATUS_NOT_SATISFIED
    p384.verify(AUTHENTICATION)
    assert sign(p384, b"1" + TEXT) == SW.WRONG_DATA
    assert p384.status().slots[AUTHENTICATION].signature_counter == 0
    p384.tsm().delete_slot(AUTHENTICATION)
    p384.activate_pin(AUTHENTICATION, PINS[AUTHENTICATION])
    p384.verify(AUTHENTICATION)
    assert sign(p384, b"1" + TEXT) == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize("slot", SLOTS)
def test_plain_sign_makes_no_indicator(p384: JpkiCard, slot: Slot) -> None:
    """C6: no padding tells the two kinds apart, so attributes are not signed as data, nor is a hash of them."""
    p384.verify(slot)
    genuine = p384.client.sign_with_indicator(slot, HASH).signed_attributes
    for data in (genuine, genuine[:1], b"\x31"):
        assert sign(p384, data, slot=slot) == SW.WRONG_DATA
    for form in SignForm:
        assert sign(p384, genuine, form, slot) != SW.OK
        assert sign(p384, hashlib.sha384(genuine).digest(), form, slot) == (
            SW.OK if form is SignForm.HASH else SW.INCORRECT_P1P2  # of a hash the card makes the hash once more
        )
    for first in (b"\x30", b"\x32", b"\x00\x31", b"\xb1"):
        assert sign(p384, first + genuine[1:], slot=slot) == SW.OK


# -- signatures with an indicator --------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", SLOTS)
def test_the_indicator_by_pin(p384: JpkiCard, slot: Slot) -> None:
    """C4, C5: DER with SHA-384 in the message digest; the length of the SET has two bytes always."""
    p384.verify(slot)
    for use in (1, 2):
        signed = p384.client.sign_with_indicator(slot, HASH)
        assert len(signed.signature) == 96
        verify_signed(p384.keys[slot], signed)
        own = ModelMethod.PASSWORD if slot is Slot.SIGNING else ModelMethod.PIN
        assert signed.signed_attributes == signed_attributes(HASH, own, AccessSource.INTERNAL, use)
        assert signed.signed_attributes.startswith(b"\x31\x81")


def test_applications(p384: JpkiCard) -> None:
    p384.verify(Slot.SIGNING)
    signed = p384.client.sign_application(HASH)
    verify_signed(p384.keys[Slot.SIGNING], signed)
    expected = signed_attributes(HASH, ModelMethod.PASSWORD, AccessSource.INTERNAL, 1, application=True)
    assert signed.signed_attributes == expected
    assert p384.sw(0x80, 0x2E, 0x10, AUTHENTICATION.key_reference, HASH, 256) == SW.INCORRECT_P1P2


@pytest.mark.needs("inside")
def test_the_longest_attributes_fit(p384: JpkiCard) -> None:
    """Capacity of the buffer: an application, at the last use."""
    put_uses(p384.card.simulated, "signing", 0xFFFFFFFE)
    p384.verify(Slot.SIGNING)
    signed = p384.client.sign_application(HASH)
    assert len(signed.signed_attributes) == 150
    verify_signed(p384.keys[Slot.SIGNING], signed)
    assert sign(p384, TEXT, slot=Slot.SIGNING) == SW.CONDITIONS_NOT_SATISFIED


@pytest.mark.parametrize("length", [0, 1, 31, 32, 47, 49, 64])
def test_the_hash_has_48_bytes(p384: JpkiCard, length: int) -> None:
    p384.verify(AUTHENTICATION)
    assert p384.sw(0x80, 0x2E, 0x00, AUTHENTICATION.key_reference, bytes(length), 256) == SW.WRONG_LENGTH


@pytest.mark.parametrize("method", DeviceMethod)
def test_device_authentication(p384: JpkiCard, method: DeviceMethod) -> None:
    """C3: the phone's key stays on P-256, and proves the longer hash: 82 bytes under the proof."""
    phone = Device.create()
    p384.verify(AUTHENTICATION)
    p384.client.register_device_key(method, phone.point)
    p384.reset()
    signed = p384.client.sign_with_device(method, HASH, phone.prove)
    verify_signed(p384.keys[AUTHENTICATION], signed)
    assert parse_signed_attributes(signed.signed_attributes).indicator.method is Method(method)
    challenge = p384.client.challenge()
    assert len(proof_message(challenge, HASH, method)) == 82
    proof = phone.prove(proof_message(challenge, HASH[:32], method))  # as the first suite has it
    assert p384.sw(0x80, 0x2E, method, 0x97, HASH + proof, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
    for size in (48 + 7, 48 + 73):
        assert p384.sw(0x80, 0x2E, method, 0x97, HASH + bytes(size - 48), 256) == SW.WRONG_LENGTH
    for size in (48 + 8, 48 + 72):
        assert p384.sw(0x80, 0x2E, method, 0x97, HASH + bytes(size - 48), 256) != SW.WRONG_LENGTH
    assert sign(p384, TEXT) == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.needs("inside")
def test_nothing_of_a_signature_stays_in_ram(p384: JpkiCard) -> None:
    """Neither the DER that it was converted from, nor what was signed."""
    p384.verify(AUTHENTICATION)
    signature = p384.client.sign(AUTHENTICATION, b"D" * 200, SignForm.HASH)
    p384.client.tries_left(AUTHENTICATION)
    held = byte_arrays(p384.card.simulated)
    assert not any(signature[at : at + 16] in array for array in held for at in (8, 56))


# -- the host's side ---------------------------------------------------------------------------------------------------


def test_the_hosts_side_refuses_what_is_no_signature_or_key(p384: JpkiCard) -> None:
    for length in (0, 95, 97, 256):
        with pytest.raises(CardError, match="P-384 it has 96"):
            in_der(bytes(length))
    with pytest.raises(CardError, match="RSA-2048 was expected"):
        rsa_key(p384.keys[AUTHENTICATION])
    for raw in ("7F49038601FF", "7F4963866104" + "00" * 96, "7F4900", "7F48028600", "7F", ""):
        with pytest.raises(CardError, match="READ PUBLIC KEY"):
            public_key(bytes.fromhex(raw))


# -- what the card must have -------------------------------------------------------------------------------------------


@pytest.mark.needs("inside")
@pytest.mark.parametrize("name", CURVE_ALGORITHMS)
def test_a_card_without_the_algorithms_says_so_at_installation(name: str) -> None:
    """6A81, and in words; with RSA the same card takes the applet."""
    lacking = PlatformChoices(missing_algorithms=name)
    card = SimulatedCard(CardConfig(platform=lacking), seed=1, classes=jpki_library())
    with LabCard(card, DEFAULT_KEYS, OF_SIMULATED_CARDS, 1) as lab:
        jpki = JpkiCard(lab)
        jpki.load()
        with pytest.raises(UnexpectedStatusError) as error:
            jpki.install(Suite.P_384.chosen_in(Profile.CARD.parameters))
        assert error.value.sw == SW.FUNCTION_NOT_SUPPORTED
        assert name in refusal_of_install(Profile.CARD, error.value.sw, Suite.P_384)
        assert missing(Profile.CARD, name, Suite.P_384) == (name,)
        assert missing(Profile.CARD, name) == ()
        jpki.install(Profile.CARD.parameters)
