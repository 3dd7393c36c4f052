"""The DER that SIGN WITH INDICATOR signs (C4-C6; docs/reference/applet.md; RFC 5652, 5.3 and 5.4)."""

from __future__ import annotations

from cardlab.iso7816.tlv import encode
from jpki.model.state import AccessSource, Method

OID_CONTENT_TYPE = (1, 2, 840, 113549, 1, 9, 3)
OID_MESSAGE_DIGEST = (1, 2, 840, 113549, 1, 9, 4)
OID_ID_DATA = (1, 2, 840, 113549, 1, 7, 1)
OID_INDICATOR = (2, 25, 286543398530585761667300019152650629533)
OID_APPLICATION = (*OID_INDICATOR, 1)

_INTEGER, _OCTET_STRING, _OID, _ENUMERATED, _SEQUENCE, _SET = 0x02, 0x04, 0x06, 0x0A, 0x30, 0x31


def encode_oid(arcs: tuple[int, ...]) -> bytes:
    """An object identifier (X.690, 8.19)."""
    numbers = (arcs[0] * 40 + arcs[1], *arcs[2:])
    return encode(_OID, b"".join(_base_128(number) for number in numbers))


def _base_128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


def _integer(tag: int, number: int) -> bytes:
    """A non-negative INTEGER or ENUMERATED in the fewest bytes (X.690, 8.3)."""
    return encode(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _attribute(oid: tuple[int, ...], value: bytes) -> bytes:
    return encode(_SEQUENCE, encode_oid(oid), encode(_SET, value))


def indicator(method: Method, access: AccessSource, counter: int) -> bytes:
    """An AuthenticationIndicator."""
    return encode(
        _SEQUENCE,
        _integer(_INTEGER, 1),
        _integer(_ENUMERATED, method),
        _integer(_ENUMERATED, access),
        _integer(_INTEGER, counter),
    )


def signed_attributes(
    digest: bytes, method: Method, access: AccessSource, counter: int, *, application: bool = False
) -> bytes:
    """The SET that is signed; its members in ascending order of their encodings (X.690, 11.6)."""
    content_type = OID_APPLICATION if application else OID_ID_DATA
    members = (
        _attribute(OID_CONTENT_TYPE, encode_oid(content_type)),
        _attribute(OID_INDICATOR, indicator(method, access, counter)),
        _attribute(OID_MESSAGE_DIGEST, encode(_OCTET_STRING, digest)),
    )
    return encode(_SET, *sorted(members))
