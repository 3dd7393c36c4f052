"""Strict DER: what is decoded must be the very bytes that encoding it gives."""

from __future__ import annotations

from typing import Any

from pyasn1.codec.der import decoder, encoder
from pyasn1.error import PyAsn1Error

from cardlab.errors import VerificationError

# What pyasn1 raises when bytes are not what they claim to be.
UNREADABLE = (PyAsn1Error, ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError)


def decode(der: bytes, kind: object, name: str) -> Any:
    """The value of the pyasn1 type ``kind``; VerificationError with ``name`` when it is not exactly one, in DER."""
    try:
        value, rest = decoder.decode(der, asn1Spec=kind)
        canonical = not rest and encoder.encode(value) == der
    except UNREADABLE as error:
        raise VerificationError(f"{name} cannot be read: these bytes are no {type(kind).__name__} in DER") from error
    if not canonical:
        raise VerificationError(f"{name} is not in DER, or something follows it")
    return value


def encode(value: object) -> bytes:
    """The DER of a pyasn1 value."""
    raw: bytes = encoder.encode(value)
    return raw
