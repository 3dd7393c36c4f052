"""The card's registry as GET STATUS tells it (GPCS 11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from cardlab.globalplatform.constants import (
    TAG_AID,
    TAG_ASSOCIATED_DOMAIN,
    TAG_IMPLICIT_SELECTION,
    TAG_LIFE_CYCLE,
    TAG_LOAD_FILE,
    TAG_LOAD_FILE_VERSION,
    TAG_MODULE,
    TAG_PRIVILEGES,
    TAG_REGISTRY_ENTRY,
    ApplicationState,
    CardState,
    DomainState,
    LoadFileState,
    Privilege,
    Scope,
)
from cardlab.iso7816 import tlv
from cardlab.iso7816.tlv import MalformedTlvError


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """One object of the card (GPCS Tables 11-36 and 11-37); what a card does not tell is None or empty."""

    scope: Scope
    aid: bytes
    life_cycle: int
    privileges: Privilege = Privilege.NONE
    load_file: bytes | None = None
    domain: bytes | None = None
    version: tuple[int, ...] | None = None
    modules: tuple[bytes, ...] = ()
    implicit_selection: tuple[int, ...] = ()

    @property
    def is_domain(self) -> bool:
        """Whether it is a security domain."""
        return Privilege.SECURITY_DOMAIN in self.privileges

    @property
    def is_locked(self) -> bool:
        """Whether an application, a domain or the card is locked."""
        if self.scope is Scope.ISSUER_DOMAIN:
            return self.life_cycle == CardState.CARD_LOCKED
        return self.scope is Scope.APPLICATIONS and bool(self.life_cycle & ApplicationState.LOCKED)

    @property
    def state(self) -> str:
        """The life cycle in words, as ``SELECTABLE, LOCKED``; a number for a state of the application's own."""
        if self.scope is Scope.ISSUER_DOMAIN:
            return _name(CardState, self.life_cycle)
        if self.scope is not Scope.APPLICATIONS:
            return _name(LoadFileState, self.life_cycle)
        name = _name(DomainState if self.is_domain else ApplicationState, self.life_cycle & 0x7F)
        return f"{name}, LOCKED" if self.is_locked else name

    @classmethod
    def parse(cls, scope: Scope, raw: bytes) -> Self:
        """From the value of one E3; raises MalformedTlvError when AID or life cycle are missing."""
        items = tlv.parse(raw)
        values = {item.tag: item.value for item in reversed(items)}  # the first of several wins
        aid, life_cycle = values.get(TAG_AID), values.get(TAG_LIFE_CYCLE)
        if aid is None or not life_cycle:
            raise MalformedTlvError("a registry entry lacks its AID or its life cycle")
        version = values.get(TAG_LOAD_FILE_VERSION)
        return cls(
            scope=scope,
            aid=aid,
            life_cycle=life_cycle[0],
            privileges=_privileges(values.get(TAG_PRIVILEGES)),
            load_file=values.get(TAG_LOAD_FILE),
            domain=values.get(TAG_ASSOCIATED_DOMAIN),
            version=None if version is None else tuple(version),
            modules=tuple(item.value for item in items if item.tag == TAG_MODULE),
            implicit_selection=tuple(
                item.value[0] for item in items if item.tag == TAG_IMPLICIT_SELECTION and item.value
            ),
        )


@dataclass(frozen=True, slots=True)
class Registry:
    """All of a card that the selected domain may see; ``issuer_domain`` is None when it may not see that."""

    issuer_domain: RegistryEntry | None
    applications: tuple[RegistryEntry, ...]
    load_files: tuple[RegistryEntry, ...]

    def __iter__(self) -> Iterator[RegistryEntry]:
        if self.issuer_domain is not None:
            yield self.issuer_domain
        yield from self.applications
        yield from self.load_files

    @property
    def domains(self) -> tuple[RegistryEntry, ...]:
        """The supplementary security domains."""
        return tuple(entry for entry in self.applications if entry.is_domain)

    def find(self, aid: bytes) -> RegistryEntry | None:
        """The entry with this AID, or None."""
        return next((entry for entry in self if entry.aid == aid), None)


def parse_entries(scope: Scope, raw: bytes) -> tuple[RegistryEntry, ...]:
    """All entries of one scope, from the data of its responses one after the other; raises MalformedTlvError."""
    return tuple(RegistryEntry.parse(scope, item.value) for item in tlv.iterate(raw) if item.tag == TAG_REGISTRY_ENTRY)


def _privileges(raw: bytes | None) -> Privilege:
    if raw is None:
        return Privilege.NONE
    if len(raw) not in (1, 3):
        raise MalformedTlvError(f"privileges of {len(raw)} bytes, they have 1 or 3")
    return Privilege.parse(raw)


def _name(kind: type[CardState] | type[LoadFileState] | type[ApplicationState] | type[DomainState], value: int) -> str:
    return next((member.name for member in kind if member == value), f"{value:02X}")
