"""The signature indicator and the CMS signed attributes around it, read from DER (C4, C5; docs/reference/applet.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, unique

from pyasn1.type import constraint, namedtype, univ
from pyasn1_modules import rfc5652

from cardlab.errors import VerificationError
from jpki.certificates.der import decode

CONTENT_TYPE_OID = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST_OID = "1.2.840.113549.1.9.4"
# 2.25 and the UUID d792404b-ffc4-42af-b4cc-f27f0fb9f19d as a number (ITU-T X.667, 8.1).
INDICATOR_OID = "2.25.286543398530585761667300019152650629533"
VERSION = 1


@unique
class ContentType(Enum):
    """What is signed, as one of the signed attributes says (RFC 5652, 11.1): neither ever passes for the other."""

    DOCUMENT = "1.2.840.113549.1.7.1"  # id-data
    APPLICATION = f"{INDICATOR_OID}.1"  # in the project's test arc

    @property
    def words(self) -> str:
        """For people, with its article."""
        return "a document" if self is ContentType.DOCUMENT else "an application for certificates"


@unique
class Method(IntEnum):
    """How the user authenticated."""

    PASSWORD = 1
    PIN = 2
    BIOMETRIC = 3
    LOCK_SCREEN = 4


@unique
class AccessSource(IntEnum):
    """Where the command came from (D5)."""

    INTERNAL = 1
    CONTACT = 2
    CONTACTLESS = 3


@dataclass(frozen=True, slots=True)
class Indicator:
    """What the card says about one signature; ``counter`` is the number of this use of this key, from 1."""

    method: Method
    source: AccessSource
    counter: int


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """The three attributes the card signs; ``message_digest`` is the SHA-256 or SHA-384 of the content."""

    content_type: ContentType
    message_digest: bytes
    indicator: Indicator


class _AuthenticationIndicator(univ.Sequence):
    componentType = namedtype.NamedTypes(  # noqa: N815
        namedtype.NamedType("version", univ.Integer()),
        namedtype.NamedType("method", univ.Enumerated()),
        namedtype.NamedType("accessSource", univ.Enumerated()),
        namedtype.NamedType("counter", univ.Integer(subtypeSpec=constraint.ValueRangeConstraint(1, 2**32 - 1))),
    )


def parse_indicator(der: bytes) -> Indicator:
    """Parse an AuthenticationIndicator; raises VerificationError when it is not exactly one, in DER, of version 1."""
    value = decode(der, _AuthenticationIndicator(), "the indicator")
    if int(value["version"]) != VERSION:
        raise VerificationError(f"the indicator has version {int(value['version'])}, only {VERSION} is known")
    try:
        return Indicator(Method(int(value["method"])), AccessSource(int(value["accessSource"])), int(value["counter"]))
    except ValueError as error:
        raise VerificationError(f"the indicator names something unknown: {error}") from error


def parse_signed_attributes(der: bytes) -> SignedAttributes:
    """Parse a DER SET (tag 31) that holds content type, message digest and indicator, once each, and nothing else.

    Raises VerificationError for everything else.
    """
    found = attribute_values(der)
    expected = {CONTENT_TYPE_OID, MESSAGE_DIGEST_OID, INDICATOR_OID}
    if missing := expected - found.keys():
        raise VerificationError(f"attribute {', '.join(sorted(missing))} is missing")
    if unknown := found.keys() - expected:
        raise VerificationError(f"attribute {', '.join(sorted(unknown))} is none that the card signs")
    return SignedAttributes(content_type(found), message_digest(found), parse_indicator(found[INDICATOR_OID]))


def attribute_values(der: bytes) -> dict[str, bytes]:
    """What any SET of signed attributes holds: by object identifier, each one's only value in DER."""
    found: dict[str, bytes] = {}
    for attribute in decode(der, rfc5652.SignedAttributes(), "signedAttrs"):
        oid, values = str(attribute["attrType"]), attribute["attrValues"]
        if oid in found:
            raise VerificationError(f"attribute {oid} occurs more than once")
        if len(values) != 1:
            raise VerificationError(f"attribute {oid} has {len(values)} values, expected one")
        found[oid] = bytes(values[0])
    return found


def message_digest(attributes: Mapping[str, bytes]) -> bytes:
    """The digest of the content; VerificationError when the attributes tell none."""
    return bytes(decode(_required(attributes, MESSAGE_DIGEST_OID), univ.OctetString(), "the message digest"))


def content_type(attributes: Mapping[str, bytes]) -> ContentType:
    """The type of the content; VerificationError when the attributes tell none, or one that is not known."""
    der = _required(attributes, CONTENT_TYPE_OID)
    return known_content_type(str(decode(der, univ.ObjectIdentifier(), "the content type")))


def known_content_type(oid: str) -> ContentType:
    """The content type of this object identifier; VerificationError when it is none that is known."""
    try:
        return ContentType(oid)
    except ValueError as error:
        known = " or ".join(f"{one.words} ({one.value})" for one in ContentType)
        raise VerificationError(f"the content is of type {oid}, expected {known}") from error


def _required(attributes: Mapping[str, bytes], oid: str) -> bytes:
    if oid not in attributes:
        raise VerificationError(f"attribute {oid} is missing")
    return attributes[oid]
