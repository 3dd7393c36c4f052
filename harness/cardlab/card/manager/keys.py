"""The keys of a security domain: AES keys by version and identifier (GPCS 7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cardlab.card.manager.refusal import Refusal
from cardlab.globalplatform.constants import KEY_ID_DEK, KEY_ID_ENC, KEY_ID_MAC
from cardlab.globalplatform.scp03 import SEQUENCE_MAX, StaticKeys
from cardlab.iso7816.status import SW

AES_KEY_LENGTH = 16
KEY_VERSIONS = range(0x01, 0x80)  # GPCS 11.8.2.1: 01 to 7F
KEY_IDENTIFIERS = range(0x80)  # GPCS 11.8.2.2: 00 to 7F
CHANNEL_KEYS = (KEY_ID_ENC, KEY_ID_MAC, KEY_ID_DEK)


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """All keys of one version, and the sequence counter of the sessions opened with them (Amendment D 6.2.2.1)."""

    version: int
    keys: Mapping[int, bytes] = field(repr=False)
    sequence: int = 0

    @property
    def opens_channels(self) -> bool:
        """Whether the three keys of SCP03 are here."""
        return all(identifier in self.keys for identifier in CHANNEL_KEYS)

    @property
    def static_keys(self) -> StaticKeys:
        """The three keys of SCP03."""
        return StaticKeys(*(self.keys[identifier] for identifier in CHANNEL_KEYS))


@dataclass(frozen=True, slots=True)
class KeyStore:
    """Key versions in the order they came; every change makes a new store. ``limit`` counts single keys."""

    versions: tuple[KeyVersion, ...] = ()
    limit: int = 30

    def find(self, version: int) -> KeyVersion | None:
        """The keys of a version."""
        return next((found for found in self.versions if found.version == version), None)

    def for_channel(self, version: int) -> KeyVersion | None:
        """The keys to open a channel with; version 00 leaves the choice to the card: the oldest (GPCS D.4.1.2)."""
        usable = (found for found in self.versions if found.opens_channels)
        return next((found for found in usable if version in (0, found.version)), None)

    def add(self, version: int, keys: Mapping[int, bytes]) -> KeyStore:
        """With new keys under a version that may exist already, but not with these identifiers."""
        present = self.find(version)
        if present is None:
            return self._checked((*self.versions, KeyVersion(version, dict(keys))))
        if set(present.keys) & set(keys):
            raise Refusal(SW.WRONG_DATA, f"key version {version:02X} has such a key: replace it (P1)")
        return self._swapped(present, replace(present, keys={**present.keys, **keys}, sequence=0))

    def replaced(self, old: int, new: int, keys: Mapping[int, bytes]) -> KeyStore:
        """With keys of version ``old`` replaced, the version then being ``new``."""
        present = self.find(old)
        if present is None or not set(keys) <= set(present.keys):
            raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, f"key version {old:02X} has no such key")
        if new != old and (self.find(new) is not None or set(keys) != set(present.keys)):
            raise Refusal(SW.WRONG_DATA, f"version {old:02X} becomes {new:02X} as a whole, and {new:02X} must be free")
        return self._swapped(present, KeyVersion(new, {**present.keys, **keys}))

    def without(self, version: int | None, identifier: int | None) -> KeyStore:
        """Without the keys of a version, with an identifier, or both; 6A88 when there is none (GPCS 11.2.2.3.2)."""
        kept = []
        for present in self.versions:
            gone = version in (None, present.version)
            keys = {i: key for i, key in present.keys.items() if not (gone and identifier in (None, i))}
            if keys:
                kept.append(present if len(keys) == len(present.keys) else replace(present, keys=keys))
        store = replace(self, versions=tuple(kept))
        if store.versions == self.versions:
            raise Refusal(SW.REFERENCED_DATA_NOT_FOUND, "no such key")
        return store

    def counted(self, version: KeyVersion) -> tuple[KeyStore, KeyVersion]:
        """With the sequence counter of a version raised; it never wraps (6985)."""
        if version.sequence >= SEQUENCE_MAX:
            raise Refusal(SW.CONDITIONS_NOT_SATISFIED, "the sequence counter is at its end: replace the keys")
        raised = replace(version, sequence=version.sequence + 1)
        return self._swapped(version, raised), raised

    def _swapped(self, old: KeyVersion, new: KeyVersion) -> KeyStore:
        return self._checked(tuple(new if found is old else found for found in self.versions))

    def _checked(self, versions: tuple[KeyVersion, ...]) -> KeyStore:
        if sum(len(found.keys) for found in versions) > self.limit:
            raise Refusal(SW.NOT_ENOUGH_MEMORY, f"a security domain holds {self.limit} keys")
        return replace(self, versions=versions)
