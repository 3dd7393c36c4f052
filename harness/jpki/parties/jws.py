"""Signed statements between parties: JWS in compact form, ES256 (RFC 7515, 7.1; RFC 7518, 3.4)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import RefusedError

_HEADER = {"alg": "ES256", "typ": "JWT"}
_NUMBER = 32  # bytes of r and of s


def signed(payload: Mapping[str, object], key: ec.EllipticCurvePrivateKey) -> str:
    """A statement under a P-256 key."""
    text = f"{base64url(json.dumps(_HEADER).encode())}.{base64url(json.dumps(payload).encode())}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{base64url(r.to_bytes(_NUMBER, 'big') + s.to_bytes(_NUMBER, 'big'))}"


def verified(jws: str, key: ec.EllipticCurvePublicKey, what: str) -> dict[str, object]:
    """What a statement says; raises RefusedError, which calls it ``what``, when it does not verify."""
    try:
        header, payload, signature = jws.split(".")
        raw = _decode(signature)
        if json.loads(_decode(header)) != _HEADER or len(raw) != 2 * _NUMBER:
            raise ValueError("not ES256")
        r, s = int.from_bytes(raw[:_NUMBER], "big"), int.from_bytes(raw[_NUMBER:], "big")
        key.verify(encode_dss_signature(r, s), f"{header}.{payload}".encode(), ec.ECDSA(SHA256()))
        facts = json.loads(_decode(payload))
    except (ValueError, InvalidSignature) as error:
        raise RefusedError(f"{what} does not verify") from error
    if not isinstance(facts, dict):
        raise RefusedError(f"{what} cannot be read")
    return facts


def base64url(raw: bytes) -> str:
    """Without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
