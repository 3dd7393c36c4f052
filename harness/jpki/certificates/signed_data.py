"""CMS SignedData with one signer, read strictly, and what can be checked of it (RFC 5652, 4056, 5753; C5, C6).

Reading shares no code with ``cms``, which writes: it decodes with pyasn1, demands that the same bytes come out when it
is encoded again, and lets ``cryptography`` check signatures. Every check raises VerificationError with the reason.
"""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyasn1_modules import rfc5652

from cardlab.errors import VerificationError
from jpki.certificates.der import UNREADABLE, decode, encode
from jpki.certificates.indicator import (
    INDICATOR_OID,
    ContentType,
    Indicator,
    Method,
    attribute_values,
    content_type,
    known_content_type,
    message_digest,
    parse_signed_attributes,
)
from jpki.certificates.schemes import DIGESTS, Scheme, scheme_of
from jpki.certificates.suites import PublicKey, known_suite
from jpki.client.constants import Suite

SIGNING_TIME_OID = "1.2.840.113549.1.9.5"
# RFC 5652, 5.1: what is no id-data makes it version 3; 5.3: issuer and serial number make the signer version 1.
_VERSION = {ContentType.DOCUMENT: 1, ContentType.APPLICATION: 3}
_SIGNER_VERSION = 1
# What cryptography raises, at once or later, for what only looks like a certificate, CRL or OCSP response.
CERTIFICATE_ERRORS = (
    ValueError,
    TypeError,
    Warning,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

_SET = b"\x31"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """What is inside; nothing of it has been checked yet.

    ``content_type`` is what the message says of its content. ``content`` is None when the signature is detached,
    ``signed_attributes`` (a DER SET, as it is hashed) when there are none. ``certificates`` are DER, ``signer`` is the
    issuer's name in DER and the serial number.
    """

    content_type: ContentType
    content: bytes | None
    certificates: tuple[bytes, ...]
    signer: tuple[bytes, int]
    scheme: Scheme
    signed_attributes: bytes | None
    signature: bytes

    def signer_certificate(self) -> x509.Certificate:
        """The certificate that the signer is named by."""
        for der in self.certificates:
            certificate = load_certificate(der)
            if (certificate.issuer.public_bytes(), certificate.serial_number) == self.signer:
                return certificate
        raise VerificationError("the signer's certificate is not in the CMS")

    def covered_content(self, given: bytes | None) -> bytes:
        """What was signed: the content inside or, for a detached signature, the content given."""
        if self.content is None:
            if given is None:
                raise VerificationError("the signature is detached", hint="give the content that was signed")
            return given
        if given is not None and given != self.content:
            raise VerificationError("the content inside the CMS is not the content given")
        return self.content

    def attributes(self) -> Mapping[str, bytes]:
        """The signed attributes by object identifier, each one's only value in DER; empty when there are none."""
        return {} if self.signed_attributes is None else attribute_values(self.signed_attributes)

    def claimed_time(self) -> datetime.datetime | None:
        """The time that the signer says it was; no more than a claim, whoever signs can write any."""
        der = self.attributes().get(SIGNING_TIME_OID)
        if der is None:
            return None
        time = decode(der, rfc5652.SigningTime(), "the signing time")
        try:
            moment: datetime.datetime = time.getComponent().asDateTime
        except UNREADABLE as error:
            raise VerificationError(f"the signing time cannot be read: {error}") from error
        return moment.astimezone(datetime.UTC)


# -- reading -----------------------------------------------------------------------------------------------------------


def read(cms: bytes) -> SignedMessage:
    """Read a ContentInfo that holds SignedData with one signer and the hash of its suite, all in DER."""
    info = decode(cms, rfc5652.ContentInfo(), "the message")
    if info["contentType"] != rfc5652.id_signedData:
        raise VerificationError("this is no CMS SignedData")
    data = decode(bytes(info["content"]), rfc5652.SignedData(), "the SignedData")
    signer = _only_signer(data)
    content = data["encapContentInfo"]
    kind = known_content_type(str(content["eContentType"]))
    versions, digests = (int(data["version"]), int(signer["version"])), [*data["digestAlgorithms"]]
    if versions != (_VERSION[kind], _SIGNER_VERSION):
        expected = f"{_VERSION[kind]} and {_SIGNER_VERSION}"
        raise VerificationError(f"SignedData and its signer have the versions {versions}, expected {expected}")
    scheme = scheme_of(encode(signer["signatureAlgorithm"]), str(signer["signatureAlgorithm"]["algorithm"]))
    for digest in (*digests, signer["digestAlgorithm"]):
        if encode(digest) not in DIGESTS[scheme.suite]:
            expected = "SHA-256" if scheme.suite is Suite.RSA_2048 else "SHA-384, with ECDSA"
            raise VerificationError(f"the digest algorithm is {digest['algorithm']}, expected {expected}")
    return SignedMessage(
        content_type=kind,
        content=bytes(content["eContent"]) if content["eContent"].isValue else None,
        certificates=tuple(encode(choice.getComponent()) for choice in data["certificates"]),
        signer=_named_signer(signer),
        scheme=scheme,
        signed_attributes=_signed_attributes(signer),
        signature=bytes(signer["signature"]),
    )


def _only_signer(data: Any) -> Any:
    infos = data["signerInfos"]
    if len(infos) != 1:
        raise VerificationError(f"there are {len(infos)} signers, expected one")
    return infos[0]


def _named_signer(signer: Any) -> tuple[bytes, int]:
    named = signer["sid"]["issuerAndSerialNumber"]
    if not named.isValue:
        raise VerificationError("the signer is not named by issuer and serial number")
    return encode(named["issuer"]), int(named["serialNumber"])


def _signed_attributes(signer: Any) -> bytes | None:
    if not signer["signedAttrs"].isValue or not len(signer["signedAttrs"]):
        return None
    # As a SET instead of [0] IMPLICIT, which is how they are signed (RFC 5652, 5.4).
    return encode(signer["signedAttrs"].clone(tagSet=rfc5652.SignedAttributes.tagSet, cloneValueFlag=True))


def load_certificate(der: bytes) -> x509.Certificate:
    """A certificate that can be read to the last field, so that no later look at it raises or warns."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what cryptography warns of is against RFC 5280
            certificate = x509.load_der_x509_certificate(der)
            fields = (certificate.version, certificate.issuer, certificate.subject, certificate.extensions)
            dates = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
            numbers = (certificate.serial_number, certificate.public_key())
            complete = None not in (*fields, *dates, *numbers)
    except CERTIFICATE_ERRORS as error:
        raise VerificationError(f"a certificate cannot be read: {error}") from error
    # The signature's bits end the certificate. The byte before them counts unused ones, and is not signed itself.
    if not complete or der[-len(certificate.signature) - 1] != 0:
        raise VerificationError("a certificate lacks a field, or its signature is not in whole bytes")
    return certificate


# -- checking ----------------------------------------------------------------------------------------------------------


def check_content_type(message: SignedMessage, expected: ContentType) -> None:
    """What the message holds is what the receiver takes; ``check_signature`` tells whether that was signed."""
    if message.content_type is not expected:
        raise VerificationError(f"this is {message.content_type.words}, not {expected.words}")


def check_signature(message: SignedMessage, signer: x509.Certificate, content: bytes) -> None:
    """The signature is over this content as one of its type, and made with the signer's key."""
    key = signer.public_key()
    if not isinstance(key, PublicKey) or known_suite(key) is not message.scheme.suite:
        wanted = "no RSA key" if message.scheme.suite is Suite.RSA_2048 else "not on P-384"
        raise VerificationError(f"the signer's key is {wanted}, as a signature by {message.scheme.value} needs")
    signed = content
    if message.signed_attributes is None:
        _check_may_lack_attributes(message, content)
    else:
        signed = message.signed_attributes
        if content_type(message.attributes()) is not message.content_type:
            raise VerificationError(f"this was not signed as {message.content_type.words}, which it is given out as")
        if message_digest(message.attributes()) != message.scheme.suite.hash(content):
            raise VerificationError("the message digest is not that of the content", hint="is this the content signed?")
    try:
        message.scheme.verify(key, message.signature, signed)
    except InvalidSignature as error:
        raise VerificationError("the signature does not verify with the signer's key") from error


def _check_may_lack_attributes(message: SignedMessage, content: bytes) -> None:
    """RFC 5652, 5.3, wants them for all but id-data.

    With PSS they were cut off and given out as the content (5.4). With ECDSA such a content shows by its first byte:
    the card signs no other data that begin so.
    """
    if message.content_type is not ContentType.DOCUMENT or message.scheme is Scheme.PSS:
        raise VerificationError("there are no signed attributes, under which alone the card signs this way")
    if message.scheme is Scheme.ECDSA and content[:1] == _SET:
        raise VerificationError("there are no signed attributes, and the content begins as they do: it may be them")


def claims_indicator(message: SignedMessage) -> bool:
    """Whether there is an indicator among the attributes, true or not."""
    return INDICATOR_OID in message.attributes()


def check_indicator(message: SignedMessage, signer: x509.Certificate) -> Indicator:
    """The indicator, which counts under RSASSA-PSS or ECDSA, and if its method is one that the key takes (C1, C6)."""
    if message.signed_attributes is None:
        raise VerificationError("there are no signed attributes, hence no indicator")
    if message.scheme is Scheme.PKCS1:
        raise VerificationError(
            f"the signature is {message.scheme.value}: an indicator counts under RSASSA-PSS only",
            hint="this may be a plain signature dressed up as one with an indicator",
        )
    indicator = parse_signed_attributes(message.signed_attributes).indicator
    signing = is_for_signing(signer)
    if message.content_type is ContentType.APPLICATION and not signing:
        raise VerificationError("an application for certificates is signed with the signing key only")
    if signing != (indicator.method is Method.PASSWORD):
        kind = "signing" if signing else "authentication"
        raise VerificationError(f"the indicator says {indicator.method.name}, which no {kind} key takes")
    return indicator


def is_for_signing(certificate: x509.Certificate) -> bool:
    """Whether it is a signing certificate, the only kind that promises non-repudiation, or one for authentication."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as error:
        raise VerificationError("the signer's certificate does not say what its key is for (key usage)") from error
    if not usage.digital_signature:
        raise VerificationError("the signer's certificate is for no signatures of this kind (key usage)")
    return usage.content_commitment


def check_issuer(certificate: x509.Certificate, issuers: Iterable[x509.Certificate]) -> x509.Certificate:
    """The one of these CA certificates that issued it."""
    for issuer in issuers:
        try:
            certificate.verify_directly_issued_by(issuer)
        except (*CERTIFICATE_ERRORS, InvalidSignature):
            continue
        return issuer
    raise VerificationError("the signer's certificate was issued by none of the CAs that are trusted")


def check_period(certificate: x509.Certificate, at: datetime.datetime, whose: str = "the signer's") -> None:
    """The certificate is valid at that time, as far as its dates go."""
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not first <= at <= last:
        raise VerificationError(f"{whose} certificate is valid from {first} to {last}, not at {at:%Y-%m-%d %H:%M:%S%z}")
