"""The TSM's commands to the applet as plain values, and what their answers hold (docs/reference/applet.md, CLA 84)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from cardlab.errors import CardError
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.tlv import MalformedTlvError
from jpki.client.constants import CERTIFICATE_CAPACITY, CLA_PLAIN, EF, Instruction, Slot

_P1_GENERATE, _P1_READ = 0x80, 0x81
_P2_ISSUE, _P2_RENEW = 0x00, 0x01
_P1_MORE, _P1_LAST = 0x00, 0x80
_P1_SET, _P1_RESET = 0x02, 0x03
_TAG_PUBLIC_KEY, _TAG_MODULUS, _TAG_EXPONENT, _TAG_POINT = 0x7F49, 0x81, 0x82, 0x86

SlotPublicKey = RSAPublicKey | ec.EllipticCurvePublicKey
"""RSA-2048, or P-384."""


def generate_key_pair(slot: Slot, *, renew: bool = False) -> CommandApdu:
    """Answers the public key, of RSA its first half. ``renew`` keeps PIN and CA certificate; else all goes (A4)."""
    return _command(Instruction.GENERATE_KEY_PAIR, _P1_GENERATE, _P2_RENEW if renew else _P2_ISSUE, slot.template)


def read_public_key(slot: Slot, part: int) -> CommandApdu:
    """Part 0 of the public key template and, unless that ``is_whole``, part 1; ``public_key`` reads both together."""
    return _command(Instruction.GENERATE_KEY_PAIR, _P1_READ, part, slot.template)


def store_certificate(file: EF, certificate: bytes, *, max_data: int) -> list[CommandApdu]:
    """A DER certificate in blocks of at most ``max_data`` bytes; nothing may come between them."""
    if len(certificate) > CERTIFICATE_CAPACITY:
        raise ValueError(f"the certificate has {len(certificate)} bytes, a file holds {CERTIFICATE_CAPACITY}")
    content = file.to_bytes(2, "big") + len(certificate).to_bytes(2, "big") + certificate
    blocks = [content[start : start + max_data] for start in range(0, len(content), max_data)]
    last = len(blocks) - 1
    return [
        _command(Instruction.STORE_CERTIFICATE, _P1_LAST if number == last else _P1_MORE, number, block)
        for number, block in enumerate(blocks)
    ]


def set_pin(slot: Slot, pin: bytes) -> CommandApdu:
    """Phone: the temporary PIN (B5). Card: the user's PIN. The PIN must be INITIAL."""
    return _command(Instruction.SET_PIN, _P1_SET, slot.pin_reference, pin)


def reset_pin(slot: Slot) -> CommandApdu:
    """From every state to INITIAL (B6, B7)."""
    return _command(Instruction.SET_PIN, _P1_RESET, slot.pin_reference, b"")


def delete_slot(slot: Slot) -> CommandApdu:
    """Erase key, certificates, device keys, counter and PIN (A5)."""
    return _command(Instruction.DELETE, 0, 0, slot.template)


def get_status() -> CommandApdu:
    """``AppletStatus.from_bytes`` reads the answer."""
    return _command(Instruction.GET_STATUS, 0, 0, b"")


def rsa_key(key: SlotPublicKey) -> RSAPublicKey:
    """For whoever takes RSA only; CardError when it is another key."""
    if not isinstance(key, RSAPublicKey):
        raise CardError("the slot's key is on P-384, RSA-2048 was expected", hint="install the applet with RSA")
    return key


def is_whole(template: bytes) -> bool:
    """Whether the first answer is all of the public key template."""
    try:
        return bool(tlv.parse(template))
    except MalformedTlvError:
        return False


def public_key(template: bytes) -> SlotPublicKey:
    """The key in a public key template (ISO/IEC 7816-8), all parts together; raises CardError."""
    try:
        tags = (_TAG_POINT, _TAG_MODULUS, _TAG_EXPONENT)
        point, modulus, exponent = (tlv.find(template, _TAG_PUBLIC_KEY, tag) for tag in tags)
        if point:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), point)
    except ValueError as error:
        raise CardError(f"READ PUBLIC KEY: the answer is no public key template ({error})") from error
    if not modulus or not exponent:
        raise CardError("READ PUBLIC KEY: the template holds no modulus and exponent, and no point")
    return RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()


def _command(ins: int, p1: int, p2: int, data: bytes) -> CommandApdu:
    return CommandApdu(CLA_PLAIN, ins, p1, p2, data, le=SHORT_MAX_LE)
