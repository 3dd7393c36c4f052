"""Device authentication of the authentication slot (C1-C3; docs/reference/applet.md, "Device authentication")."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from jpki.model.rules import CommandRejectedError, Result, done, is_usable, no_data, require
from jpki.model.state import Method, ModelState, Profile, Slot

_POINT_BYTES = 65
_PROOF_LENGTHS = range(8, 73)
_SLOT = Slot.AUTHENTICATION
_KEY_REFERENCE = b"\x97"


def _method(command: CommandApdu) -> Method:
    allowed = command.p1 == 0 and command.p2 in (Method.BIOMETRIC, Method.LOCK_SCREEN)
    require(allowed, SW.INCORRECT_P1P2, "a device key is biometric (03) or lock screen (04)")
    return Method(command.p2)


def _check_access(state: ModelState) -> None:
    require(not state.contactless, SW.CONDITIONS_NOT_SATISFIED, "D5: no device keys over contactless")
    require(state.profile is Profile.PHONE, SW.CONDITIONS_NOT_SATISFIED, "device authentication: phone profile only")
    require(_SLOT in state.session.verified, SW.SECURITY_STATUS_NOT_SATISFIED, "C2: the user PIN first")


def register(state: ModelState, command: CommandApdu) -> Result:
    """REGISTER DEVICE KEY (C2)."""
    method = _method(command)
    require(len(command.data) == _POINT_BYTES, SW.WRONG_LENGTH, "a P-256 point has 65 bytes")
    _check_access(state)
    require(_public_key(command.data) is not None, SW.WRONG_DATA, "not an uncompressed point of P-256")
    other = state.slot(_SLOT).device_key(_other(method))
    require(command.data != other, SW.ALREADY_EXISTS, "C2: one key cannot stand for both methods")
    slot = state.slot(_SLOT).with_device_key(method, command.data)
    return done(state.with_slot(_SLOT, slot), "C2: device key registered")


def _other(method: Method) -> Method:
    return Method.LOCK_SCREEN if method is Method.BIOMETRIC else Method.BIOMETRIC


def remove(state: ModelState, command: CommandApdu) -> Result:
    """REMOVE DEVICE KEY."""
    method = _method(command)
    no_data(command)
    _check_access(state)
    slot = state.slot(_SLOT)
    require(slot.device_key(method) is not None, SW.REFERENCED_DATA_NOT_FOUND, "no such device key")
    return done(state.with_slot(_SLOT, slot.with_device_key(method, None)), "C2: device key removed")


def sign_after_device_authentication(
    state: ModelState, command: CommandApdu, method: Method, attest: Callable[[ModelState], Result]
) -> Result:
    """SIGN WITH INDICATOR with a proof (C3): checks in the order of the contract, the challenge used up on the way."""
    size = state.suite.hash_length
    require(len(command.data) - size in _PROOF_LENGTHS, SW.WRONG_LENGTH, "a hash and a proof of 8 to 72 bytes")
    require(state.profile is Profile.PHONE, SW.CONDITIONS_NOT_SATISFIED, "device authentication: phone profile only")
    require(is_usable(state, _SLOT), SW.REFERENCE_DATA_NOT_USABLE, "B5: the PIN is not ACTIVE")
    slot = state.slot(_SLOT)
    require(slot.key is not None, SW.REFERENCED_DATA_NOT_FOUND, "A1: no key in the slot")
    point = slot.device_key(method)
    if point is None:
        raise CommandRejectedError(SW.REFERENCED_DATA_NOT_FOUND, "C2: no such device key")
    challenge = state.session.challenge
    if challenge is None:
        raise CommandRejectedError(SW.CONDITIONS_NOT_SATISFIED, "C3: no challenge")
    used_up = state.with_session(challenge=None)
    digest, proof = command.data[:size], command.data[size:]
    if not proves(point, proof, challenge + _KEY_REFERENCE + bytes((method,)) + digest):
        raise CommandRejectedAfterError(used_up, SW.SECURITY_STATUS_NOT_SATISFIED, "C3: the proof does not verify")
    return attest(used_up)


class CommandRejectedAfterError(CommandRejectedError):
    """A refusal that has changed something: ``state`` is what it left."""

    def __init__(self, state: ModelState, sw: int, why: str) -> None:
        super().__init__(sw, why)
        self.state = state


def proves(point: bytes, proof: bytes, message: bytes) -> bool:
    """Whether ``proof`` is an ECDSA signature (DER, SHA-256) of ``message`` under a P-256 point."""
    public = _public_key(point)
    if public is None:
        return False
    try:
        public.verify(proof, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _public_key(point: bytes) -> ec.EllipticCurvePublicKey | None:
    if not point.startswith(b"\4"):
        return None
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None
