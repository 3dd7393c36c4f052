"""What a card must answer: status words, and the data as exactly as the rules determine them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.iso7816.status import SW, describe
from jpki.model.state import EC_TEMPLATE_LENGTH, Slot

PUBLIC_EXPONENT = 65537
MODULUS_BYTES = 256
HALF_BYTES = 135
_TEMPLATE_START = bytes.fromhex("7F4982010981820100")
_TEMPLATE_END = bytes.fromhex("8203010001")
_EC_TEMPLATE_START = bytes.fromhex("7F4963866104")


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
class EcPublicKey:
    """The public key template of a slot with a key on P-384, whole; ``known`` when it was read before."""

    slot: Slot
    known: bytes | None
    half: int = 0

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != EC_TEMPLATE_LENGTH:
            return f"{len(data)} bytes, a public key on P-384 has {EC_TEMPLATE_LENGTH}"
        if self.known is not None and data != self.known:
            return "the public key is not the one that was read before"
        if not data.startswith(_EC_TEMPLATE_START) or ec_public_key(data) is None:
            return "the template does not begin as ISO/IEC 7816-8 says, or holds no point of P-384"
        return ""


def ec_public_key(template: bytes) -> ec.EllipticCurvePublicKey | None:
    """The key in a template of P-384, None when the point is none."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), template[len(_EC_TEMPLATE_START) - 1 :])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class SignatureOf:
    """A signature by this key over ``content``; verified when the public key is known."""

    slot: Slot
    key: int
    template: bytes | None
    content: bytes
    LENGTH: ClassVar[int] = MODULUS_BYTES

    def problem(self, data: bytes) -> str:
        """Why the data are not right, or an empty string."""
        if len(data) != self.LENGTH:
            return f"{len(data)} bytes, a signature has {self.LENGTH}"
        return "" if self.template is None else self.not_by(self.template, data)

    def not_by(self, template: bytes, data: bytes) -> str:
        """Why the signature is not this key's, or an empty string."""
        raise NotImplementedError


class Pkcs1Signature(SignatureOf):
    """RSASSA-PKCS1-v1_5 (RFC 8017, 9.2) over the block's content."""

    def not_by(self, template: bytes, data: bytes) -> str:
        block = b"\0\1" + b"\xff" * (MODULUS_BYTES - 3 - len(self.content)) + b"\0" + self.content
        return "" if opened(template, data) == block else "it is not RSASSA-PKCS1-v1_5 over the expected block"


class PssSignature(SignatureOf):
    """RSASSA-PSS with SHA-256 and a salt of 32 bytes."""

    def not_by(self, template: bytes, data: bytes) -> str:
        return "" if verifies(template, data, self.content) else "it is not RSASSA-PSS over the expected signedAttrs"


class EcdsaSignature(SignatureOf):
    """ECDSA on P-384 with SHA-384, as r and s of 48 bytes each."""

    LENGTH = 96

    def not_by(self, template: bytes, data: bytes) -> str:
        return (
            "" if verifies(template, data, self.content) else "it is not ECDSA with SHA-384 over what was to be signed"
        )


def modulus(template: bytes) -> int:
    """Of an RSA key (9 bytes before it, 5 after it)."""
    return int.from_bytes(template[len(_TEMPLATE_START) : -len(_TEMPLATE_END)], "big")


def opened(template: bytes, signature: bytes) -> bytes:
    """The block that an RSA signature was made of."""
    block = pow(int.from_bytes(signature, "big"), PUBLIC_EXPONENT, modulus(template))
    return block.to_bytes(MODULUS_BYTES, "big")


def verifies(template: bytes, signature: bytes, message: bytes) -> bool:
    """Whether signed attributes verify: RSASSA-PSS (SHA-256, salt of 32 bytes, exponent 65537) or ECDSA (SHA-384)."""
    try:
        if len(template) == EC_TEMPLATE_LENGTH:
            _verify_ecdsa(template, signature, message)
        else:
            public = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, modulus(template)).public_key()
            public.verify(signature, message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    except InvalidSignature:
        return False
    return True


def _verify_ecdsa(template: bytes, signature: bytes, message: bytes) -> None:
    public = ec_public_key(template)
    if public is None:
        raise InvalidSignature
    half = len(signature) // 2
    r, s = (int.from_bytes(number, "big") for number in (signature[:half], signature[half:]))
    public.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever the platform or another application says; not the applet's business."""

    def problem(self, data: bytes) -> str:
        """Never anything wrong."""
        return ""


Data = Exactly | Length | Part | Challenge | PublicKeyHalf | EcPublicKey | SignatureOf | Anything


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
