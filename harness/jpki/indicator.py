"""The signature indicator and the CMS signed attributes around it, read from DER (C4, C5; docs/applet.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Any

from pyasn1.codec.der import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import constraint, namedtype, univ
from pyasn1_modules import rfc5652

from harness.errors import VerificationError

CONTENT_TYPE_OID = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST_OID = "1.2.840.113549.1.9.4"
DATA_OID = "1.2.840.113549.1.7.1"
# 2.25 and the UUID d792404b-ffc4-42af-b4cc-f27f0fb9f19d as a number (ITU-T X.667, 8.1).
INDICATOR_OID = "2.25.286543398530585761667300019152650629533"
VERSION = 1


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
    """The three attributes the card signs; ``message_digest`` is the SHA-256 of the content."""

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
    value = _decode(der, _AuthenticationIndicator(), "the indicator")
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
    return read_attributes(_decode(der, rfc5652.SignedAttributes(), "signedAttrs"))


def read_attributes(attributes: Sequence[rfc5652.Attribute]) -> SignedAttributes:
    """The same for attributes that are decoded already; each attribute must have exactly one value."""
    values = [_single_value(attribute) for attribute in attributes]
    found = dict(values)
    if len(found) != len(values):
        raise VerificationError("an attribute occurs more than once")
    expected = {CONTENT_TYPE_OID, MESSAGE_DIGEST_OID, INDICATOR_OID}
    if missing := expected - found.keys():
        raise VerificationError(f"attribute {', '.join(sorted(missing))} is missing")
    if unknown := found.keys() - expected:
        raise VerificationError(f"attribute {', '.join(sorted(unknown))} is none that the card signs")
    content_type = str(_decode(found[CONTENT_TYPE_OID], univ.ObjectIdentifier(), "the content type"))
    if content_type != DATA_OID:
        raise VerificationError(f"the content type is {content_type}, expected id-data ({DATA_OID})")
    digest = bytes(_decode(found[MESSAGE_DIGEST_OID], univ.OctetString(), "the message digest"))
    return SignedAttributes(digest, parse_indicator(found[INDICATOR_OID]))


def _single_value(attribute: rfc5652.Attribute) -> tuple[str, bytes]:
    oid, values = str(attribute["attrType"]), attribute["attrValues"]
    if len(values) != 1:
        raise VerificationError(f"attribute {oid} has {len(values)} values, expected one")
    return oid, bytes(values[0])


def _decode(der: bytes, kind: object, name: str) -> Any:
    try:
        value, rest = decoder.decode(der, asn1Spec=kind)
        canonical = not rest and encoder.encode(value) == der
    except PyAsn1Error as error:
        raise VerificationError(f"{name} cannot be read: {error}") from error
    if not canonical:
        raise VerificationError(f"{name} is not in DER, or something follows it")
    return value
