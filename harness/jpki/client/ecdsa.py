"""ECDSA signatures as the applet answers them, r and s of 48 bytes each, and as X.509 and CMS want them (RFC 3279)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from cardlab.errors import CardError

NUMBER_LENGTH = 48
SIGNATURE_LENGTH = 2 * NUMBER_LENGTH


def in_der(signature: bytes) -> bytes:
    """SEQUENCE of two INTEGERs; raises CardError when these are not 96 bytes."""
    if len(signature) != SIGNATURE_LENGTH:
        raise CardError(f"the card's signature has {len(signature)} bytes, with P-384 it has {SIGNATURE_LENGTH}")
    r, s = signature[:NUMBER_LENGTH], signature[NUMBER_LENGTH:]
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
