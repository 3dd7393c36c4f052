"""CMS SignedData around what the card signed (C5; RFC 5652, 4056; of the suite on P-384: RFC 5753, 2.1).

Assembling writes DER around what the card gave, unchanged. Verifying shares no code with it (``signed_data``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from cardlab.iso7816.tlv import encode
from jpki.certificates.indicator import ContentType, Indicator
from jpki.certificates.schemes import SALT_LENGTH, Scheme
from jpki.certificates.signed_data import (
    check_content_type,
    check_indicator,
    check_issuer,
    check_period,
    check_signature,
    read,
)
from jpki.certificates.suites import ECDSA_WITH_SHA384, suite_of
from jpki.client.constants import Suite
from jpki.client.ecdsa import in_der
from jpki.client.user import IndicatorSignature

_SEQUENCE, _SET, _INTEGER, _OCTET_STRING = 0x30, 0x31, 0x02, 0x04
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18
_CONTEXT_0, _CONTEXT_1, _CONTEXT_2 = 0xA0, 0xA1, 0xA2
_ID_DATA = bytes.fromhex("06092A864886F70D010701")
_ID_APPLICATION = bytes.fromhex("06156983AF92A092FFFCA28ADFB4E6BCCFF0FDE7E31D01")
_ID_SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
_ID_RSASSA_PSS = bytes.fromhex("06092A864886F70D01010A")
_ID_MGF1 = bytes.fromhex("06092A864886F70D010108")
_RSA_ENCRYPTION = bytes.fromhex("300D06092A864886F70D0101010500")  # PKCS #1 v1.5 (RFC 3370, 3.2)
_CONTENT_TYPE = bytes.fromhex("06092A864886F70D010903")
_MESSAGE_DIGEST = bytes.fromhex("06092A864886F70D010904")
_SIGNING_TIME = bytes.fromhex("06092A864886F70D010905")
_SHA256 = bytes.fromhex("300D06096086480165030402010500")
_SHA384 = bytes.fromhex("300B0609608648016503040202")  # without parameters, as RFC 5754, 2, wants it written


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """What a CMS with an indicator proves: who signed what, and how the user authenticated."""

    content: bytes
    signer: x509.Certificate
    indicator: Indicator


# -- assembling --------------------------------------------------------------------------------------------------------


def assemble(
    signed: IndicatorSignature,
    certificate: bytes,
    *,
    content: bytes | None = None,
    other_certificates: Sequence[bytes] = (),
    scheme: Scheme | None = None,
    content_type: ContentType = ContentType.DOCUMENT,
) -> bytes:
    """A DER ContentInfo with SignedData around a signature from the card.

    ``certificate`` is the signer's, ``other_certificates`` those that lead to its root, all DER. Without ``content``
    the signature is detached. ``scheme`` is PKCS1 for a plain signature over ``plain_attributes``, and without it that
    of SIGN WITH INDICATOR; ``content_type`` is that among the attributes. Raises ValueError when ``signed`` or a
    certificate is not what it should be.
    """
    if not signed.signed_attributes or signed.signed_attributes[0] != _SET:
        raise ValueError("the signed attributes are no DER SET")
    signer = x509.load_der_x509_certificate(certificate)
    made = scheme or Scheme.with_indicator(suite_of(signer.public_key()))
    # [0] IMPLICIT: only the tag differs from what was signed (RFC 5652, 5.4).
    attributes = bytes((_CONTEXT_0,)) + signed.signed_attributes[1:]
    info = _signer_info(attributes, signed.signature, signer, made)
    return _message(info, (certificate, *other_certificates), content, made, content_type)


def assemble_without_attributes(signature: bytes, certificate: bytes, content: bytes, *, detached: bool) -> bytes:
    """The same around a plain signature over the content itself (RFC 5652, 5.3), by ECDSA: such a card signs no others.

    Raises ValueError when the certificate is of another suite.
    """
    signer = x509.load_der_x509_certificate(certificate)
    if suite_of(signer.public_key()) is not Suite.P_384:
        raise ValueError("the signer's key is no key on P-384")
    info = _signer_info(b"", signature, signer, Scheme.ECDSA)
    return _message(info, (certificate,), None if detached else content, Scheme.ECDSA, ContentType.DOCUMENT)


def _message(
    signer_info: bytes, certificates: Sequence[bytes], content: bytes | None, scheme: Scheme, content_type: ContentType
) -> bytes:
    encapsulated = b"" if content is None else encode(_CONTEXT_0, encode(_OCTET_STRING, content))
    version, type_ = (1, _ID_DATA) if content_type is ContentType.DOCUMENT else (3, _ID_APPLICATION)  # RFC 5652, 5.1
    signed_data = encode(
        _SEQUENCE,
        _integer(version),
        encode(_SET, _digest(scheme)),
        encode(_SEQUENCE, type_, encapsulated),
        encode(_CONTEXT_0, *sorted(certificates)),  # SET OF: ascending order (X.690, 11.6)
        encode(_SET, signer_info),
    )
    return encode(_SEQUENCE, _ID_SIGNED_DATA, encode(_CONTEXT_0, signed_data))


def plain_attributes(message_hash: bytes, claimed_time: datetime.datetime) -> bytes:
    """Signed attributes without an indicator, composed by the host: a DER SET to be signed by plain SIGN (C6).

    ``message_hash`` is the SHA-256 of the content; ``claimed_time`` proves nothing, for the host writes it.
    """
    moment = claimed_time.astimezone(datetime.UTC)
    early = moment.year < 2050
    time = encode(_UTC_TIME if early else _GENERALIZED_TIME, f"{moment:{'%y' if early else '%Y'}%m%d%H%M%SZ}".encode())
    attributes = (
        encode(_SEQUENCE, _CONTENT_TYPE, encode(_SET, _ID_DATA)),
        encode(_SEQUENCE, _SIGNING_TIME, encode(_SET, time)),
        encode(_SEQUENCE, _MESSAGE_DIGEST, encode(_SET, encode(_OCTET_STRING, message_hash))),
    )
    return encode(_SET, *sorted(attributes))


def _signer_info(attributes: bytes, signature: bytes, signer: x509.Certificate, scheme: Scheme) -> bytes:
    return encode(
        _SEQUENCE,
        _integer(1),
        encode(_SEQUENCE, signer.issuer.public_bytes(), _integer(signer.serial_number)),
        _digest(scheme),
        attributes,
        _algorithm(scheme),
        encode(_OCTET_STRING, in_der(signature) if scheme is Scheme.ECDSA else signature),
    )


def _digest(scheme: Scheme) -> bytes:
    return _SHA384 if scheme.suite is Suite.P_384 else _SHA256


def _algorithm(scheme: Scheme) -> bytes:
    return {Scheme.PSS: _pss_algorithm(), Scheme.PKCS1: _RSA_ENCRYPTION, Scheme.ECDSA: ECDSA_WITH_SHA384}[scheme]


def _pss_algorithm() -> bytes:
    """RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 4055, 3.1)."""
    parameters = encode(
        _SEQUENCE,
        encode(_CONTEXT_0, _SHA256),
        encode(_CONTEXT_1, encode(_SEQUENCE, _ID_MGF1, _SHA256)),
        encode(_CONTEXT_2, _integer(SALT_LENGTH)),
    )
    return encode(_SEQUENCE, _ID_RSASSA_PSS, parameters)


def _integer(number: int) -> bytes:
    return encode(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


# -- verifying ---------------------------------------------------------------------------------------------------------


def verify(
    cms: bytes,
    *,
    issuers: Sequence[x509.Certificate],
    content: bytes | None = None,
    at: datetime.datetime | None = None,
    content_type: ContentType = ContentType.DOCUMENT,
) -> VerifiedSignature:
    """Check a CMS with an indicator; raises VerificationError with the reason when anything is amiss.

    ``issuers`` are the CA certificates that are trusted; the signer's must be issued by one of them and be valid ``at``
    the given time (now, without one). ``content`` is needed for a detached signature. An indicator counts only under
    RSASSA-PSS or ECDSA, and only if its method is one that the certificate's key allows (C1, C6). What is not of
    ``content_type`` is refused. Whether the certificate was
    revoked is not looked at here, but by ``jpki.parties.verifier``.
    """
    message = read(cms)
    check_content_type(message, content_type)
    signed_content = message.covered_content(content)
    signer = message.signer_certificate()
    check_issuer(signer, issuers)
    check_period(signer, at or datetime.datetime.now(datetime.UTC))
    indicator = check_indicator(message, signer)
    check_signature(message, signer, signed_content)
    return VerifiedSignature(signed_content, signer, indicator)
