"""What an OCSP request asks (RFC 6960, 4.1): any number of certificates, by the hashes of their issuers.

Reading is of its own, for the usual library takes one certificate a request and few hash algorithms. An optional
signature and the requestor's name are passed over: everybody may ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cardlab.iso7816.tlv import Tlv, encode, parse

SEQUENCE, INTEGER, OCTET_STRING, OID, BOOLEAN = 0x30, 0x02, 0x04, 0x06, 0x01
NONCE = bytes.fromhex("2B0601050507300102")  # id-pkix-ocsp-nonce, 1.3.6.1.5.5.7.48.1.2
MAX_NONCE = 128  # bytes (RFC 9654, 2.1)
_VERSION, _REQUESTOR, _EXTENSIONS, _SIGNATURE, _SINGLE_EXTENSIONS = 0xA0, 0xA1, 0xA2, 0xA0, 0xA0
_V1 = bytes.fromhex("020100")
_TRUE = b"\xff"


class MalformedRequestError(ValueError):
    """These bytes are no OCSP request, or ask for something critical that is not understood."""


@dataclass(frozen=True, slots=True)
class CertId:
    """One certificate (4.1.1): ``hash_oid`` is the algorithm's identifier in DER without tag and length, ``der`` the
    whole CertID, which the answer repeats."""

    hash_oid: bytes
    name_hash: bytes
    key_hash: bytes
    serial: int
    der: bytes


@dataclass(frozen=True, slots=True)
class OcspRequest:
    """At least one certificate; ``nonce`` is the extension's value (an OCTET STRING in DER), None without one."""

    certificates: tuple[CertId, ...]
    nonce: bytes | None


def read(raw: bytes) -> OcspRequest:
    """Raises MalformedRequestError."""
    try:
        outer = _sequence(_only(parse(raw)))
        tbs = _fields(_sequence(outer[0]), optional=(_VERSION, _REQUESTOR, SEQUENCE, _EXTENSIONS))
        _fields(outer[1:], optional=(_SIGNATURE,))
        if tbs.get(_VERSION, Tlv(_VERSION, _V1)).value != _V1:
            raise MalformedRequestError("this is another version of OCSP")
        found = tuple(_certificate(one) for one in _sequence(tbs[SEQUENCE]))
        nonce = _nonce(tbs[_EXTENSIONS]) if _EXTENSIONS in tbs else None
    except (ValueError, KeyError, IndexError) as error:  # too few values, or bytes that are no TLV
        raise MalformedRequestError(str(error)) from error
    if not found:
        raise MalformedRequestError("it asks for no certificate")
    return OcspRequest(found, nonce)


def _certificate(request: Tlv) -> CertId:
    parts = _sequence(request)
    _fields(parts[1:], optional=(_SINGLE_EXTENSIONS,))
    for one in parts[1:]:
        _extensions(one, known=())
    algorithm, name_hash, key_hash, serial = _sequence(parts[0])
    oid, *parameters = _sequence(algorithm)
    if len(parameters) > 1:
        raise MalformedRequestError("an algorithm has one parameter at most")
    return CertId(
        hash_oid=_value(oid, OID),
        name_hash=_value(name_hash, OCTET_STRING),
        key_hash=_value(key_hash, OCTET_STRING),
        serial=_integer(_value(serial, INTEGER)),
        der=encode(SEQUENCE, parts[0].value),
    )


def _nonce(extensions: Tlv) -> bytes | None:
    found = _extensions(extensions, known=(NONCE,))
    if NONCE not in found:
        return None
    length = len(_value(_only(parse(found[NONCE])), OCTET_STRING))
    if not 1 <= length <= MAX_NONCE:
        raise MalformedRequestError(f"the nonce has {length} bytes, 1 to {MAX_NONCE} are allowed (RFC 9654, 2.1)")
    return found[NONCE]


def _extensions(explicit: Tlv, known: Sequence[bytes]) -> dict[bytes, bytes]:
    """Extensions by their identifiers; what is critical has to be known (RFC 6960, 4.1.2)."""
    found: dict[bytes, bytes] = {}
    for extension in _sequence(_only(explicit.children())):
        oid, *critical, content = _sequence(extension)
        name = _value(oid, OID)
        if name in found or len(critical) > 1:
            raise MalformedRequestError("an extension is there twice, or has a field too many")
        if critical and _value(critical[0], BOOLEAN) == _TRUE and name not in known:
            raise MalformedRequestError("a critical extension is not known here")
        found[name] = _value(content, OCTET_STRING)
    return found


def _fields(items: Sequence[Tlv], *, optional: Sequence[int]) -> dict[int, Tlv]:
    """The fields of a SEQUENCE by their tags, which come in this order, each once at most."""
    tags = [item.tag for item in items]
    if tags != [tag for tag in optional if tag in tags]:
        raise MalformedRequestError("there are fields that do not belong there")
    return dict(zip(tags, items, strict=True))


def _sequence(item: Tlv) -> list[Tlv]:
    if item.tag != SEQUENCE:
        raise MalformedRequestError(f"tag {item.tag:X} where a SEQUENCE belongs")
    return item.children()


def _only(items: Sequence[Tlv]) -> Tlv:
    if len(items) != 1:
        raise MalformedRequestError(f"{len(items)} values where one belongs")
    return items[0]


def _value(item: Tlv, tag: int) -> bytes:
    if item.tag != tag:
        raise MalformedRequestError(f"tag {item.tag:X} where {tag:X} belongs")
    return item.value


def _integer(value: bytes) -> int:
    """An INTEGER, which is signed and as short as can be (X.690, 8.3)."""
    number = int.from_bytes(value, "big", signed=True)
    if not value or (len(value) > 1 and -128 * 256 ** (len(value) - 2) <= number < 128 * 256 ** (len(value) - 2)):
        raise MalformedRequestError("an INTEGER is empty, or longer than it need be")
    return number
