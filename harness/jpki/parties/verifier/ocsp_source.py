"""An OCSP responder as evidence (RFC 6960)."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from jpki.certificates.signed_data import CERTIFICATE_ERRORS
from jpki.certificates.suites import PublicKey, verify
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock, system_clock
from jpki.parties.verifier.evidence import Evidence, Snapshot

_OCSP_REQUEST = "application/ocsp-request"
_MAX_RESPONSE = 100_000  # bytes
_NONCE_LENGTH = 32  # RFC 9654, 2.1


class _UntrustedResponseError(Exception):
    """The response says nothing that can be relied on."""


Ask = Callable[[bytes], bytes]
"""Takes an OCSP request to a responder and brings its response, both DER; raises OSError when that cannot be done."""


def http_responder(url: str) -> Ask:
    """A responder at an address, which has 10 s for its answer; UsageError when it is none."""
    from jpki.parties.verifier.http_post import Address, post

    address = Address.parse(url)
    return lambda request: post(address, _OCSP_REQUEST, request, most=_MAX_RESPONSE)


class OcspSource:
    """Asks a responder about each certificate."""

    def __init__(self, ask: Ask, *, clock: Clock = system_clock) -> None:
        self._ask = ask
        self._clock = clock

    def state(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime | None) -> Evidence:
        nonce = x509.OCSPNonce(secrets.token_bytes(_NONCE_LENGTH))
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256())
        request = builder.add_extension(nonce, critical=False).build()
        try:
            response = self._response(request.public_bytes(Encoding.DER))
            snapshot = _snapshot(response, request, nonce, issuer, self._clock())
        except _UntrustedResponseError as error:
            return Evidence("OCSP", CertStatus.UNKNOWN, note=str(error))
        if snapshot is None:
            return Evidence("OCSP", CertStatus.UNKNOWN, note="the responder does not know the certificate")
        return snapshot.at(at, self._clock())

    def _response(self, request: bytes) -> ocsp.OCSPResponse:
        try:
            raw = self._ask(request)
        except OSError as error:
            raise _UntrustedResponseError(f"the responder does not answer: {error}") from error
        try:
            return ocsp.load_der_ocsp_response(raw)
        except CERTIFICATE_ERRORS as error:
            raise _UntrustedResponseError(f"the answer is no OCSP response: {error}") from error


def _snapshot(
    response: ocsp.OCSPResponse,
    request: ocsp.OCSPRequest,
    nonce: x509.OCSPNonce,
    issuer: x509.Certificate,
    now: datetime.datetime,
) -> Snapshot | None:
    """What the response says, all its bindings checked (RFC 6960, 3.2); None when the certificate is unknown there."""
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise _UntrustedResponseError(f"the responder refuses: {response.response_status.name}")
    try:
        asked = (request.issuer_name_hash, request.issuer_key_hash, request.serial_number)
        if (response.issuer_name_hash, response.issuer_key_hash, response.serial_number) != asked:
            raise _UntrustedResponseError("the response is about another certificate")
        echoed = [one.value for one in response.extensions if isinstance(one.value, x509.OCSPNonce)]
        if echoed and echoed != [nonce]:
            raise _UntrustedResponseError("the response has another nonce: it answers another request")
        _check_signature(response, issuer, now)
        if response.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            return None
        return Snapshot(
            source="OCSP",
            since=response.revocation_time_utc,
            reason=response.revocation_reason,
            this_update=response.this_update_utc,
            next_update=response.next_update_utc,
        )
    except CERTIFICATE_ERRORS as error:
        raise _UntrustedResponseError(f"the response cannot be read: {error}") from error


def _check_signature(response: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime.datetime) -> None:
    """The CA signed it, or a responder whose certificate the CA issued for that (RFC 6960, 4.2.2.2)."""
    signers = [issuer, *(one for one in response.certificates if _may_respond(one, issuer, now))]
    for signer in signers:
        key, algorithm = signer.public_key(), response.signature_hash_algorithm
        if not isinstance(key, PublicKey) or algorithm is None:
            continue
        try:
            verify(key, response.signature, response.tbs_response_bytes, algorithm)
        except InvalidSignature:
            continue
        return
    raise _UntrustedResponseError("the response is not signed by the CA or a responder that it authorised")


def _may_respond(certificate: x509.Certificate, issuer: x509.Certificate, now: datetime.datetime) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (*CERTIFICATE_ERRORS, InvalidSignature, x509.ExtensionNotFound):
        return False
    valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return valid and ExtendedKeyUsageOID.OCSP_SIGNING in usage
