"""Device authentication: registration, challenge, proofs (C1-C3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media
from jpki.certificates.indicator import Method, parse_signed_attributes
from jpki.client.constants import DeviceMethod, Slot
from jpki.client.user import proof_message
from tests.jpki.applet.cards import PINS, TEMPORARY, WRONG, Device, JpkiCard

HASH = hashlib.sha256(b"login").digest()
METHODS = list(DeviceMethod)
AUTH = Slot.AUTHENTICATION


@pytest.fixture(scope="module")
def device() -> Device:
    return Device.create()


def register(jpki: JpkiCard, method: int, point: bytes) -> int:
    return jpki.sw(0x80, 0xDA, 0x00, method, point)


def remove(jpki: JpkiCard, method: int) -> int:
    return jpki.sw(0x80, 0xE4, 0x00, method)


def sign(jpki: JpkiCard, method: int, proof: bytes, message_hash: bytes = HASH) -> int:
    return jpki.sw(0x80, 0x2E, method, AUTH.key_reference, message_hash + proof, 256)


def registered(jpki: JpkiCard) -> frozenset[DeviceMethod]:
    return jpki.status().slots[AUTH].device_keys


def enrol(jpki: JpkiCard, device: Device, *methods: DeviceMethod) -> None:
    """Register a device's key, for biometric unless said otherwise, then forget the verified PIN."""
    jpki.verify(AUTH)
    for method in methods or (DeviceMethod.BIOMETRIC,):
        jpki.client.register_device_key(method, device.point)
    jpki.reset()


def enrol_both(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    """A device's key for this method, another one for the other."""
    enrol(jpki, device, method)
    enrol(jpki, Device.create(9), *(set(METHODS) - {method}))


# -- registration -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_registration_needs_the_pin_in_this_session(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    """C2: the PIN of this slot, and no secure channel."""
    assert register(jpki, method, device.point) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(Slot.SIGNING)
    assert register(jpki, method, device.point) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.verify(AUTH)
    assert register(jpki, method, device.point) == SW.OK
    assert registered(jpki) == {method}
    jpki.select_other()
    assert register(jpki, method, device.point) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert remove(jpki, method) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert registered(jpki) == {method}


def test_each_method_has_a_key_of_its_own(jpki: JpkiCard) -> None:
    first, second = Device.create(1), Device.create(2)
    jpki.verify(AUTH)
    jpki.client.register_device_key(DeviceMethod.BIOMETRIC, first.point)
    jpki.client.register_device_key(DeviceMethod.LOCK_SCREEN, second.point)
    for method, right, wrong in (
        (DeviceMethod.BIOMETRIC, first, second),
        (DeviceMethod.LOCK_SCREEN, second, first),
    ):
        assert sign(jpki, method, wrong.prove(proof_message(jpki.client.challenge(), HASH, method))) != SW.OK
        jpki.client.sign_with_device(method, HASH, right.prove)


@pytest.mark.parametrize("method", METHODS)
def test_registering_again_replaces(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    newer = Device.create(2)
    enrol(jpki, device, method)
    jpki.verify(AUTH)
    jpki.client.register_device_key(method, newer.point)
    old_proof = device.prove(proof_message(jpki.client.challenge(), HASH, method))
    assert sign(jpki, method, old_proof) == SW.SECURITY_STATUS_NOT_SATISFIED
    jpki.client.sign_with_device(method, HASH, newer.prove)


@pytest.mark.parametrize("method", METHODS)
def test_removal(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    enrol_both(jpki, device, method)
    jpki.verify(AUTH)
    assert remove(jpki, method) == SW.OK
    assert registered(jpki) == set(METHODS) - {method}
    assert remove(jpki, method) == SW.REFERENCED_DATA_NOT_FOUND
    proof = device.prove(proof_message(jpki.client.challenge(), HASH, method))
    assert sign(jpki, method, proof) == SW.REFERENCED_DATA_NOT_FOUND


@pytest.mark.parametrize("method", METHODS)
def test_one_key_cannot_stand_for_both_methods(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    """C2: else the phone's weaker way would pass for the stronger one. The same method may have it again."""
    enrol(jpki, device, method)
    (other,) = set(METHODS) - {method}
    jpki.verify(AUTH)
    assert register(jpki, other, device.point) == SW.ALREADY_EXISTS
    assert registered(jpki) == {method}
    assert register(jpki, method, device.point) == SW.OK
    assert register(jpki, other, Device.create(9).point) == SW.OK
    assert remove(jpki, method) == SW.OK
    assert register(jpki, method, Device.create(9).point) == SW.ALREADY_EXISTS
    assert register(jpki, method, device.point) == SW.OK


def wrong_points() -> dict[str, bytes]:
    point = Device.create().point
    return {
        "not on the curve": point[:-1] + bytes((point[-1] ^ 1,)),
        "zero": b"\x04" + bytes(64),
        "too large": b"\x04" + b"\xff" * 64,
        "compressed form": b"\x02" + point[1:],
        "hybrid form, even": b"\x06" + point[1:],
        "hybrid form, odd": b"\x07" + point[1:],
        "no form": b"\x00" + point[1:],
    }


@pytest.mark.parametrize("point", wrong_points().values(), ids=wrong_points().keys())
def test_a_point_that_is_none_leaves_the_old_key(jpki: JpkiCard, device: Device, point: bytes) -> None:
    enrol(jpki, device, DeviceMethod.BIOMETRIC)
    jpki.verify(AUTH)
    for method in METHODS:
        assert register(jpki, method, point) == SW.WRONG_DATA
    assert registered(jpki) == {DeviceMethod.BIOMETRIC}
    jpki.client.sign_with_device(DeviceMethod.BIOMETRIC, HASH, device.prove)


def test_wrong_parameters_and_lengths(jpki: JpkiCard, device: Device) -> None:
    enrol_both(jpki, device, DeviceMethod.BIOMETRIC)
    jpki.verify(AUTH)
    for p2 in set(range(256)) - {0x03, 0x04}:
        assert register(jpki, p2, device.point) == SW.INCORRECT_P1P2
        assert remove(jpki, p2) == SW.INCORRECT_P1P2
    for p1 in range(1, 256):
        assert jpki.sw(0x80, 0xDA, p1, 0x03, device.point) == SW.INCORRECT_P1P2
        assert jpki.sw(0x80, 0xE4, p1, 0x03) == SW.INCORRECT_P1P2
    for length in (0, 1, 33, 64, 66, 255):
        assert register(jpki, 0x03, device.point.ljust(length, b"\0")[:length]) == SW.WRONG_LENGTH
    assert jpki.sw(0x80, 0xE4, 0x00, 0x03, b"\0") == SW.WRONG_LENGTH
    jpki.reset()
    assert register(jpki, 0x03, b"") == SW.WRONG_LENGTH, "before the PIN is asked for"
    assert jpki.sw(0x80, 0xE4, 0x00, 0x03, b"\0") == SW.WRONG_LENGTH
    assert registered(jpki) == set(METHODS)


@pytest.mark.needs("interfaces")
@pytest.mark.parametrize("media", [Media.CONTACTLESS_TYPE_A, Media.CONTACTLESS_TYPE_B])
def test_registration_is_refused_over_contactless(jpki: JpkiCard, device: Device, media: Media) -> None:
    """C2, D5."""
    enrol(jpki, device, DeviceMethod.BIOMETRIC)
    jpki.reset(media)
    jpki.verify(AUTH)
    for method in METHODS:
        assert register(jpki, method, device.point) == SW.CONDITIONS_NOT_SATISFIED
        assert remove(jpki, method) == SW.CONDITIONS_NOT_SATISFIED
    jpki.reset(Media.CONTACT)
    assert registered(jpki) == {DeviceMethod.BIOMETRIC}


def test_a_plastic_card_has_no_device_authentication(plastic: JpkiCard, device: Device) -> None:
    plastic.verify(AUTH)
    for method in METHODS:
        assert register(plastic, method, device.point) == SW.CONDITIONS_NOT_SATISFIED
        assert remove(plastic, method) == SW.CONDITIONS_NOT_SATISFIED
        proof = device.prove(proof_message(plastic.client.challenge(), HASH, method))
        assert sign(plastic, method, proof) == SW.CONDITIONS_NOT_SATISFIED


# -- challenge --------------------------------------------------------------------------------------------------------


def test_challenges_are_32_bytes_and_differ(jpki: JpkiCard) -> None:
    challenges = [jpki.client.challenge() for _ in range(20)]
    assert {len(one) for one in challenges} == {32}
    assert len(set(challenges)) == 20
    assert len(jpki.send(0x00, 0x84, 0x00, 0x00, le=256).data) == 32
    assert len(jpki.send(0x00, 0x84, 0x00, 0x00, le=None).data) == 32, "without Le as many as there are"


@pytest.mark.parametrize("profile", ["jpki", "plastic"])
def test_random_bytes_come_as_many_as_are_asked_for(request: pytest.FixtureRequest, profile: str) -> None:
    """F2: PKCS #11 programs (C_GenerateRandom) ask for any number; no number of them is a challenge but 32."""
    jpki: JpkiCard = request.getfixturevalue(profile)
    for le in (*range(8, 12), 16, 20, 31, 33, 100, 254, 255):
        answers = [jpki.send(0x00, 0x84, 0x00, 0x00, le=le).data for _ in range(2)]
        assert [len(one) for one in answers] == [le, le]
        assert answers[0] != answers[1]
        assert all(any(one[at:]) for one in answers for at in (0, le - 8)), "to the last bytes"
    assert len(jpki.send(0x00, 0x84, 0x00, 0x00, le=65536, extended=True).data) == 32


def test_challenge_refusals_leave_the_last_one(jpki: JpkiCard, device: Device) -> None:
    enrol(jpki, device)
    challenge = jpki.client.challenge()
    for le in (1, 7):
        assert jpki.sw(0x00, 0x84, 0x00, 0x00, le=le) == SW.WRONG_LENGTH
    for le in (8, 31, 33, 255):
        assert jpki.sw(0x00, 0x84, 0x00, 0x00, le=le) == SW.OK, "random bytes that are no challenge"
    assert jpki.sw(0x00, 0x84, 0x00, 0x00, b"\0", 32) == SW.WRONG_LENGTH
    for p1, p2 in ((0x01, 0x00), (0x00, 0x01), (0x80, 0x00), (0xFF, 0xFF)):
        assert jpki.sw(0x00, 0x84, p1, p2, le=32) == SW.INCORRECT_P1P2
    assert sign(jpki, 0x03, device.prove(proof_message(challenge, HASH, DeviceMethod.BIOMETRIC))) == SW.OK


# -- proofs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_one_proof_allows_one_signature_and_nothing_else(jpki: JpkiCard, device: Device, method: DeviceMethod) -> None:
    """C1, C3, C6: not again, not the PIN's rights, not plain SIGN."""
    enrol_both(jpki, device, method)
    proof = device.prove(proof_message(jpki.client.challenge(), HASH, method))
    assert sign(jpki, method, proof) == SW.OK
    assert sign(jpki, method, proof) == SW.CONDITIONS_NOT_SATISFIED
    assert not jpki.is_verified(AUTH)
    assert jpki.sw(0x80, 0x2A, 0x02, AUTH.key_reference, HASH, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.sw(0x80, 0x2E, 0x00, AUTH.key_reference, HASH, 256) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status().slots[AUTH].signature_counter == 1


Bend = Callable[[bytes, bytes], tuple[bytes, bytes]]
BENT: dict[str, Callable[[bytes], bytes]] = {
    "another challenge": lambda challenge: proof_message(bytes(32), HASH, DeviceMethod.BIOMETRIC),
    "another message": lambda challenge: proof_message(challenge, bytes(32), DeviceMethod.BIOMETRIC),
    "another method": lambda challenge: proof_message(challenge, HASH, DeviceMethod.LOCK_SCREEN),
    "no method": lambda challenge: challenge + b"\x97" + HASH,
    "the signing key": lambda challenge: challenge + b"\x9a\x03" + HASH,
    "no key": lambda challenge: challenge + HASH,
    "the challenge alone": lambda challenge: challenge,
    "nothing": lambda challenge: b"",
}


@pytest.mark.parametrize("message", BENT.values(), ids=BENT.keys())
def test_a_proof_over_something_else_uses_the_challenge_up(
    jpki: JpkiCard, device: Device, message: Callable[[bytes], bytes]
) -> None:
    """C3: it is bound to challenge, key, method and hash."""
    enrol(jpki, device)
    challenge = jpki.client.challenge()
    assert sign(jpki, 0x03, device.prove(message(challenge))) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert (
        sign(jpki, 0x03, device.prove(proof_message(challenge, HASH, DeviceMethod.BIOMETRIC)))
        == SW.CONDITIONS_NOT_SATISFIED
    )
    assert jpki.status().slots[AUTH].signature_counter == 0


def test_every_byte_of_what_is_proved_counts(jpki: JpkiCard, device: Device) -> None:
    """C3: no part of the challenge, the key reference, the method or the hash is left out."""
    enrol(jpki, device, DeviceMethod.BIOMETRIC)
    length = len(proof_message(bytes(32), HASH, DeviceMethod.BIOMETRIC))
    for position in range(length):
        message = bytearray(proof_message(jpki.client.challenge(), HASH, DeviceMethod.BIOMETRIC))
        message[position] ^= 0x01
        wrong = device.prove(bytes(message))
        assert sign(jpki, DeviceMethod.BIOMETRIC, wrong) == SW.SECURITY_STATUS_NOT_SATISFIED, position
    jpki.client.sign_with_device(DeviceMethod.BIOMETRIC, HASH, device.prove)


MALFORMED = {
    "zeros": bytes(70),
    "ones": b"\xff" * 72,
    "shortest": bytes.fromhex("3006020101020101"),
    "r and s zero": bytes.fromhex("3006020100020100"),
    "negative": bytes.fromhex("30060201FF0201FF"),
    "one number": bytes.fromhex("3006020401020304"),
    "empty sequence": bytes.fromhex("3000000000000000"),
    "three numbers": bytes.fromhex("3009020101020101020101"),
    "no sequence": bytes.fromhex("0408020101020101AABB"),
    "octet strings": bytes.fromhex("3006040101040101"),
    "length beyond the end": bytes.fromhex("3046022100AABBCC"),
    "long form of length": bytes.fromhex("308200060201010201"),
    "indefinite length": bytes.fromhex("30800201010201010000"),
}


@pytest.mark.parametrize("proof", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_signature_is_a_wrong_proof(jpki: JpkiCard, device: Device, proof: bytes) -> None:
    enrol(jpki, device)
    jpki.client.challenge()
    assert sign(jpki, 0x03, proof) == SW.SECURITY_STATUS_NOT_SATISFIED
    assert jpki.status().slots[AUTH].signature_counter == 0


@pytest.mark.parametrize("position", [0, 5, 20, 40, -1])
def test_an_altered_proof_is_wrong(jpki: JpkiCard, device: Device, position: int) -> None:
    enrol(jpki, device)
    proof = bytearray(device.prove(proof_message(jpki.client.challenge(), HASH, DeviceMethod.BIOMETRIC)))
    proof[position] ^= 0x01
    assert sign(jpki, 0x03, bytes(proof)) == SW.SECURITY_STATUS_NOT_SATISFIED


def test_lengths(jpki: JpkiCard, device: Device) -> None:
    enrol(jpki, device)
    challenge = jpki.client.challenge()
    for length in (0, 7, 73, 200):
        assert sign(jpki, 0x03, bytes(length)) == SW.WRONG_LENGTH
    assert sign(jpki, 0x03, device.prove(proof_message(challenge, HASH, DeviceMethod.BIOMETRIC))) == SW.OK, (
        "the challenge was not used up"
    )


def test_order_of_conditions(blank: JpkiCard, device: Device) -> None:
    """PIN, key, registration, challenge, proof: each missing one has its own answer."""
    proof = bytes.fromhex("3006020101020101")
    assert sign(blank, 0x03, proof) == SW.REFERENCE_DATA_NOT_USABLE
    blank.tsm().set_pin(AUTH, TEMPORARY[AUTH])
    assert sign(blank, 0x03, proof) == SW.REFERENCE_DATA_NOT_USABLE, "a temporary one"
    blank.tsm().reset_pin(AUTH)
    blank.activate_pin(AUTH, PINS[AUTH])
    assert sign(blank, 0x03, proof) == SW.REFERENCED_DATA_NOT_FOUND
    blank.verify(AUTH)
    blank.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
    assert sign(blank, 0x03, proof) == SW.REFERENCED_DATA_NOT_FOUND, "a registered method, but no key"
    blank.tsm().generate_key_pair(AUTH)
    assert sign(blank, 0x03, proof) == SW.REFERENCED_DATA_NOT_FOUND, "a key, but no registered method"
    blank.verify(AUTH)
    blank.client.register_device_key(DeviceMethod.BIOMETRIC, device.point)
    assert sign(blank, 0x03, proof) == SW.CONDITIONS_NOT_SATISFIED
    challenge = blank.client.challenge()
    assert sign(blank, 0x04, proof) == SW.REFERENCED_DATA_NOT_FOUND
    assert sign(blank, 0x03, device.prove(proof_message(challenge, HASH, DeviceMethod.BIOMETRIC))) == SW.OK, (
        "not used up by what came before"
    )


@pytest.mark.parametrize("how", ["select", "select_other", "reset"])
def test_a_challenge_ends_with_the_selection(jpki: JpkiCard, device: Device, how: str) -> None:
    enrol(jpki, device)
    challenge = jpki.client.challenge()
    {"select": jpki.client.select, "select_other": jpki.select_other, "reset": jpki.reset}[how]()
    assert (
        sign(jpki, 0x03, device.prove(proof_message(challenge, HASH, DeviceMethod.BIOMETRIC)))
        == SW.CONDITIONS_NOT_SATISFIED
    )


def test_a_newer_challenge_replaces_the_last(jpki: JpkiCard, device: Device) -> None:
    """C3."""
    enrol(jpki, device)
    old = jpki.client.challenge()
    jpki.client.challenge()
    assert (
        sign(jpki, 0x03, device.prove(proof_message(old, HASH, DeviceMethod.BIOMETRIC)))
        == SW.SECURITY_STATUS_NOT_SATISFIED
    )


def test_a_blocked_pin_blocks_device_authentication_too(jpki: JpkiCard, device: Device) -> None:
    enrol(jpki, device)
    for _ in range(AUTH.tries):
        jpki.sw(0x00, 0x20, 0x00, AUTH.pin_reference, WRONG[AUTH])
    proof = device.prove(proof_message(jpki.client.challenge(), HASH, DeviceMethod.BIOMETRIC))
    assert sign(jpki, 0x03, proof) == SW.REFERENCE_DATA_NOT_USABLE


def test_device_keys_survive_reset_and_change_of_pin(jpki: JpkiCard, device: Device) -> None:
    enrol(jpki, device)
    jpki.verify(AUTH)
    jpki.client.change_pin(AUTH, b"9999")
    jpki.reset()
    signed = jpki.client.sign_with_device(DeviceMethod.BIOMETRIC, HASH, device.prove)
    assert parse_signed_attributes(signed.signed_attributes).indicator.method is Method.BIOMETRIC


ENDS: dict[str, Callable[[JpkiCard], object]] = {
    "PIN reset": lambda jpki: jpki.tsm().reset_pin(AUTH),
    "slot deletion": lambda jpki: jpki.tsm().delete_slot(AUTH),
    "new key": lambda jpki: jpki.tsm().generate_key_pair(AUTH),
    "renewed key": lambda jpki: jpki.tsm().generate_key_pair(AUTH, renew=True),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_what_removes_device_keys(jpki: JpkiCard, device: Device, end: Callable[[JpkiCard], object]) -> None:
    enrol_both(jpki, device, DeviceMethod.LOCK_SCREEN)
    end(jpki)
    assert registered(jpki) == set()


KEEPS: dict[str, Callable[[JpkiCard], object]] = {
    "the other slot's PIN": lambda jpki: jpki.tsm().reset_pin(Slot.SIGNING),
    "the other slot": lambda jpki: jpki.tsm().delete_slot(Slot.SIGNING),
    "the other slot's key": lambda jpki: jpki.tsm().generate_key_pair(Slot.SIGNING),
}


@pytest.mark.parametrize("action", KEEPS.values(), ids=KEEPS.keys())
def test_what_does_not(jpki: JpkiCard, device: Device, action: Callable[[JpkiCard], object]) -> None:
    enrol_both(jpki, device, DeviceMethod.LOCK_SCREEN)
    action(jpki)
    assert registered(jpki) == set(METHODS)
    jpki.client.sign_with_device(DeviceMethod.LOCK_SCREEN, HASH, device.prove)
