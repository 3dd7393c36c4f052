"""PUT KEY (GPCS 11.8, Amendment D 7.2)."""

from __future__ import annotations

from hmac import compare_digest

from cardlab.card.manager.fields import FieldReader
from cardlab.card.manager.keys import AES_KEY_LENGTH, KEY_IDENTIFIERS, KEY_VERSIONS, KeyStore
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.constants import KEY_TYPE_AES, P2_MULTIPLE_KEYS, DomainState
from cardlab.globalplatform.scp03 import key_check_value
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW


def put_key(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """Add keys (P1 = 00) or replace those of version P1; they count from the next session on.

    Answers the new version and the check values that came (GPCS 11.8.3.1).
    """
    several, identifier = bool(command.p2 & P2_MULTIPLE_KEYS), command.p2 & 0x7F
    fields = FieldReader(command.data)
    version = fields.take(1)[0]
    if version not in KEY_VERSIONS:
        raise Refusal(SW.WRONG_DATA, f"key version {version:02X}, versions are 01 to 7F")
    keys, checks = {}, []
    while not fields.empty:
        key, check = _key(card, fields)
        keys[identifier], identifier = key, identifier + 1
        checks.append(check)
    if not keys or (len(keys) > 1 and not several) or max(keys) not in KEY_IDENTIFIERS:
        raise Refusal(SW.WRONG_DATA, f"{len(keys)} keys, P2 is {command.p2:02X}")
    held = domain.keys
    keep(card, domain, held.replaced(command.p1, version, keys) if command.p1 else held.add(version, keys))
    return bytes((version,)) + b"".join(checks)


def keep(card: ManagedCard, domain: SecurityDomain, keys: KeyStore) -> None:
    """Give a domain other keys. It is personalised as soon as it has a key set of its own (GPCS 5.3.2.3)."""
    domain.keys = keys
    if domain is not card.registry.issuer and domain.state == DomainState.SELECTABLE and keys.for_channel(0):
        domain.state = DomainState.PERSONALIZED


def decrypt_key(card: ManagedCard, encrypted: bytes, check: bytes) -> bytes:
    """An AES key in the clear; 6982 when its check value, if there is one, is another (GPCS Table 11-78)."""
    if len(encrypted) != AES_KEY_LENGTH:
        raise Refusal(SW.WRONG_DATA, f"AES keys have {AES_KEY_LENGTH} bytes here")
    key = card.channel.decrypt(encrypted)
    if check and not compare_digest(check, key_check_value(key)):
        raise Refusal(SW.SECURITY_STATUS_NOT_SATISFIED, "the key check value is wrong")
    return key


def _key(card: ManagedCard, fields: FieldReader) -> tuple[bytes, bytes]:
    """One key data field (GPCS Table 11-68) and its check value."""
    kind, block, check = fields.take(1)[0], fields.long_field(), fields.field()
    if kind != KEY_TYPE_AES:
        raise Refusal(SW.WRONG_DATA, f"key type {kind:02X}, this card has AES")  # GPCS Table 11-78
    if len(block) == AES_KEY_LENGTH + 1 and block[0] == AES_KEY_LENGTH:  # GPCS Table 11-70; else as Table 11-71
        block = block[1:]
    return decrypt_key(card, block, check), check
