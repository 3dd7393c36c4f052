"""GET DATA (GPCS 11.3): what a security domain says about itself and the card, without a secure channel."""

from __future__ import annotations

from cardlab.card.config import SCP03_OPTIONS
from cardlab.card.manager.install import APPLICATION_PRIVILEGES, DOMAIN_PRIVILEGES
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import SecurityDomain
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform import constants
from cardlab.globalplatform.constants import (
    CLA_ISO,
    KEY_TYPE_AES,
    OID_GLOBALPLATFORM,
    SCP03,
    TAG_KEY_INFORMATION_ENTRY,
    TAG_OID,
    TAG_RECOGNITION,
    TAG_RECOGNITION_CHIP,
    TAG_RECOGNITION_IDENTIFICATION,
    TAG_RECOGNITION_SCP,
    TAG_RECOGNITION_VERSION,
)
from cardlab.globalplatform.scp03 import SEQUENCE_LENGTH, Option
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW

TAG_MANAGER_URL = 0x5F50  # GPCS 11.3.2.1: security domain manager URL
TAG_SECURITY_LEVEL = 0xD3  # GPCS 11.3.2.1: current security level
TAG_CARD_RESOURCES = 0xFF21  # ETSI TS 102 226, 8.2.1.7.2: extended card resources information
_OID_JAVA_CARD_3 = bytes.fromhex("2B060104012A026E0103")  # 1.3.6.1.4.1.42.2.110.1.3
_VERSION = bytes((2, 2, 3, 1))  # GPCS Table H-1: {globalPlatform 2 v}: version 2.3.1
_HASHES = bytes((1, 2, 3, 4))  # GPCS Table H-9: SHA-1, SHA-256, SHA-384, SHA-512


def get_data(card: ManagedCard, domain: SecurityDomain, command: CommandApdu) -> bytes:
    """One data object; P1 and P2 are its tag. With an ISO class byte only its value (GPCS 11.3.3.1)."""
    if command.data:
        raise Refusal(SW.WRONG_LENGTH, "GET DATA has no data here")
    tag = command.p1 << 8 | command.p2
    value = domain.data.get(tag)
    if value is None:
        value = _made(card, domain, tag)
    if value is None:
        raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, f"no data object {tag:04X}")
    return value if command.cla == CLA_ISO else tlv.encode(tag, value)


def recognition(domain: SecurityDomain) -> bytes:
    """Card recognition data, tag 73 (GPCS Table H-1)."""
    oid = OID_GLOBALPLATFORM
    return tlv.encode(
        TAG_RECOGNITION,
        tlv.encode(TAG_OID, oid + b"\x01"),
        tlv.encode(TAG_RECOGNITION_VERSION, tlv.encode(TAG_OID, oid + _VERSION)),
        tlv.encode(TAG_RECOGNITION_IDENTIFICATION, tlv.encode(TAG_OID, oid + b"\x03")),
        tlv.encode(TAG_RECOGNITION_SCP, tlv.encode(TAG_OID, oid + bytes((4, SCP03, domain.options)))),
        tlv.encode(TAG_RECOGNITION_CHIP, tlv.encode(TAG_OID, _OID_JAVA_CARD_3)),
    )


def _made(card: ManagedCard, domain: SecurityDomain, tag: int) -> bytes | None:
    """The value of a data object that nobody stored, or None."""
    config = card.persistent.config
    match tag:
        case constants.TAG_CARD_DATA:
            return recognition(domain)
        case constants.TAG_CARD_CAPABILITIES:
            return _capabilities()
        case constants.TAG_KEY_INFORMATION:
            return _key_information(domain)
        case constants.TAG_SEQUENCE_COUNTER:
            return _sequence_counter(card.registry.key_domain(domain))
        case constants.TAG_DIVERSIFICATION:
            return config.diversification
        case constants.TAG_CPLC:
            return config.cplc
    if tag == TAG_SECURITY_LEVEL:
        return bytes((card.channel.level,))
    return _resources(card) if tag == TAG_CARD_RESOURCES else None


def _capabilities() -> bytes:
    """Card capability information (GPCS Tables H-5 to H-7); bit 1 of the key lengths is AES-128."""
    protocol = tlv.encode(0x80, bytes((SCP03,))) + tlv.encode(0x81, bytes(SCP03_OPTIONS)) + tlv.encode(0x82, b"\x01")
    return (
        tlv.encode(0xA0, protocol)
        + tlv.encode(0x81, DOMAIN_PRIVILEGES.to_bytes3())
        + tlv.encode(0x82, APPLICATION_PRIVILEGES.to_bytes3())
        + tlv.encode(0x83, _HASHES)
    )


def _key_information(domain: SecurityDomain) -> bytes:
    """Key information template (GPCS Table 11-28): identifier, version, type, length of each key."""
    return b"".join(
        tlv.encode(TAG_KEY_INFORMATION_ENTRY, bytes((identifier, held.version, KEY_TYPE_AES, len(key))))
        for held in domain.keys.versions
        for identifier, key in sorted(held.keys.items())
    )


def _sequence_counter(owner: SecurityDomain) -> bytes | None:
    """Of the default key version; there is none with explicit challenges (Amendment D 6.2.2.1)."""
    version = owner.keys.for_channel(0)
    if version is None or not owner.options & Option.PSEUDO_RANDOM_CHALLENGE:
        return None
    return version.sequence.to_bytes(SEQUENCE_LENGTH, "big")


def _resources(card: ManagedCard) -> bytes:
    """Applications installed, free persistent memory, transient memory (in bytes)."""
    applications = len(card.registry.applications) - 1
    return (
        tlv.encode(0x81, applications.to_bytes(2, "big"))
        + tlv.encode(0x82, card.free_memory.to_bytes(4, "big"))
        + tlv.encode(0x83, card.persistent.config.platform.transient_reset.to_bytes(4, "big"))
    )
