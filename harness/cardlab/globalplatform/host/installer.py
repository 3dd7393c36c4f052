"""One interface to everything that is done to a card's content, whoever does it (D2).

``BuiltinInstaller`` speaks through any transport, ``gppro.GpInstaller`` lets GlobalPlatformPro do it to
a card in a reader. Both leave the same card behind: tests/cardlab/gppro compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Protocol

from cardlab.cap.reader import read_cap
from cardlab.globalplatform.constants import (
    TAG_KEY_INFORMATION,
    CardState,
)
from cardlab.globalplatform.host import card_data
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from cardlab.transport import Transport


@unique
class InstallerKind(StrEnum):
    """The values of ``--installer``."""

    BUILTIN = "builtin"
    GP = "gp"


@dataclass(frozen=True, slots=True)
class Access:
    """Which domain (empty: the issuer's), with which keys. Version 0 lets the card choose; level None the installer."""

    keys: StaticKeys
    key_version: int = 0
    domain: bytes = b""
    level: SecurityLevel | None = field(default=None)


class Installer(Protocol):
    """Card content management in one domain. Every call is a session of its own: select, authenticate, do, done.

    Refused: UnexpectedStatusError or another CardError; keys: SecureChannelError, and nobody tries again; no card:
    TransportError; arguments that cannot be right: ValueError before anything is sent.
    """

    @property
    def name(self) -> str:
        """Who does it, for people."""

    def with_access(self, access: Access) -> Installer:
        """The same card through another domain, or with other keys."""

    def registry(self) -> Registry:
        """What the domain may see of the card."""

    def load(self, cap: bytes, *, domain: bytes = b"") -> None:
        """Load the package of a CAP file (the whole file's bytes) into this domain, or another one."""

    def install(self, applet: Installation) -> None:
        """Create an application and make it selectable."""

    def create_security_domain(self, domain: Installation) -> None:
        """Create what ``security_domain`` describes."""

    def personalise(self, aid: bytes, blocks: Sequence[bytes], *, form: int = 0) -> None:
        """Send data to an application of the domain through it, one STORE DATA a block."""

    def extradite(self, aid: bytes, domain: bytes) -> None:
        """Give an application or load file to another domain."""

    def put_keys(self, keys: StaticKeys, version: int) -> None:
        """Add a key set to the domain, or replace the one of this version; what the card stored is checked."""

    def delete_key(self, version: int) -> None:
        """Delete a key set of the domain."""

    def delete(self, aid: bytes, *, related: bool = False) -> None:
        """Delete an application or a load file, with ``related`` a load file and all its applications."""

    def lock(self, aid: bytes) -> None:
        """Lock an application or a domain."""

    def unlock(self, aid: bytes) -> None:
        """Give an application or a domain the state back that it had before it was locked."""

    def set_card_state(self, state: CardState) -> None:
        """Move the card to INITIALIZED, SECURED (also from CARD_LOCKED) or CARD_LOCKED."""


class BuiltinInstaller:
    """The client of this package as an installer."""

    def __init__(self, transport: Transport, access: Access) -> None:
        self._transport = transport
        self._access = access

    @property
    def name(self) -> str:
        return "the built-in client"

    def with_access(self, access: Access) -> BuiltinInstaller:
        return BuiltinInstaller(self._transport, access)

    def registry(self) -> Registry:
        return self._session().registry()

    def load(self, cap: bytes, *, domain: bytes = b"") -> None:
        package = read_cap(cap)
        self._session().load(package.header.package.aid, package.load_file(), domain=domain)

    def install(self, applet: Installation) -> None:
        self._session().install(applet)

    def create_security_domain(self, domain: Installation) -> None:
        self._session().create_security_domain(domain)

    def personalise(self, aid: bytes, blocks: Sequence[bytes], *, form: int = 0) -> None:
        self._session().personalise(aid, blocks, form=form)

    def extradite(self, aid: bytes, domain: bytes) -> None:
        self._session().extradite(aid, domain)

    def put_keys(self, keys: StaticKeys, version: int) -> None:
        client = self._session()
        information = client.get_data(TAG_KEY_INFORMATION)
        present = {key.version for key in card_data.parse_keys(information)} if information else set()
        client.put_keys(keys, version, replaces=version if version in present else 0)

    def delete_key(self, version: int) -> None:
        self._session().delete_key(version)

    def delete(self, aid: bytes, *, related: bool = False) -> None:
        self._session().delete(aid, related=related)

    def lock(self, aid: bytes) -> None:
        self._session().lock(aid)

    def unlock(self, aid: bytes) -> None:
        self._session().unlock(aid)

    def set_card_state(self, state: CardState) -> None:
        self._session().set_card_state(state)

    def _session(self) -> GlobalPlatformClient:
        client = GlobalPlatformClient(self._transport)
        client.select(self._access.domain)
        client.authenticate(self._access.keys, key_version=self._access.key_version, level=self._access.level)
        return client
