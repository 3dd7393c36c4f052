"""What GET DATA brings from a security domain, parsed (GPCS 11.3, Annex H)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from cardlab.globalplatform.constants import (
    OID_GLOBALPLATFORM,
    TAG_CARD_CAPABILITIES,
    TAG_CARD_DATA,
    TAG_CPLC,
    TAG_FCI,
    TAG_FCI_AID,
    TAG_FCI_MAX_LENGTH,
    TAG_FCI_PROPRIETARY,
    TAG_KEY_INFORMATION,
    TAG_KEY_INFORMATION_ENTRY,
    TAG_OID,
    TAG_RECOGNITION,
    TAG_RECOGNITION_CHIP,
    TAG_RECOGNITION_CONFIGURATION,
    TAG_RECOGNITION_IDENTIFICATION,
    TAG_RECOGNITION_SCP,
    TAG_RECOGNITION_VERSION,
    Privilege,
)
from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError


@dataclass(frozen=True, slots=True)
class Protocol:
    """A secure channel protocol and its options: ``Protocol(3, 0x70)`` is SCP03 i=70."""

    scp: int
    option: int


@dataclass(frozen=True, slots=True)
class Recognition:
    """Card recognition data (GPCS Tables H-1 and H-2); object identifiers are DER contents."""

    version: tuple[int, ...]
    identification: bytes | None
    protocols: tuple[Protocol, ...]
    configuration: bytes | None = None
    chip: bytes | None = None

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From the value of tag 66; raises MalformedTlvError."""
        body = tlv.find(raw, TAG_RECOGNITION)
        if body is None:
            raise MalformedTlvError("card data without recognition data (tag 73)")
        items = tlv.parse(body)
        version = _first(items, TAG_RECOGNITION_VERSION)
        identification = _first(items, TAG_RECOGNITION_IDENTIFICATION)
        oids = [oid.value for item in items if item.tag == TAG_RECOGNITION_SCP for oid in item.children()]
        return cls(
            version=_globalplatform_arcs(tlv.find(version, TAG_OID) or b"")[1:] if version else (),
            identification=tlv.find(identification, TAG_OID) if identification else None,
            protocols=tuple(Protocol(arcs[1], arcs[2]) for oid in oids if len(arcs := _globalplatform_arcs(oid)) == 3),
            configuration=_first(items, TAG_RECOGNITION_CONFIGURATION),
            chip=_first(items, TAG_RECOGNITION_CHIP),
        )


@dataclass(frozen=True, slots=True)
class ProtocolCapability:
    """One protocol and what it is used with (GPCS Table H-6)."""

    scp: int
    options: bytes
    key_lengths: tuple[int, ...]  # SCP03: AES key lengths in bytes (Table H-7)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Card capability information (GPCS Table H-5)."""

    protocols: tuple[ProtocolCapability, ...]
    domain_privileges: Privilege | None
    application_privileges: Privilege | None
    hash_algorithms: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From the value of tag 67; raises MalformedTlvError."""
        items = tlv.parse(raw)
        return cls(
            protocols=tuple(_protocol_capability(item.value) for item in items if item.tag == 0xA0),
            domain_privileges=_privileges(_first(items, 0x81)),
            application_privileges=_privileges(_first(items, 0x82)),
            hash_algorithms=_first(items, 0x83) or b"",
        )


@dataclass(frozen=True, slots=True)
class KeyComponent:
    """Key type (GPCS Table 11-16) and length in bytes."""

    type: int
    length: int


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """One key of a domain (GPCS Tables 11-28 and 11-29)."""

    identifier: int
    version: int
    components: tuple[KeyComponent, ...]

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From the value of tag C0; raises MalformedTlvError."""
        if len(raw) < 4:
            raise MalformedTlvError(f"key information of {len(raw)} bytes, it has at least 4")
        if raw[2] == 0xFF:
            return cls(raw[0], raw[1], _extended_components(raw[2:]))
        if len(raw) % 2:
            raise MalformedTlvError(f"key information of {len(raw)} bytes, type and length come in pairs")
        pairs = range(2, len(raw), 2)
        return cls(raw[0], raw[1], tuple(KeyComponent(raw[at], raw[at + 1]) for at in pairs))


@dataclass(frozen=True, slots=True)
class Cplc:
    """Card production life cycle data: 42 bytes in 18 fields. Dates are BCD ``YDDD``, ``0000`` when not set."""

    ic_fabricator: bytes
    ic_type: bytes
    os_identifier: bytes
    os_release_date: bytes
    os_release_level: bytes
    ic_fabrication_date: bytes
    ic_serial_number: bytes
    ic_batch: bytes
    module_fabricator: bytes
    module_packaging_date: bytes
    icc_manufacturer: bytes
    ic_embedding_date: bytes
    prepersonalizer: bytes
    prepersonalization_date: bytes
    prepersonalization_equipment: bytes
    personalizer: bytes
    personalization_date: bytes
    personalization_equipment: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From the value of tag 9F7F; raises MalformedTlvError."""
        if len(raw) != 42:
            raise MalformedTlvError(f"production data of {len(raw)} bytes, it has 42")
        parts, position = [], 0
        for name in (item.name for item in fields(cls)):
            size = 4 if name in _FOUR_BYTES else 2
            parts.append(raw[position : position + size])
            position += size
        return cls(*parts)


_FOUR_BYTES = ("ic_serial_number", "prepersonalization_equipment", "personalization_equipment")


@dataclass(frozen=True, slots=True)
class CardData:
    """Everything a domain tells about itself; None for what it does not have."""

    issuer_number: bytes | None
    image_number: bytes | None
    recognition: Recognition | None
    capabilities: Capabilities | None
    keys: tuple[KeyInfo, ...] | None
    diversification: bytes | None
    cplc: Cplc | None
    sequence_counter: int | None


@dataclass(frozen=True, slots=True)
class Selected:
    """What SELECT of a security domain answers (GPCS Table 11-82)."""

    aid: bytes | None
    max_data: int | None
    card_locked: bool = False

    @classmethod
    def parse(cls, raw: bytes, *, card_locked: bool = False) -> Self:
        """From the response data, which may be empty; raises MalformedTlvError."""
        length = tlv.find(raw, TAG_FCI, TAG_FCI_PROPRIETARY, TAG_FCI_MAX_LENGTH)
        return cls(
            aid=tlv.find(raw, TAG_FCI, TAG_FCI_AID),
            max_data=int.from_bytes(length, "big") if length else None,
            card_locked=card_locked,
        )


def parse_recognition(raw: bytes) -> Recognition:
    """From the response to GET DATA 0066."""
    return Recognition.parse(_unwrap(raw, TAG_CARD_DATA))


def parse_capabilities(raw: bytes) -> Capabilities:
    """From the response to GET DATA 0067."""
    return Capabilities.parse(_unwrap(raw, TAG_CARD_CAPABILITIES))


def parse_keys(raw: bytes) -> tuple[KeyInfo, ...]:
    """From the response to GET DATA 00E0."""
    entries = tlv.parse(_unwrap(raw, TAG_KEY_INFORMATION))
    return tuple(KeyInfo.parse(entry.value) for entry in entries if entry.tag == TAG_KEY_INFORMATION_ENTRY)


def parse_cplc(raw: bytes) -> Cplc:
    """From the response to GET DATA 9F7F."""
    return Cplc.parse(_unwrap(raw, TAG_CPLC))


def _unwrap(raw: bytes, tag: int) -> bytes:
    value = tlv.find(raw, tag)
    if value is None:
        raise MalformedTlvError(f"tag {tag:X} is missing from the answer that should bring it")
    return value


def _first(items: list[tlv.Tlv], tag: int) -> bytes | None:
    return next((item.value for item in items if item.tag == tag), None)


def _globalplatform_arcs(oid: bytes) -> tuple[int, ...]:
    """The arcs after {globalPlatform} of an object identifier's DER contents; empty for somebody else's."""
    if not oid.startswith(OID_GLOBALPLATFORM):
        return ()
    arcs, value = [], 0
    for byte in oid[len(OID_GLOBALPLATFORM) :]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    return tuple(arcs)


def _protocol_capability(raw: bytes) -> ProtocolCapability:
    items = tlv.parse(raw)
    keys = _first(items, 0x82) or b"\0"
    return ProtocolCapability(
        scp=int.from_bytes(_first(items, 0x80) or b"", "big"),
        options=_first(items, 0x81) or b"",
        key_lengths=tuple(length for bit, length in ((1, 16), (2, 24), (4, 32)) if keys[0] & bit),
    )


def _privileges(raw: bytes | None) -> Privilege | None:
    if raw is None:
        return None
    if len(raw) not in (1, 3):
        raise MalformedTlvError(f"privileges of {len(raw)} bytes, they have 1 or 3")
    return Privilege.parse(raw)


def _extended_components(raw: bytes) -> tuple[KeyComponent, ...]:
    """Two-byte types and lengths, then usage and access, each with its length (GPCS Table 11-29)."""
    components, position = [], 0
    while position + 4 <= len(raw) and raw[position] == 0xFF:
        length = int.from_bytes(raw[position + 2 : position + 4], "big")
        components.append(KeyComponent(raw[position + 1], length))
        position += 4
    return tuple(components)
