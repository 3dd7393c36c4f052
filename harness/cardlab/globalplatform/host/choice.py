"""Opens the installer for the card in a reader: GlobalPlatformPro when it is there, else the built-in client."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cardlab.errors import MissingDependencyError
from cardlab.globalplatform.host.gppro.installer import GpInstaller
from cardlab.globalplatform.host.gppro.program import GlobalPlatformPro, find_gp
from cardlab.globalplatform.host.installer import Access, BuiltinInstaller, Installer, InstallerKind
from cardlab.transport.pcsc import PcscTransport, find_reader, list_readers

_log = logging.getLogger(__name__)


@contextmanager
def open_installer(
    reader: str, access: Access, kind: InstallerKind | None = None, program: Path | None = None
) -> Iterator[Installer]:
    """An installer for the card in this reader (its name or a part of it), ``kind`` None for the preferred one.

    ``program`` is GlobalPlatformPro, when it is not where it is looked for. Until the end no other program gets between
    the built-in client's commands; GlobalPlatformPro sees to that itself.
    """
    if found := _program(kind, program):
        name = find_reader(reader, _readers())
        yield GpInstaller(found, name, access, list_readers=_readers)
        return
    with PcscTransport.open(reader) as transport, transport.transaction():
        yield BuiltinInstaller(transport, access)


def _readers() -> tuple[str, ...]:
    return tuple(reader.name for reader in list_readers())


def _program(kind: InstallerKind | None, program: Path | None) -> GlobalPlatformPro | None:
    """GlobalPlatformPro, or None for the built-in client; raises MissingDependencyError when it was asked for."""
    if kind is InstallerKind.BUILTIN:
        return None
    try:
        found = find_gp(program)
    except MissingDependencyError as error:
        if kind is InstallerKind.GP or program is not None:
            raise
        _log.info("the built-in client is used: %s", error)
        return None
    if not found.is_verified:
        _log.warning("GlobalPlatformPro %s has not been tried with this package", found.version_text)
    return found
