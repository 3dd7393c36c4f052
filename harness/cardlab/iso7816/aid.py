"""Application identifiers (ISO/IEC 7816-4:2020, 12.2.3): 5 to 16 bytes, of which the first five name the provider.

An AID is `bytes` everywhere; here is what holds for each of them.
"""

from __future__ import annotations

RID_LENGTH = 5
MIN_LENGTH, MAX_LENGTH = RID_LENGTH, 16
ALLOWED = f"{MIN_LENGTH} to {MAX_LENGTH}"


def is_aid(value: bytes) -> bool:
    """Whether the length is an AID's."""
    return MIN_LENGTH <= len(value) <= MAX_LENGTH


def length_fault(value: bytes) -> str:
    """What is wrong with the length, to follow a name: 'has 2 bytes, an AID has 5 to 16'; empty when nothing is."""
    return "" if is_aid(value) else f"has {len(value)} bytes, an AID has {ALLOWED}"


def rid(aid: bytes) -> bytes:
    """The registered application provider identifier: the first five bytes."""
    return aid[:RID_LENGTH]


def pix(aid: bytes) -> bytes:
    """The proprietary application identifier extension: the rest, 0 to 11 bytes."""
    return aid[RID_LENGTH:]


def same_provider(first: bytes, second: bytes) -> bool:
    """Whether two AIDs are one provider's, as those of a package and its applets must be (JCVM 3.0.4, 4.2)."""
    return rid(first) == rid(second)


def text(aid: bytes) -> str:
    """As people read it: hexadecimal in capitals, without spaces."""
    return aid.hex().upper()


def parse(written: str) -> bytes:
    """The bytes that someone wrote in hexadecimal, as `F000000001`, `F0 00 ...` or `0xF0:0x00:...`.

    ValueError when they are not that; whether they are an AID's, `length_fault` says.
    """
    try:
        return bytes.fromhex(written.replace(":", "").replace("0x", ""))
    except ValueError:
        raise ValueError(f"{written!r} is no AID in hex") from None
