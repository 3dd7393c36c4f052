"""Key sets in records: ENC, MAC and DEK one after the other, 16 bytes each."""

from __future__ import annotations

from cardlab.globalplatform.scp03 import StaticKeys

_LENGTH = 16


def joined(keys: StaticKeys) -> bytes:
    """48 bytes."""
    return keys.enc + keys.mac + keys.dek


def split(raw: bytes) -> StaticKeys:
    """The key set again."""
    return StaticKeys(raw[:_LENGTH], raw[_LENGTH : 2 * _LENGTH], raw[2 * _LENGTH :])
