"""Documents and applications signed with the card, as CMS SignedData (C4-C6).

The slot's PIN must have been verified in this session.
"""

from __future__ import annotations

import datetime
from hashlib import sha256

from cardlab.errors import CardError
from jpki.certificates.cms import assemble, plain_attributes
from jpki.certificates.indicator import ContentType
from jpki.certificates.signed_data import Scheme
from jpki.client.constants import Slot
from jpki.client.user import IndicatorSignature, JpkiClient


def sign_document(client: JpkiClient, slot: Slot, content: bytes, *, detached: bool = False) -> bytes:
    """A CMS in DER, signed with the indicator that the card adds; a ``detached`` one does not hold the content."""
    certificate = held_certificate(client, slot)
    signed = client.sign_with_indicator(slot, sha256(content).digest())
    return assemble(signed, certificate, content=None if detached else content)


def sign_application(client: JpkiClient, content: bytes) -> bytes:
    """An application for certificates, signed with the signing key and the indicator.

    Only the app that makes applications calls this. What other programs have signed is a document, and no document is
    an application, whatever it says.
    """
    certificate = held_certificate(client, Slot.SIGNING)
    signed = client.sign_application(sha256(content).digest())
    return assemble(signed, certificate, content=content, content_type=ContentType.APPLICATION)


def sign_document_plainly(
    client: JpkiClient, slot: Slot, content: bytes, *, claimed_time: datetime.datetime, detached: bool = False
) -> bytes:
    """The same with plain SIGN: nothing in it says how the user authenticated, and the time is this host's claim."""
    certificate = held_certificate(client, slot)
    attributes = plain_attributes(sha256(content).digest(), claimed_time)
    signed = IndicatorSignature(attributes, client.sign_hash(slot, sha256(attributes).digest()))
    return assemble(signed, certificate, content=None if detached else content, scheme=Scheme.PKCS1)


def held_certificate(client: JpkiClient, slot: Slot) -> bytes:
    """The holder's certificate in a slot, after its PIN; raises CardError when there is none, only a key perhaps."""
    certificate = client.certificate(slot)
    if not certificate:
        raise CardError(f"the card holds no {slot.name.lower()} certificate", hint="issue one first")
    return certificate
