"""The responder that a certificate names itself, as evidence (RFC 5280, 4.2.2.1). Only certificates of CAs that are
trusted are asked about, so nobody else's addresses are called."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from cardlab.errors import UsageError
from jpki.parties.ca.status import CertStatus
from jpki.parties.clock import Clock, system_clock
from jpki.parties.verifier.evidence import Evidence
from jpki.parties.verifier.ocsp_source import OcspSource, http_responder


class NamedResponder:
    """Asks the first OCSP responder that each certificate names."""

    def __init__(self, *, clock: Clock = system_clock) -> None:
        self._clock = clock

    def state(self, certificate: x509.Certificate, issuer: x509.Certificate, at: datetime.datetime | None) -> Evidence:
        address = ocsp_address(certificate)
        if address is None:
            return Evidence("OCSP", CertStatus.UNKNOWN, note="the certificate names no responder")
        try:
            responder = http_responder(address)
        except UsageError as error:
            return Evidence("OCSP", CertStatus.UNKNOWN, note=str(error))
        return OcspSource(responder, clock=self._clock).state(certificate, issuer, at)


def ocsp_address(certificate: x509.Certificate) -> str | None:
    """The address in the certificate; None when it has none."""
    try:
        places = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return None
    found = (place.access_location for place in places if place.access_method == AuthorityInformationAccessOID.OCSP)
    return next((place.value for place in found if isinstance(place, x509.UniformResourceIdentifier)), None)
