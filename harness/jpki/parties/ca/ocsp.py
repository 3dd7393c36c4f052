"""The OCSP responder (RFC 6960): one certificate a request, the CA's own key signs, a nonce comes back."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ReasonFlags, ocsp

from jpki.certificates.profile import TestAuthority
from jpki.client.constants import Slot
from jpki.parties.ca.status import CertStatus, Status

LIFE = datetime.timedelta(minutes=5)
"""How long a client may go by an answer."""

_STATUS = {
    CertStatus.GOOD: ocsp.OCSPCertStatus.GOOD,
    CertStatus.SUSPENDED: ocsp.OCSPCertStatus.REVOKED,
    CertStatus.REVOKED: ocsp.OCSPCertStatus.REVOKED,
    CertStatus.UNKNOWN: ocsp.OCSPCertStatus.UNKNOWN,
}


def respond(
    raw: bytes,
    issuers: Mapping[Slot, TestAuthority],
    status_of: Callable[[Slot, int], Status],
    now: datetime.datetime,
) -> bytes:
    """The response to a request, both DER; suspended is answered as revoked with the reason certificateHold."""
    try:
        request = ocsp.load_der_ocsp_request(raw)
        slot = _asked_for(request, issuers)
        nonce = _nonce(request)
    except (ValueError, NotImplementedError, TypeError):
        # Several certificates in one request too: a client asks once for each (RFC 6960, 2.3).
        return _failure(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if slot is None:
        return _failure(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    issuer, status = issuers[slot], status_of(slot, request.serial_number)
    bad = status.state in (CertStatus.SUSPENDED, CertStatus.REVOKED)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=request.serial_number,
            algorithm=request.hash_algorithm,
            cert_status=_STATUS[status.state],
            this_update=now,
            next_update=now + LIFE,
            revocation_time=status.since if bad else None,
            revocation_reason=status.reason if bad and status.reason is not ReasonFlags.unspecified else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer.certificate)
    )
    if nonce is not None:
        builder = builder.add_extension(nonce, critical=False)
    return builder.sign(issuer.key, SHA256()).public_bytes(Encoding.DER)


def _asked_for(request: ocsp.OCSPRequest, issuers: Mapping[Slot, TestAuthority]) -> Slot | None:
    """The kind of certificate whose issuer the request names by hashes (RFC 6960, 4.1.1)."""
    for slot, issuer in issuers.items():
        name = hashlib.new(request.hash_algorithm.name, issuer.certificate.subject.public_bytes()).digest()
        key = hashlib.new(request.hash_algorithm.name, _key_bits(issuer.certificate)).digest()
        if (request.issuer_name_hash, request.issuer_key_hash) == (name, key):
            return slot
    return None


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The bits of the public key, without algorithm, tag and length."""
    # For an RSA key they are the key in PKCS #1 (RFC 3279, 2.3.1).
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def _nonce(request: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _failure(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
