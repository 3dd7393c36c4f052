"""What the SP-TSM sends to an app by push, and how: sealed, so that the push service cannot tell what it carries.

The key is the app's, new with each installation, and comes to the SP-TSM with every request (``Device.push_key``). All
messages have the same length.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jpki.parties.codec import MessageError, decode, encode
from jpki.parties.messages import Slots
from jpki.parties.script import Random

KEY_SIZE = 16  # bytes: AES-128-GCM, NIST SP 800-38D
_NONCE = 12  # bytes
_TEXT = 256  # bytes of every message before it is sealed; JSON may end in spaces


@dataclass(frozen=True, slots=True)
class RemoveKeys:
    """Remove the keys of these slots, without any the applet (E5)."""

    order_id: str
    slots: Slots


@dataclass(frozen=True, slots=True)
class CertificatesIssued:
    """What was applied for is issued: the app can register it (E11)."""

    request_id: str


Word = RemoveKeys | CertificatesIssued


def sealed(word: Word, key: bytes, message_id: str, random: Random) -> bytes:
    """The payload of the push message with that identifier."""
    nonce = random(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, encode(word).ljust(_TEXT), message_id.encode())


def opened(payload: bytes, key: bytes, message_id: str) -> Word | None:
    """What it says; None for what the SP-TSM did not seal for this app, or under another identifier."""
    try:
        text = AESGCM(key).decrypt(payload[:_NONCE], payload[_NONCE:], message_id.encode())
        word: Word = decode(text, Word)
    except (InvalidTag, ValueError, MessageError):
        return None
    return word
