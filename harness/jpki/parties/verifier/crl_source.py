"""Revocation lists as evidence (RFC 5280, 5)."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Sequence

from cryptography import x509

from cardlab.errors import UsageError
from jpki.certificates.signed_data import CERTIFICATE_ERRORS
from jpki.certificates.suites import PublicKey
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock, system_clock
from jpki.parties.verifier.evidence import Evidence, Snapshot, strongest

_KNOWN = (x509.AuthorityKeyIdentifier, x509.CRLNumber, x509.FreshestCRL)


def load_crl(raw: bytes, name: str) -> x509.CertificateRevocationList:
    """A complete CRL from DER or PEM, readable to its last entry; UsageError, with its name, for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what cryptography warns of is against RFC 5280
            load = x509.load_pem_x509_crl if raw.lstrip().startswith(b"-----BEGIN") else x509.load_der_x509_crl
            crl = load(raw)
            for entry in crl:
                _reason(entry)
            dates = (crl.last_update_utc, crl.next_update_utc, crl.issuer, crl.signature_hash_algorithm)
            delta = any(isinstance(one.value, x509.DeltaCRLIndicator) for one in crl.extensions)
            unknown = [
                one.oid.dotted_string for one in crl.extensions if one.critical and not isinstance(one.value, _KNOWN)
            ]
    except CERTIFICATE_ERRORS as error:
        raise UsageError(f"{name} is no certificate revocation list: {error}") from error
    if delta:
        raise UsageError(f"{name} is a delta CRL, which says nothing alone", hint="give the complete CRL")
    if unknown or None in dates:
        raise UsageError(f"{name} lacks a date, or has extensions that are not understood: {', '.join(unknown)}")
    return crl


class CrlSource:
    """Complete CRLs: the last one before the time in question counts, and what later ones prove."""

    def __init__(self, crls: Sequence[x509.CertificateRevocationList], *, clock: Clock = system_clock) -> None:
        self._crls = sorted(crls, key=lambda crl: crl.last_update_utc)
        self._clock = clock

    def state(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime | None) -> Evidence:
        now = self._clock()
        crls = [crl for crl in self._crls if _is_from(crl, issuer)]
        outdated = max(sum(crl.last_update_utc <= (at or now) for crl in crls) - 1, 0)
        answer = strongest(self._one(crl, certificate).at(at, now) for crl in crls[outdated:])
        return answer or Evidence("CRL", CertStatus.UNKNOWN, note="none of the CRLs given is from the certificate's CA")

    @staticmethod
    def _one(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> Snapshot:
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        return Snapshot(
            source="CRL",
            since=None if entry is None else entry.revocation_date_utc,
            reason=None if entry is None else _reason(entry),
            this_update=crl.last_update_utc,
            next_update=crl.next_update_utc,
        )


def _is_from(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key = issuer.public_key()
    # RFC 5280, 5.1.1.2: what is signed names the algorithm too; cryptography compares the two.
    return crl.issuer == issuer.subject and isinstance(key, PublicKey) and crl.is_signature_valid(key)


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return x509.ReasonFlags.unspecified
