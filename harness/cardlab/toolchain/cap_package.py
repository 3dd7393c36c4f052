"""CAP files as they are: what cards are sent, whether or not anybody has the class files behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from cardlab.cap.container import cap_in
from cardlab.cap.reader import CapFile, read_cap
from cardlab.classfile.errors import FileFormatError
from cardlab.errors import HarnessError, IntegrityError, UsageError
from cardlab.toolchain.executable import Executable


@dataclass(frozen=True)
class CapPackage:
    """A CAP file without class files, or with others than those of its code, which ``why`` says."""

    cap: bytes
    why: str = ""

    @cached_property
    def content(self) -> CapFile:
        """What is in it; raises IntegrityError when it is no CAP file."""
        try:
            return read_cap(self.cap)
        except FileFormatError as error:
            raise IntegrityError(str(error), hint="name a CAP file") from error

    @property
    def aid(self) -> bytes:
        """The AID of its package."""
        return self.content.header.package.aid

    @property
    def data_block(self) -> bytes:
        """The load file data block: the components in loading order (JCVM 3.0.5, Table 6-3)."""
        return self.content.load_file()


Loadable: TypeAlias = Executable | CapPackage
"""A package that cards can be sent."""


def read_package(raw: bytes, libraries: Iterable[Loadable] = ()) -> Loadable:
    """Of a CAP file, with its class files if they are there and known to be those of its code.

    ``libraries`` are packages that it may import. IntegrityError when it is no CAP file.
    """
    aid = CapPackage(raw).aid
    try:
        return Executable.from_cap(raw, libraries=[one for one in libraries if isinstance(one, Executable)])
    except HarnessError as error:
        return CapPackage(raw, why=f"{aid.hex().upper()}: {error}")


def read_packages(files: Iterable[Path]) -> list[Loadable]:
    """Of CAP files, each of which may import those before it; UsageError when one cannot be read."""
    found: list[Loadable] = []
    for file in files:
        found.append(read_package_file(file, found))
    return found


def read_package_file(file: Path, libraries: Iterable[Loadable] = ()) -> Loadable:
    """What `read_package` makes of a file; errors name it. UsageError when it cannot be read."""
    try:
        return read_package(read_file(file), libraries)
    except IntegrityError as error:
        raise IntegrityError(f"{file}: {error}", hint=error.hint) from error


def read_file(file: Path) -> bytes:
    """The CAP file, also in a jar (`x.jar!name.cap` of several); UsageError when it cannot be read, and CapError."""
    place, name = split_archive(file)
    try:
        return cap_in(place.read_bytes(), name)
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}", hint="name a CAP file") from error


def split_archive(file: Path) -> tuple[Path, str]:
    """What is written ``x.jar!name.cap``, unless there is a file of that name: the archive, and the path in it."""
    place, mark, name = str(file).partition("!")
    return (Path(place), name) if mark and name and not file.exists() else (file, "")
