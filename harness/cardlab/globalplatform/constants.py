"""Codes of the GlobalPlatform Card Specification 2.3.1 (GPCS); each names its table."""

from __future__ import annotations

from enum import IntEnum, IntFlag, unique
from typing import Self

ISD_AID = bytes.fromhex("A000000151000000")  # GPCS H.1.3
SSD_PACKAGE_AID = bytes.fromhex("A0000001515350")  # supplementary security domain: what cards in the field and
SSD_MODULE_AID = bytes.fromhex("A000000151535041")  # GlobalPlatformPro agree on; GPCS leaves it to the issuer

CLA_ISO = 0x00  # GPCS Table 11-11
CLA_GP = 0x80
CLA_GP_SECURE = 0x84

INS_INITIALIZE_UPDATE = 0x50  # GPCS D.4.1
INS_MANAGE_CHANNEL = 0x70  # Table 11-61
INS_EXTERNAL_AUTHENTICATE = 0x82  # GPCS D.4.2
INS_SELECT = 0xA4  # Table 11-79
INS_GET_DATA = 0xCA  # Table 11-27
INS_PUT_KEY = 0xD8  # Table 11-64
INS_STORE_DATA = 0xE2  # Table 11-88
INS_DELETE = 0xE4  # Table 11-20
INS_INSTALL = 0xE6  # Table 11-40
INS_LOAD = 0xE8  # Table 11-56
INS_SET_STATUS = 0xF0  # Table 11-85
INS_GET_STATUS = 0xF2  # Table 11-32

P1_SELECT_BY_NAME = 0x04  # Table 11-80
P2_SELECT_FIRST = 0x00  # Table 11-81
P2_SELECT_NEXT = 0x02

P1_MORE_COMMANDS = 0x80  # Tables 11-21 (DELETE), 11-41 (INSTALL), 11-65 (PUT KEY): set on all but the last
P1_LAST_BLOCK = 0x80  # Tables 11-57 (LOAD), 11-89 (STORE DATA): set on the last
P2_DELETE_OBJECT = 0x00  # Table 11-22
P2_DELETE_RELATED = 0x80
P2_MULTIPLE_KEYS = 0x80  # Table 11-66
P2_STATUS_TLV = 0x02  # Table 11-34
P2_STATUS_NEXT = 0x01

P1_STORE_ENCRYPTED = 0x60  # Table 11-89
P1_STORE_DGI = 0x08
P1_STORE_TLV = 0x10
P1_STORE_CASE_4 = 0x01

TAG_AID = 0x4F  # Tables 11-23, 11-35, 11-36, 11-37
TAG_FCI = 0x6F  # Table 11-82
TAG_FCI_AID = 0x84
TAG_FCI_PROPRIETARY = 0xA5
TAG_FCI_PRODUCTION = 0x9F6E
TAG_FCI_MAX_LENGTH = 0x9F65

TAG_IIN = 0x42  # GPCS 11.3.2.1: issuer identification number
TAG_CIN = 0x45  # card image number
TAG_CARD_DATA = 0x66  # Table H-1
TAG_CARD_CAPABILITIES = 0x67  # Table H-5
TAG_SEQUENCE_COUNTER = 0xC1
TAG_KEY_INFORMATION = 0xE0
TAG_KEY_INFORMATION_ENTRY = 0xC0  # Table 11-28
TAG_DIVERSIFICATION = 0xCF  # not in GPCS; GlobalPlatformPro asks for it: the key diversification data
TAG_CPLC = 0x9F7F  # card production life cycle, Visa GlobalPlatform 2.1.1 Card Implementation Requirements
TAG_RECOGNITION = 0x73  # Table H-1
TAG_OID = 0x06
TAG_RECOGNITION_VERSION = 0x60
TAG_RECOGNITION_IDENTIFICATION = 0x63
TAG_RECOGNITION_SCP = 0x64
TAG_RECOGNITION_CONFIGURATION = 0x65
TAG_RECOGNITION_CHIP = 0x66

TAG_REGISTRY_ENTRY = 0xE3  # Table 11-36, Table 11-37
TAG_LIFE_CYCLE = 0x9F70
TAG_PRIVILEGES = 0xC5
TAG_IMPLICIT_SELECTION = 0xCF
TAG_LOAD_FILE = 0xC4
TAG_ASSOCIATED_DOMAIN = 0xCC
TAG_LOAD_FILE_VERSION = 0xCE
TAG_MODULE = 0x84

TAG_KEY_IDENTIFIER = 0xD0  # Table 11-24
TAG_KEY_VERSION = 0xD2

TAG_APPLICATION_PARAMETERS = 0xC9  # Table 11-49
TAG_SYSTEM_PARAMETERS = 0xEF
TAG_VOLATILE_QUOTA = 0xC7
TAG_PERSISTENT_QUOTA = 0xC8

TAG_LOAD_FILE_DATA_BLOCK = 0xC4  # Table 11-58
TAG_DAP_BLOCK = 0xE2

KEY_TYPE_AES = 0x88  # Table 11-16
KEY_ID_ENC = 0x01  # GPCS E.1.1 and Amendment D: the key set's identifiers count from 1
KEY_ID_MAC = 0x02
KEY_ID_DEK = 0x03

SCP03 = 0x03  # GPCS 10.7

OID_GLOBALPLATFORM = bytes.fromhex("2A864886FC6B")  # {iso(1) member-body(2) 840 globalPlatform(114283)}, GPCS H.1.1


@unique
class InstallFor(IntFlag):
    """P1 of INSTALL without its "more commands" bit (Table 11-41)."""

    LOAD = 0x02
    INSTALL = 0x04
    MAKE_SELECTABLE = 0x08
    INSTALL_AND_MAKE_SELECTABLE = 0x0C
    EXTRADITION = 0x10
    PERSONALIZATION = 0x20
    REGISTRY_UPDATE = 0x40


@unique
class Scope(IntEnum):
    """P1 of GET STATUS (Table 11-33)."""

    ISSUER_DOMAIN = 0x80
    APPLICATIONS = 0x40
    LOAD_FILES = 0x20
    LOAD_FILES_AND_MODULES = 0x10


@unique
class StatusType(IntEnum):
    """P1 of SET STATUS (Table 11-86)."""

    ISSUER_DOMAIN = 0x80
    APPLICATION = 0x40
    DOMAIN_AND_APPLICATIONS = 0x60


@unique
class CardState(IntEnum):
    """Card life cycle, the state of the issuer security domain (Table 11-6)."""

    OP_READY = 0x01
    INITIALIZED = 0x07
    SECURED = 0x0F
    CARD_LOCKED = 0x7F
    TERMINATED = 0xFF


@unique
class LoadFileState(IntEnum):
    """Executable load file life cycle (Table 11-3)."""

    LOADED = 0x01


@unique
class ApplicationState(IntEnum):
    """Application life cycle (Table 11-4). Applications may use bits 4 to 7 for states of their own."""

    INSTALLED = 0x03
    SELECTABLE = 0x07
    LOCKED = 0x80  # only this bit says so; the others keep the state to go back to


@unique
class DomainState(IntEnum):
    """Security domain life cycle (Table 11-5)."""

    INSTALLED = 0x03
    SELECTABLE = 0x07
    PERSONALIZED = 0x0F
    LOCKED = 0x80


class Privilege(IntFlag):
    """Privileges as one 24-bit number, first byte highest (Tables 11-7, 11-8, 11-9; Table 6-1 explains them)."""

    NONE = 0
    SECURITY_DOMAIN = 0x800000
    DAP_VERIFICATION = 0xC00000  # implies SECURITY_DOMAIN
    DELEGATED_MANAGEMENT = 0xA00000  # implies SECURITY_DOMAIN
    CARD_LOCK = 0x100000
    CARD_TERMINATE = 0x080000
    CARD_RESET = 0x040000  # called "default selected" in older editions
    CVM_MANAGEMENT = 0x020000
    MANDATED_DAP_VERIFICATION = 0xC10000  # implies SECURITY_DOMAIN and DAP_VERIFICATION
    TRUSTED_PATH = 0x008000
    AUTHORIZED_MANAGEMENT = 0x004000
    TOKEN_VERIFICATION = 0x002000
    GLOBAL_DELETE = 0x001000
    GLOBAL_LOCK = 0x000800
    GLOBAL_REGISTRY = 0x000400
    FINAL_APPLICATION = 0x000200
    GLOBAL_SERVICE = 0x000100
    RECEIPT_GENERATION = 0x000080
    CIPHERED_LOAD_FILE = 0x000040
    CONTACTLESS_ACTIVATION = 0x000020
    CONTACTLESS_SELF_ACTIVATION = 0x000010

    def to_bytes3(self) -> bytes:
        """The three bytes of a registry entry."""
        return int(self).to_bytes(3, "big")

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From one byte (the other two are then zero) or three; RFU bits are dropped. Raises ValueError."""
        if len(raw) not in (1, 3):
            raise ValueError(f"privileges are 1 or 3 bytes long, not {len(raw)}")
        return cls(int.from_bytes(raw.ljust(3, b"\0"), "big") & 0xFFFFF0)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all privileges held, in the order of their numbers."""
        return tuple(member.name or "" for member in Privilege.__members__.values() if member and member in self)


ISD_PRIVILEGES = (  # GPCS 6.6.2: what the issuer security domain has in OP_READY
    Privilege.SECURITY_DOMAIN
    | Privilege.AUTHORIZED_MANAGEMENT
    | Privilege.GLOBAL_REGISTRY
    | Privilege.GLOBAL_LOCK
    | Privilege.GLOBAL_DELETE
    | Privilege.TOKEN_VERIFICATION
    | Privilege.CARD_LOCK
    | Privilege.CARD_TERMINATE
    | Privilege.TRUSTED_PATH
    | Privilege.CVM_MANAGEMENT
    | Privilege.CARD_RESET
    | Privilege.FINAL_APPLICATION
    | Privilege.RECEIPT_GENERATION
)
