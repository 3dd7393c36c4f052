"""What must hold after any fault in any command of the applet, said of what is seen before, undisturbed and after.

A command that is refused undisturbed changes nothing; one that is done may leave each thing as it was before or as it
is after the command, and the key is used only where it is used undisturbed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from cardlab.campaign.faults.scene import Invariant, Seen
from cardlab.errors import VerificationError
from cardlab.iso7816.status import SW
from cardlab.runtime.vm.faults import Case
from jpki.certificates.indicator import ContentType, Indicator, SignedAttributes, parse_signed_attributes
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import Slot
from jpki.client.ecdsa import SIGNATURE_LENGTH, in_der
from tests.jpki.applet.faulting.observed import PIN_STATES, SlotSeen
from tests.jpki.applet.tearing.curve_scenes import DISGUISED, MOVED
from tests.jpki.applet.tearing.views import TEXT

_SIGNATURE = 256  # bytes of an RSA-2048 signature
_PLAIN, _PSS_END = b"\x00\x01\xff\xff", b"\xbc"  # how PKCS #1 v1.5 blocks begin, how PSS blocks end (RFC 8017)
_PIECE = 8  # bytes by which a secret is recognised in an answer


Use = tuple[Slot | None, str]
_UNKNOWN: Use = (None, "unknown")
_WRONG_DATA = SW.WRONG_DATA.to_bytes(2, "big")  # the holder, who has verified the PIN, may have other data signed


@dataclass(frozen=True, slots=True)
class Secrets:
    """Whose signatures there can be, and what no answer may hold that does not hold it undisturbed."""

    keys: Mapping[Slot, SlotPublicKey]
    values: Mapping[str, bytes]
    _verified: dict[tuple[Slot, bytes, bytes], bool] = field(default_factory=dict)  # most faults change no signature

    def use(self, data: bytes, attributes: Callable[[], bytes]) -> Use | None:
        """Which key made a signature, and of which kind; None: it is none.

        ECDSA does not tell what was signed, so it is tried with what scenes have signed and with the attributes on
        the card; bytes that look like a signature and verify over none of these are one of unknown making.
        """
        if len(data) == SIGNATURE_LENGTH and any(not isinstance(key, RSAPublicKey) for key in self.keys.values()):
            return self._use_of_curve(data, attributes()) or _UNKNOWN
        return self._use_of_rsa(data) if len(data) == _SIGNATURE else None

    def _use_of_curve(self, data: bytes, attributes: bytes) -> Use | None:
        messages = dict.fromkeys((TEXT, *MOVED), "plain") | {DISGUISED: "with indicator", attributes: "with indicator"}
        for slot, key in self.keys.items():
            for message, kind in messages.items():
                if message and self._is_signature(slot, key, data, message):
                    return slot, kind
        return None

    def _is_signature(self, slot: Slot, key: SlotPublicKey, data: bytes, message: bytes) -> bool:
        asked = (slot, data, message)
        if asked not in self._verified:
            self._verified[asked] = _is_ecdsa(key, data, message)
        return self._verified[asked]

    def _use_of_rsa(self, data: bytes) -> Use | None:
        for slot, key in self.keys.items():
            if not isinstance(key, RSAPublicKey):
                continue
            numbers = key.public_numbers()
            number = int.from_bytes(data, "big")
            block = pow(number, numbers.e, numbers.n).to_bytes(_SIGNATURE, "big") if number < numbers.n else b""
            if block.startswith(_PLAIN):
                return slot, "plain"
            if _is_pss(block):
                return slot, "with indicator"
        return None

    def told(self, data: bytes) -> frozenset[str]:
        """Names of the secrets of which a piece is in an answer."""
        return frozenset(name for name, secret in self.values.items() if _is_in(secret, data))


def _is_ecdsa(key: SlotPublicKey, data: bytes, message: bytes) -> bool:
    if isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(in_der(data), message, ec.ECDSA(SHA384()))
    except InvalidSignature:
        return False
    return True


def _is_pss(block: bytes) -> bool:
    """Whether it is one, whatever was signed: its end alone is that of one wrong block in 256 (RFC 8017, 9.1.2)."""
    if not block.endswith(_PSS_END):
        return False
    length = SHA256.digest_size
    masked, seed = block[: -length - 1], block[-length - 1 : -1]
    mask = b"".join(sha256(seed + n.to_bytes(4, "big")).digest() for n in range(len(masked) // length + 1))
    unmasked = bytes(one ^ other for one, other in zip(masked, mask, strict=False))
    padding_length = len(masked) - length - 1
    return not unmasked[0] & 0x7F and unmasked[1 : padding_length + 1] == bytes(padding_length - 1) + b"\x01"


def _is_in(secret: bytes, data: bytes) -> bool:
    pieces = range(0, len(secret) - _PIECE + 1, _PIECE) if len(data) >= _PIECE else ()
    return any(secret[at : at + _PIECE] in data for at in pieces)


def _each(holds: Callable[[SlotSeen, SlotSeen, SlotSeen], bool]) -> Invariant:
    return lambda seen: all(holds(seen.before[one], seen.undisturbed[one], seen.after[one]) for one in Slot)


def _as_one(field: Callable[[SlotSeen], Any]) -> Invariant:
    """It is as before, or as after the undisturbed command."""
    return _each(lambda before, undisturbed, after: field(after) in (field(before), field(undisturbed)))


def _not_granted(field: Callable[[SlotSeen], bool]) -> Invariant:
    return _each(lambda before, undisturbed, after: not field(after) or field(before) or field(undisturbed))


def invariants(secrets: Secrets) -> Mapping[str, Invariant]:
    """By the name of what a fault does that breaks them."""
    return dict(_memory()) | dict(_answers(secrets))


def _memory() -> Iterator[tuple[str, Invariant]]:
    yield "a PIN's state is changed", _each(_is_state_kept)
    yield "a PIN's value is changed", _as_one(lambda one: one.pin)
    yield "a PIN has more tries", _each(lambda before, done, after: after.tries <= max(before.tries, done.tries))
    yield "a PIN counts as verified", _not_granted(lambda one: one.is_verified)
    yield "a PIN may be set", _not_granted(lambda one: one.is_permitted)
    yield "a key comes or goes", _as_one(lambda one: one.has_key)
    yield "a certificate is changed", _as_one(lambda one: one.certificate)
    yield "a CA certificate is changed", _as_one(lambda one: one.ca_certificate)
    yield "a phone is registered or removed", _as_one(lambda one: one.phones)
    yield "a challenge is fresh", _not_granted(lambda one: one.is_fresh)
    yield "uses are forgotten", _each(lambda before, done, after: after.uses >= min(before.uses, done.uses))


def _is_state_kept(before: SlotSeen, done: SlotSeen, after: SlotSeen) -> bool:
    """Where the command changes the state, it may come to none that the applet knows: then the PIN opens nothing."""
    is_changing = before.pin_state != done.pin_state
    return after.pin_state in (before.pin_state, done.pin_state) or (is_changing and after.pin_state not in PIN_STATES)


def free_tries(right: Callable[[Case], bytes | None]) -> Mapping[str, Invariant]:
    """Of a wrong PIN: no fault lets a stranger learn that it is wrong while no try is used.

    ``right``: what the card answers to the right PIN under the same fault. Where the answers differ, they tell.
    """

    def is_paid(seen: Seen) -> bool:
        tried = [one for one in Slot if seen.undisturbed[one].tries < seen.before[one].tries]
        is_used = all(seen.after[one].tries < seen.before[one].tries for one in tried)
        return is_used or seen.case is None or right(seen.case) == seen.answer

    return {"a wrong PIN does not count": is_paid}


def _answers(secrets: Secrets) -> Iterator[tuple[str, Invariant]]:
    def is_allowed(seen: Seen) -> bool:
        use = secrets.use(seen.data, seen.ready.attributes)
        expected = secrets.use(seen.expected[:-2], seen.ready.true_attributes)
        is_holders = expected is None and seen.expected == _WRONG_DATA and use is not None and use[1] == "plain"
        return use in (None, expected) or (use == _UNKNOWN and expected is not None) or is_holders

    def is_counted(seen: Seen) -> bool:
        use = secrets.use(seen.data, seen.ready.attributes)
        slots = [] if use is None else Slot if use[0] is None else [use[0]]
        return use is None or any(seen.after[one].uses > seen.before[one].uses for one in slots)

    def is_used_up(seen: Seen) -> bool:
        is_used = secrets.use(seen.data, seen.ready.attributes) is not None
        return not is_used or all(not seen.after[one].is_fresh or seen.undisturbed[one].is_fresh for one in Slot)

    yield "a key is used", is_allowed
    yield "a use does not count", is_counted
    yield "a challenge is good twice", is_used_up
    yield "an indicator is false", lambda seen: _is_true(seen, secrets)
    yield "a secret is answered", lambda seen: secrets.told(seen.data) <= secrets.told(seen.expected[:-2])


def _is_true(seen: Seen, secrets: Secrets) -> bool:
    """A verifier does not take the signature for one that says other things of its making than are true."""
    use = secrets.use(seen.data, seen.ready.attributes)
    if use is None or use[0] is None or use[1] != "with indicator":
        return True
    attributes, true = seen.ready.attributes(), seen.ready.true_attributes()
    try:
        claimed = parse_signed_attributes(attributes)
        if true and _claims(claimed) == _claims(parse_signed_attributes(true)):
            return True
        _verify(secrets.keys[use[0]], seen.data, attributes)
    except (InvalidSignature, VerificationError):
        return True
    return False


def _verify(key: SlotPublicKey, signature: bytes, attributes: bytes) -> None:
    if isinstance(key, RSAPublicKey):
        pss = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)
        key.verify(signature, attributes, pss, SHA256())
    else:
        key.verify(in_der(signature), attributes, ec.ECDSA(SHA384()))


def _claims(attributes: SignedAttributes) -> tuple[Indicator, ContentType]:
    """Whoever sends the command chooses what is signed, so the digest is no claim of the card."""
    return attributes.indicator, attributes.content_type
