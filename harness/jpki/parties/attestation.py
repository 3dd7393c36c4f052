"""Verdicts on phones: a signed JWS with the nonce and the three fields (E8); RFC 7515, ES256."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.errors import RefusedError
from jpki.parties.clock import Clock
from jpki.parties.messages import Attest, Request, Verdict
from jpki.parties.recorder import Party

MAX_AGE = 300  # seconds
_HEADER = {"alg": "ES256", "typ": "JWT"}
_HARDWARE = "HARDWARE_BACKED"
_NUMBER = 32  # bytes of r and of s


class AttestationService:
    """Looks at the phone that asks; ``tampered`` tells of an installation of the app what the service would find."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, tampered: Callable[[str], bool], clock: Clock) -> None:
        self._key = key
        self._tampered = tampered
        self._clock = clock

    def handle(self, sender: Party, request: Request) -> Verdict:
        """One message."""
        if not isinstance(request, Attest):
            raise RefusedError(f"{type(request).__name__} is nothing the attestation service answers")
        sound = not self._tampered(request.app_id)
        payload = {
            "nonce": _encode(request.nonce),
            "timestampMs": int(self._clock().timestamp() * 1000),
            "appId": request.app_id,
            "ctsProfileMatch": sound,
            "basicIntegrity": sound,
            "evaluationType": f"BASIC,{_HARDWARE}",
        }
        signed = f"{_encode(json.dumps(_HEADER).encode())}.{_encode(json.dumps(payload).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return Verdict(f"{signed}.{_encode(r.to_bytes(_NUMBER, 'big') + s.to_bytes(_NUMBER, 'big'))}")


def require_sound(jws: str, *, key: ec.EllipticCurvePublicKey, nonce: bytes, app_id: str, now: float) -> None:
    """Check a verdict; raises RefusedError for any that is not about this app, this nonce, and an untouched phone."""
    payload = _verified(jws, key)
    if payload.get("nonce") != _encode(nonce) or payload.get("appId") != app_id:
        raise RefusedError("the verdict on the phone is about something else", hint="start again")
    made = payload.get("timestampMs")
    age = now - (made / 1000 if isinstance(made, int) else 0)
    if not -MAX_AGE <= age <= MAX_AGE:
        raise RefusedError(f"the verdict on the phone is {age:.0f} s old, at most {MAX_AGE} count", hint="start again")
    for field in ("ctsProfileMatch", "basicIntegrity"):
        if payload.get(field) is not True:
            raise RefusedError(f"the phone was tampered with: {field} is not true", hint="use an unmodified phone")
    if _HARDWARE not in str(payload.get("evaluationType", "")).split(","):
        raise RefusedError("the verdict on the phone is not backed by hardware", hint="use a phone with a hardware key")


def _verified(jws: str, key: ec.EllipticCurvePublicKey) -> dict[str, object]:
    try:
        header, payload, signature = jws.split(".")
        raw = _decode(signature)
        if json.loads(_decode(header)) != _HEADER or len(raw) != 2 * _NUMBER:
            raise ValueError("not ES256")
        r, s = int.from_bytes(raw[:_NUMBER], "big"), int.from_bytes(raw[_NUMBER:], "big")
        key.verify(encode_dss_signature(r, s), f"{header}.{payload}".encode(), ec.ECDSA(SHA256()))
        facts = json.loads(_decode(payload))
    except (ValueError, InvalidSignature) as error:
        raise RefusedError("the verdict on the phone does not verify") from error
    if not isinstance(facts, dict):
        raise RefusedError("the verdict on the phone cannot be read")
    return facts


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64url") from error
