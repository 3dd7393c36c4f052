"""Which applet is on a card, as GET IDENTIFICATION tells it (docs/reference/applet.md, Identification)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cardlab.errors import CardError
from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError
from jpki.client.constants import ContactMedium, Profile, Suite

_VERSION, _PROFILE, _MEDIUM, _HASH = 0x80, 0x81, 0x82, 0x83


@dataclass(frozen=True, slots=True)
class Identification:
    """Version of the applet (major, minor) and what its installer chose.

    ``contact_medium``: None when DEFAULT is the only medium that is not contactless. ``load_file_hash``: SHA-256 of the
    load file data block, 32 bytes, None when the installer gave none: the applet passes on what it was told.
    """

    version: tuple[int, int]
    profile: Profile
    suite: Suite
    contact_medium: ContactMedium | None
    load_file_hash: bytes | None

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Parse the answer; raises CardError when it is none."""
        try:
            values = {item.tag: item.value for item in tlv.parse(raw)}
            (medium,) = values[_MEDIUM]
            major, minor = values[_VERSION]
            (first,) = values[_PROFILE]
            profile, suite = Suite.of(first)
            return cls(
                version=(major, minor),
                profile=profile,
                suite=suite,
                contact_medium=ContactMedium(medium) if medium else None,
                load_file_hash=values.get(_HASH),
            )
        except (MalformedTlvError, KeyError, ValueError, TypeError) as error:
            raise CardError(f"GET IDENTIFICATION: the answer {raw.hex()} is no identification ({error})") from error

    @property
    def facts(self) -> dict[str, object]:
        """For machines."""
        medium = self.contact_medium
        return {
            "version": ".".join(map(str, self.version)),
            "profile": self.profile.name.lower(),
            "suite": self.suite.label,
            "not_contactless": None if medium is None else medium.name.lower(),
            "load_file_data_block_sha256": None if self.load_file_hash is None else self.load_file_hash.hex().upper(),
        }
