"""Names for what docs/reference/applet.md writes as bytes."""

from __future__ import annotations

import hashlib
from enum import Enum, IntEnum, unique

PACKAGE_AID = bytes.fromhex("D392F0002601000000")
MODULE_AID = bytes.fromhex("D392F000260100000001")
INSTANCE_AID = MODULE_AID
APPLET_CLASS = "jpki.applet.JpkiApplet"
PACKAGE_VERSION = (1, 1)

CLA_ISO = 0x00
CLA_PLAIN = 0x80

HASH_LENGTH = 32
CHALLENGE_LENGTH = 32
CERTIFICATE_CAPACITY = 2048
MAX_RAW_LENGTH = 245
REF_SELECTED = 0x80


@unique
class Instruction(IntEnum):
    """INS bytes of the applet."""

    VERIFY = 0x20
    CHANGE_REFERENCE_DATA = 0x24
    SIGN = 0x2A
    SET_PIN = 0x2C
    SIGN_WITH_INDICATOR = 0x2E
    GENERATE_KEY_PAIR = 0x46
    GET_CHALLENGE = 0x84
    SELECT = 0xA4
    READ_BINARY = 0xB0
    GET_DATA = 0xCA
    REGISTER_DEVICE_KEY = 0xDA
    STORE_CERTIFICATE = 0xE2
    DELETE = 0xE4
    GET_STATUS = 0xF2


@unique
class ContactMedium(IntEnum):
    """What may count as the inside of a phone, or as a contact reader, beside DEFAULT: the second byte of C9 (D5)."""

    USB = 0xA0
    HCI = 0xB0  # the APDU gate; Type F readers have the same value (docs/reference/applet.md, "Media")


@unique
class Suite(IntEnum):
    """What the slots' keys are: added to the profile in the first byte of C9.

    ``P_384`` (ECDSA with SHA-384) is an assumption about the next card, of which no more than that is public.
    """

    RSA_2048 = 0x00
    P_384 = 0x10

    @property
    def label(self) -> str:
        """As commands and documents call it."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def labelled(cls, label: str) -> Suite:
        """The reverse; KeyError for another word."""
        return cls[label.upper().replace("-", "_")]

    @property
    def hash_name(self) -> str:
        """Of messages, data hashed on the card and signed attributes; as hashlib calls it."""
        return "sha256" if self is Suite.RSA_2048 else "sha384"

    def hash(self, message: bytes) -> bytes:
        """32 or 48 bytes."""
        return hashlib.new(self.hash_name, message).digest()

    def chosen_in(self, parameters: bytes) -> bytes:
        """Install parameters of a profile with this suite."""
        return bytes((parameters[0] | self,)) + parameters[1:]

    @classmethod
    def of(cls, first: int) -> tuple[Profile, Suite]:
        """The two that the first byte of C9 stands for; ValueError when it stands for none."""
        return Profile(first & ~cls.P_384), cls(first & cls.P_384)


@unique
class Profile(IntEnum):
    """What the applet is: the first byte of the install parameter C9, but for the suite."""

    PHONE = 0x01
    CARD = 0x02

    @property
    def parameters(self) -> bytes:
        """The application data for INSTALL, when DEFAULT is the only medium that is not contactless."""
        return bytes((self,))

    def with_contact(self, medium: ContactMedium) -> bytes:
        """The application data for INSTALL, when this medium is not contactless either."""
        return bytes((self, medium))

    def identified(self, load_file_hash: bytes, medium: ContactMedium | None = None) -> bytes:
        """The same with the SHA-256 of the load file data block, which GET IDENTIFICATION then tells."""
        return bytes((self, medium or 0)) + load_file_hash


@unique
class PinState(IntEnum):
    """The life of a PIN, as GET STATUS tells it."""

    INITIAL = 0x5A
    SETTABLE = 0x3C
    ACTIVE = 0xC3
    BLOCKED = 0xA5


@unique
class DeviceMethod(IntEnum):
    """How a phone authenticates its user: P1 or P2 of the device commands."""

    BIOMETRIC = 0x03
    LOCK_SCREEN = 0x04


@unique
class SignForm(IntEnum):
    """What SIGN does with its data before PKCS #1 v1.5 padding: P1. Of ECDSA there is HASH alone."""

    RAW = 0x00
    HASH = 0x01
    WRAP_HASH = 0x02
    HASH_AND_WRAP = 0x03


@unique
class EF(IntEnum):
    """File identifiers."""

    SIGNING_CERTIFICATE = 0x0001
    SIGNING_CA_CERTIFICATE = 0x0002
    TOKEN_INFORMATION = 0x0006
    PRESENCE = 0x0008
    AUTHENTICATION_CERTIFICATE = 0x000A
    AUTHENTICATION_CA_CERTIFICATE = 0x000B
    AUTHENTICATION_KEY = 0x0017
    AUTHENTICATION_PIN = 0x0018
    SIGNING_KEY = 0x001A
    SIGNING_PASSWORD = 0x001B

    @property
    def short(self) -> int:
        """The short file identifier: the low five bits."""
        return self & 0x1F


@unique
class Slot(Enum):
    """The two key slots; the value is the tag of the template that names one (ISO/IEC 7816-4, control references)."""

    SIGNING = 0xB6
    AUTHENTICATION = 0xA4

    @property
    def key(self) -> EF:
        """The file that stands for the private key."""
        return EF.SIGNING_KEY if self is Slot.SIGNING else EF.AUTHENTICATION_KEY

    @property
    def pin(self) -> EF:
        """The file that stands for the PIN."""
        return EF.SIGNING_PASSWORD if self is Slot.SIGNING else EF.AUTHENTICATION_PIN

    @property
    def certificate(self) -> EF:
        """The file of the holder's certificate."""
        return EF.SIGNING_CERTIFICATE if self is Slot.SIGNING else EF.AUTHENTICATION_CERTIFICATE

    @property
    def ca_certificate(self) -> EF:
        """The file of the issuing CA's certificate."""
        return EF.SIGNING_CA_CERTIFICATE if self is Slot.SIGNING else EF.AUTHENTICATION_CA_CERTIFICATE

    @property
    def key_reference(self) -> int:
        """P2 of commands that use the key."""
        return REF_SELECTED | self.key.short

    @property
    def pin_reference(self) -> int:
        """P2 of commands about the PIN."""
        return REF_SELECTED | self.pin.short

    @property
    def template(self) -> bytes:
        """The data of TSM commands that name the slot."""
        return bytes((self.value, 0))

    @property
    def tries(self) -> int:
        """How many wrong PINs in a row block it (B7)."""
        return 5 if self is Slot.SIGNING else 3

    @property
    def pin_name(self) -> str:
        """What people call its PIN."""
        return "signing password" if self is Slot.SIGNING else "authentication PIN"
