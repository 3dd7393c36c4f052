"""Data groupings of STORE DATA: data objects, and keys (GPCS 11.1.12, 11.11.4)."""

from __future__ import annotations

from cardlab.card.manager.fields import objects
from cardlab.card.manager.keys import AES_KEY_LENGTH, KEY_IDENTIFIERS, KEY_VERSIONS, KeyStore
from cardlab.card.manager.put_key import decrypt_key
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import KEY_TYPE_AES
from cardlab.iso7816 import tlv
from cardlab.iso7816.status import SW

OBJECTS_GROUP = 0x0070  # GPCS 11.11.2.3: BER-TLV data objects
KEY_INFORMATION_GROUP, SECRET_KEY_GROUP = 0x00B9, 0x8113  # GPCS Tables 11-91 and 11-93
KEY_GROUP = (KEY_INFORMATION_GROUP, SECRET_KEY_GROUP)

_TEMPLATE = 0xB9  # GPCS Table 11-92
_TYPE, _LENGTH, _IDENTIFIER, _VERSION, _CHECK, _USAGE, _ACCESS = 0x80, 0x81, 0x82, 0x83, 0x84, 0x95, 0x96
_ALL = frozenset((_TYPE, _LENGTH, _IDENTIFIER, _VERSION, _CHECK, _USAGE, _ACCESS))
_CHECK_LENGTH = 3

_Group = tuple[int, bytes]


def groups(raw: bytes) -> list[_Group]:
    """Identifiers and values: two bytes, a length of one byte or FF and two more, the value."""
    found, rest = [], raw
    while rest:
        start = 5 if rest[2:3] == b"\xff" else 3
        length = int.from_bytes(rest[3:5] if start == 5 else rest[2:3], "big")
        if len(rest) < start + length:
            raise Refusal(SW.WRONG_DATA, "a data grouping is cut short")
        found.append((int.from_bytes(rest[:2], "big"), rest[start : start + length]))
        rest = rest[start + length :]
    return found


def keys_in(card: ManagedCard, keys: KeyStore, found: list[_Group]) -> KeyStore:
    """The key store with the keys of these groupings in it, new or in place of those with the same names."""
    while found:
        (group, value), found = found[0], found[1:]
        if group != KEY_INFORMATION_GROUP:
            raise Refusal(SW.WRONG_DATA, "a key (8113) comes after its description (00B9)")
        for template in tlv.parse(value):
            if not found or found[0][0] != SECRET_KEY_GROUP or template.tag != _TEMPLATE:
                raise Refusal(SW.WRONG_DATA, "each description (B9) is followed by its key (8113)")
            keys, found = _with_key(card, keys, template.value, found[0][1]), found[1:]
    return keys


def _with_key(card: ManagedCard, keys: KeyStore, description: bytes, encrypted: bytes) -> KeyStore:
    items = objects(description, allowed=_ALL)
    if not items.keys() >= _ALL - {_ACCESS} or len(items[_CHECK]) != _CHECK_LENGTH:
        raise Refusal(SW.WRONG_DATA, "a key description lacks something")
    kind, length, identifier, version = (
        int.from_bytes(items[tag], "big") for tag in (_TYPE, _LENGTH, _IDENTIFIER, _VERSION)
    )
    if kind != KEY_TYPE_AES or length != AES_KEY_LENGTH:
        raise Refusal(SW.WRONG_DATA, f"this card has AES keys of {AES_KEY_LENGTH} bytes")
    if identifier not in KEY_IDENTIFIERS or version not in KEY_VERSIONS:
        raise Refusal(SW.WRONG_DATA, "key version or identifier out of range")
    key = {identifier: decrypt_key(card, encrypted, items[_CHECK])}
    present = keys.find(version)
    if present is not None and identifier in present.keys:
        return keys.replaced(version, version, key)
    return keys.add(version, key)
