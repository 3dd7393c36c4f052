"""The GlobalPlatform registry: what is on the card, in which state, and whose it is (GPCS 6.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cardlab.card.manager.keys import KeyStore
from cardlab.card.manager.refusal import Refusal
from cardlab.globalplatform.constants import ApplicationState, Privilege
from cardlab.iso7816.status import SW


@dataclass(slots=True, eq=False)
class LoadFileEntry:
    """An executable load file and its modules' AIDs. ``size`` is its persistent memory in bytes.

    ``data_block`` are its components as they were loaded; nothing for the load file that belongs to the card itself.
    """

    aid: bytes
    version: tuple[int, int]
    modules: tuple[bytes, ...]
    domain: bytes
    size: int
    data_block: bytes = b""


@dataclass(slots=True, eq=False)
class Application:
    """An application instance. ``domain`` is the security domain it is associated with."""

    aid: bytes
    load_file: bytes
    module: bytes
    domain: bytes
    privileges: Privilege
    state: int

    @property
    def locked(self) -> bool:
        """Whether it is in the state LOCKED (GPCS 5.3.1.4)."""
        return bool(self.state & ApplicationState.LOCKED)

    @property
    def selectable(self) -> bool:
        """Whether SELECT may find it (GPCS 6.4.2.1)."""
        return not self.locked and self.state != ApplicationState.INSTALLED


@dataclass(slots=True, eq=False)
class SecurityDomain(Application):
    """A security domain: an application that the card itself runs. ``options`` is the parameter i of its SCP03."""

    options: int
    keys: KeyStore = field(default_factory=KeyStore)
    data: dict[int, bytes] = field(default_factory=dict)


_Entry = TypeVar("_Entry", bound=Application)


def _copy(entry: _Entry) -> _Entry:
    """An application's entry; a key store never changes, another one takes its place."""
    return replace(entry, data=dict(entry.data)) if isinstance(entry, SecurityDomain) else replace(entry)


class CardRegistry:
    """Load files and applications by AID, in the order they came; the issuer security domain comes first."""

    def __init__(self, issuer: SecurityDomain) -> None:
        self.issuer = issuer
        self.load_files: dict[bytes, LoadFileEntry] = {}
        self.applications: dict[bytes, Application] = {issuer.aid: issuer}

    def fork(self) -> CardRegistry:
        """A copy that goes its own way."""
        copied = CardRegistry(_copy(self.issuer))
        copied.load_files = {aid: replace(entry) for aid, entry in self.load_files.items()}
        others = {aid: _copy(found) for aid, found in self.applications.items() if found is not self.issuer}
        copied.applications.update(others)
        return copied

    def has(self, aid: bytes) -> bool:
        """Whether an AID is taken."""
        return aid in self.load_files or aid in self.applications

    def entries(self) -> Iterator[Application | LoadFileEntry]:
        """Everything on the card."""
        yield from self.applications.values()
        yield from self.load_files.values()

    def application(self, aid: bytes, missing: int = SW.REFERENCED_DATA_NOT_FOUND) -> Application:
        """The application of an AID, or a refusal."""
        found = self.applications.get(aid)
        if found is None:
            raise Refusal(missing, f"no application {aid.hex().upper()}")
        return found

    def domain(self, aid: bytes, missing: int = SW.REFERENCED_DATA_NOT_FOUND) -> SecurityDomain:
        """The security domain of an AID, or a refusal."""
        found = self.applications.get(aid)
        if not isinstance(found, SecurityDomain):
            raise Refusal(missing, f"no security domain {aid.hex().upper()}")
        return found

    def domain_of(self, entry: Application | LoadFileEntry) -> SecurityDomain:
        """The security domain an entry is associated with."""
        return self.domain(entry.domain)

    def ancestors(self, entry: Application | LoadFileEntry) -> Iterator[SecurityDomain]:
        """The domains an entry is associated with, directly first, then up to the issuer's."""
        domain = self.domain_of(entry)
        while True:
            yield domain
            if domain is self.issuer:
                return
            domain = self.domain_of(domain)

    def is_under(self, entry: Application | LoadFileEntry, domain: SecurityDomain) -> bool:
        """Whether an entry is associated with a domain, directly or indirectly (GPCS 7.2)."""
        return entry is not self.issuer and any(found is domain for found in self.ancestors(entry))

    def associated(self, domain: SecurityDomain) -> list[Application | LoadFileEntry]:
        """What is associated with a domain directly."""
        return [entry for entry in self.entries() if entry.domain == domain.aid and entry is not domain]

    def instances(self, load_file: LoadFileEntry) -> list[Application]:
        """The applications made from a load file."""
        return [found for found in self.applications.values() if found.load_file == load_file.aid]

    def key_domain(self, domain: SecurityDomain) -> SecurityDomain:
        """Whose keys serve a domain's channels: its own, or its parent's while it has none (GPCS 7.2.2)."""
        while domain is not self.issuer and domain.keys.for_channel(0) is None:
            domain = self.domain_of(domain)
        return domain

    @property
    def default_selected(self) -> Application:
        """Who has the privilege Card Reset (GPCS 6.6.2: one application, the issuer security domain if no other)."""
        others = (found for found in self.applications.values() if found.privileges & Privilege.CARD_RESET)
        return next(others, self.issuer)

    def hold_card_reset(self, holder: Application) -> None:
        """Give the privilege Card Reset to one application and take it from all others."""
        for found in self.applications.values():
            found.privileges &= ~Privilege.CARD_RESET
        holder.privileges |= Privilege.CARD_RESET

    def rename_issuer(self, aid: bytes) -> None:
        """Give the issuer security domain another AID, and change what refers to it."""
        old, issuer = self.issuer.aid, self.issuer
        for entry in self.entries():
            if entry.domain == old:
                entry.domain = aid
        issuer.aid = aid
        others = (found for found in self.applications.values() if found is not issuer)
        self.applications = {aid: issuer, **{found.aid: found for found in others}}

    def remove_application(self, entry: Application) -> None:
        """Take an application out; Card Reset goes back to the issuer security domain (GPCS 9.5.1)."""
        del self.applications[entry.aid]
        if entry.privileges & Privilege.CARD_RESET:
            self.hold_card_reset(self.issuer)
