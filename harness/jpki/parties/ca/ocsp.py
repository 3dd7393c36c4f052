"""The OCSP responder (RFC 6960): any number of certificates of one CA a request; that CA's own key signs."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from enum import IntEnum, unique
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ReasonFlags

from cardlab.iso7816.tlv import encode
from jpki.certificates.profile import TestAuthority
from jpki.certificates.suites import ECDSA_WITH_SHA384, sign
from jpki.client.constants import Slot, Suite
from jpki.parties.ca.ocsp_request import (
    NONCE,
    OCTET_STRING,
    OID,
    SEQUENCE,
    CertId,
    MalformedRequestError,
    OcspRequest,
    read,
)
from jpki.parties.ca.status import CertStatus, Status

LIFE = datetime.timedelta(minutes=5)
"""How long a client may go by an answer."""

StatusOf = Callable[[Slot, int], Status]


@unique
class Failure(IntEnum):
    """Answers without a signature (RFC 6960, 4.2.1, OCSPResponseStatus)."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6

    @property
    def der(self) -> bytes:
        """The whole response."""
        return encode(SEQUENCE, encode(_ENUMERATED, bytes((self,))))


_ENUMERATED, _BIT_STRING, _GENERALIZED_TIME = 0x0A, 0x03, 0x18
_SUCCESSFUL = encode(_ENUMERATED, bytes(1))
_BASIC = encode(OID, bytes.fromhex("2B0601050507300101"))  # id-pkix-ocsp-basic
_ALGORITHMS: Mapping[Suite, bytes] = {
    Suite.RSA_2048: bytes.fromhex("300D06092A864886F70D01010B0500"),  # sha256WithRSAEncryption
    Suite.P_384: ECDSA_WITH_SHA384,
}
_GOOD, _REVOKED, _UNKNOWN, _BY_KEY = 0x80, 0xA1, 0x82, 0xA2

_HASHES: Mapping[bytes, str] = {
    bytes.fromhex("2B0E03021A"): "sha1",
    bytes.fromhex("608648016503040204"): "sha224",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
    bytes.fromhex("608648016503040207"): "sha3_224",
    bytes.fromhex("608648016503040208"): "sha3_256",
    bytes.fromhex("608648016503040209"): "sha3_384",
    bytes.fromhex("60864801650304020A"): "sha3_512",
}
_REASONS: Mapping[ReasonFlags, int] = {  # RFC 5280, 5.3.1
    ReasonFlags.key_compromise: 1,
    ReasonFlags.ca_compromise: 2,
    ReasonFlags.affiliation_changed: 3,
    ReasonFlags.superseded: 4,
    ReasonFlags.cessation_of_operation: 5,
    ReasonFlags.certificate_hold: 6,
    ReasonFlags.remove_from_crl: 8,
    ReasonFlags.privilege_withdrawn: 9,
    ReasonFlags.aa_compromise: 10,
}


def respond(raw: bytes, issuers: Mapping[Slot, TestAuthority], status_of: StatusOf, now: datetime.datetime) -> bytes:
    """The response to a request, both DER; suspended is answered as revoked with the reason certificateHold.

    What cannot be read is a malformedRequest. Certificates of none of these issuers, or of several, are *unauthorized*
    (2.3): no one key could sign that with authority. Others beside those of one issuer are *unknown*.
    """
    try:
        request = read(raw)
    except MalformedRequestError:
        return Failure.MALFORMED_REQUEST.der
    slots = [_slot(one, issuers) for one in request.certificates]
    known = {slot for slot in slots if slot is not None}
    if len(known) != 1:
        return Failure.UNAUTHORIZED.der
    (signer,) = known
    unknown = Status(CertStatus.UNKNOWN)
    states = [
        unknown if slot is None else status_of(slot, one.serial)
        for slot, one in zip(slots, request.certificates, strict=True)
    ]
    return _signed(request, states, issuers[signer], now)


def _slot(asked: CertId, issuers: Mapping[Slot, TestAuthority]) -> Slot | None:
    """The kind of certificate whose issuer is named by these hashes (4.1.1); None for another, or another algorithm."""
    algorithm = _HASHES.get(asked.hash_oid)
    if algorithm is None:
        return None
    hashes = (asked.name_hash, asked.key_hash)
    return next((slot for slot, one in issuers.items() if _hashes(one.certificate, algorithm) == hashes), None)


@lru_cache(maxsize=64)
def _hashes(issuer: x509.Certificate, algorithm: str) -> tuple[bytes, bytes]:
    name, key = issuer.subject.public_bytes(), _key_bits(issuer)
    return hashlib.new(algorithm, name).digest(), hashlib.new(algorithm, key).digest()


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The bits of the public key, without algorithm, tag and length."""
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):  # the key in PKCS #1 (RFC 3279, 2.3.1)
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)  # RFC 5480, 2.2


# -- writing (4.2.1) ---------------------------------------------------------------------------------------------------


def _signed(request: OcspRequest, states: list[Status], issuer: TestAuthority, now: datetime.datetime) -> bytes:
    singles = [_single(one, state, now) for one, state in zip(request.certificates, states, strict=True)]
    responder = encode(_BY_KEY, encode(OCTET_STRING, _hashes(issuer.certificate, "sha1")[1]))
    tbs = encode(SEQUENCE, responder, _time(now), encode(SEQUENCE, *singles), _echo(request.nonce))
    signature = encode(_BIT_STRING, bytes(1), sign(issuer.key, tbs))
    basic = encode(SEQUENCE, tbs, _ALGORITHMS[issuer.suite], signature)
    answer = encode(SEQUENCE, _BASIC, encode(OCTET_STRING, basic))
    return encode(SEQUENCE, _SUCCESSFUL, encode(0xA0, answer))


def _single(asked: CertId, status: Status, now: datetime.datetime) -> bytes:
    return encode(SEQUENCE, asked.der, _status(status), _time(now), encode(0xA0, _time(now + LIFE)))


def _status(status: Status) -> bytes:
    if status.state is CertStatus.GOOD:
        return encode(_GOOD)
    if status.state is CertStatus.UNKNOWN or status.since is None:
        return encode(_UNKNOWN)
    reason = _REASONS.get(status.reason or ReasonFlags.unspecified)  # unspecified should be absent (RFC 5280, 5.3.1)
    given = b"" if reason is None else encode(0xA0, encode(_ENUMERATED, bytes((reason,))))
    return encode(_REVOKED, _time(status.since), given)


def _time(time: datetime.datetime) -> bytes:
    return encode(_GENERALIZED_TIME, f"{time.astimezone(datetime.UTC):%Y%m%d%H%M%SZ}".encode())


def _echo(nonce: bytes | None) -> bytes:
    if nonce is None:
        return b""
    return encode(0xA1, encode(SEQUENCE, encode(SEQUENCE, encode(OID, NONCE), encode(OCTET_STRING, nonce))))
