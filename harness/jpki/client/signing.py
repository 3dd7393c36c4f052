"""Documents and applications signed with the card, as CMS SignedData (C4-C6).

The slot's PIN must have been verified in this session. The suite is that of the certificate on the card.
"""

from __future__ import annotations

import datetime
from hashlib import sha256

from cryptography import x509

from cardlab.errors import CardError, UsageError
from jpki.certificates.cms import assemble, assemble_without_attributes, plain_attributes
from jpki.certificates.indicator import ContentType
from jpki.certificates.schemes import Scheme
from jpki.certificates.suites import suite_of
from jpki.client.constants import Slot, Suite
from jpki.client.user import IndicatorSignature, JpkiClient

_MOST_PLAIN = 255  # bytes that the card hashes itself
_SET = b"\x31"


def sign_document(client: JpkiClient, slot: Slot, content: bytes, *, detached: bool = False) -> bytes:
    """A CMS in DER, signed with the indicator that the card adds; a ``detached`` one does not hold the content."""
    certificate = held_certificate(client, slot)
    signed = client.sign_with_indicator(slot, suite_of_certificate(certificate).hash(content))
    return assemble(signed, certificate, content=None if detached else content)


def sign_application(client: JpkiClient, content: bytes) -> bytes:
    """An application for certificates, signed with the signing key and the indicator.

    Only the app that makes applications calls this. What other programs have signed is a document, and no document is
    an application, whatever it says.
    """
    certificate = held_certificate(client, Slot.SIGNING)
    signed = client.sign_application(suite_of_certificate(certificate).hash(content))
    return assemble(signed, certificate, content=content, content_type=ContentType.APPLICATION)


def sign_document_plainly(
    client: JpkiClient, slot: Slot, content: bytes, *, claimed_time: datetime.datetime, detached: bool = False
) -> bytes:
    """The same with plain SIGN: nothing in it says how the user authenticated, and the time is this host's claim.

    On P-384 it is over the content itself and holds no time. UsageError when the card signs no such content plainly.
    """
    certificate = held_certificate(client, slot)
    if suite_of_certificate(certificate) is Suite.P_384:
        _require_plain(content)
        signature = client.sign_hashed_on_card(slot, content, Suite.P_384)
        return assemble_without_attributes(signature, certificate, content, detached=detached)
    attributes = plain_attributes(sha256(content).digest(), claimed_time)
    signed = IndicatorSignature(attributes, client.sign_hash(slot, sha256(attributes).digest()))
    return assemble(signed, certificate, content=None if detached else content, scheme=Scheme.PKCS1)


def suite_of_certificate(certificate: bytes) -> Suite:
    """The suite of a certificate's key (DER); CardError when it is of none."""
    try:
        return suite_of(x509.load_der_x509_certificate(certificate).public_key())
    except ValueError as error:
        raise CardError(f"the card's certificate cannot be used: {error}", hint="issue another one") from error


def _require_plain(content: bytes) -> None:
    if not 1 <= len(content) <= _MOST_PLAIN or content[:1] == _SET:
        raise UsageError(
            f"with P-384 the card signs plainly 1 to {_MOST_PLAIN} bytes that do not begin with 31, as attributes do;"
            f" these are {len(content)} bytes",
            hint="sign it with the indicator",
        )


def held_certificate(client: JpkiClient, slot: Slot) -> bytes:
    """The holder's certificate in a slot, after its PIN; raises CardError when there is none, only a key perhaps."""
    certificate = client.certificate(slot)
    if not certificate:
        raise CardError(f"the card holds no {slot.name.lower()} certificate", hint="issue one first")
    return certificate
