"""What a card must answer: status words, and the data as exactly as the rules determine them."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import SW, describe
from jpki.model.state import Slot

PUBLIC_EXPONENT = 65537
MODULUS_BYTES = 256
HALF_BYTES = 135
_TEMPLATE_START = bytes.fromhex("7F4982010981820100")
_TEMPLATE_END = bytes.fromhex("8203010001")


@dataclass(frozen=True, slots=True)
class Exactly:
    """These bytes and no others."""

    data: bytes = b""

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        return "" if data == self.data else f"data {data.hex()}, expected {self.data.hex() or 'none'}"


@dataclass(frozen=True, slots=True)
class Length:
    """Bytes that the card chooses; only their number is known."""

    lengths: frozenset[int]

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        return "" if len(data) in self.lengths else f"{len(data)} bytes, expected {sorted(self.lengths)}"


@dataclass(frozen=True, slots=True)
class Part:
    """A window of EF 0006, of which the contract determines the label and everything from offset 96 on."""

    offset: int
    known: bytes
    mask: bytes

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != len(self.known):
            return f"{len(data)} bytes, expected {len(self.known)}"
        pairs = zip(data, self.known, self.mask, strict=True)
        wrong = [self.offset + i for i, (got, want, sure) in enumerate(pairs) if sure and got != want]
        return f"bytes at {wrong} of the token information differ" if wrong else ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """32 random bytes, of which the session remembers the last."""

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        return "" if len(data) == 32 else f"{len(data)} bytes, a challenge has 32"


@dataclass(frozen=True, slots=True)
class PublicKeyHalf:
    """One half of the public key template of a slot; ``known`` when it was read before."""

    slot: Slot
    half: int
    known: bytes | None

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != HALF_BYTES:
            return f"{len(data)} bytes, half a public key has {HALF_BYTES}"
        if self.known is not None and data != self.known:
            return "the public key is not the one that was read before"
        if self.half == 0 and (not data.startswith(_TEMPLATE_START) or data[len(_TEMPLATE_START)] < 0x80):
            return "the template does not begin as ISO/IEC 7816-8 says, or the modulus is short"
        if self.half == 1 and (not data.endswith(_TEMPLATE_END) or not data[-len(_TEMPLATE_END) - 1] & 1):
            return "the template does not end with the exponent 65537, or the modulus is even"
        return ""


@dataclass(frozen=True, slots=True)
class Pkcs1Signature:
    """RSASSA-PKCS1-v1_5 (RFC 8017, 9.2) over the block's content ``t``; checked when the modulus is known."""

    slot: Slot
    key: int
    modulus: int | None
    t: bytes

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != MODULUS_BYTES:
            return f"{len(data)} bytes, a signature has {MODULUS_BYTES}"
        if self.modulus is None:
            return ""
        block = b"\0\1" + b"\xff" * (MODULUS_BYTES - 3 - len(self.t)) + b"\0" + self.t
        opened = pow(int.from_bytes(data, "big"), PUBLIC_EXPONENT, self.modulus).to_bytes(MODULUS_BYTES, "big")
        return "" if opened == block else "the signature is not RSASSA-PKCS1-v1_5 over the expected block"


@dataclass(frozen=True, slots=True)
class PssSignature:
    """RSASSA-PSS with SHA-256 and a salt of 32 bytes over ``message``; checked when the modulus is known."""

    slot: Slot
    key: int
    modulus: int | None
    message: bytes

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != MODULUS_BYTES:
            return f"{len(data)} bytes, a signature has {MODULUS_BYTES}"
        if self.modulus is None or verifies_pss(self.modulus, data, self.message):
            return ""
        return "the signature is not RSASSA-PSS over the expected signedAttrs"


def verifies_pss(modulus: int, signature: bytes, message: bytes) -> bool:
    """RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes, exponent 65537."""
    public = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, modulus).public_key()
    try:
        public.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever the platform or another application says; not the applet's business."""

    def problem(self, data: bytes) -> str:
        """Never anything wrong."""
        return ""


Data = Exactly | Length | Part | Challenge | PublicKeyHalf | Pkcs1Signature | PssSignature | Anything


@dataclass(frozen=True, slots=True)
class Expectation:
    """The status words that are right (none listed: any but 6F00), the data that go with them, and by which rule."""

    statuses: frozenset[int]
    why: str
    data: Data = Exactly()

    def problem(self, response: ResponseApdu) -> str:
        """What is wrong with a response in words, or an empty string."""
        if response.sw == SW.UNKNOWN or (self.statuses and response.sw not in self.statuses):
            wanted = " or ".join(describe(status) for status in sorted(self.statuses)) or "anything but 6F00"
            return f"answered {describe(response.sw)}, expected {wanted}: {self.why}"
        found = self.data.problem(response.data)
        return f"{found}: {self.why}" if found else ""


def expect(sw: int, why: str, data: Data | None = None) -> Expectation:
    """One status word and, for 9000, the data with it."""
    return Expectation(frozenset((sw,)), why, Exactly() if data is None else data)


def any_of(statuses: tuple[int, ...], why: str) -> Expectation:
    """One of several status words: where the platform and not the applet decides."""
    return Expectation(frozenset(statuses), why, Anything())
